# SPDX-License-Identifier: MIT
#
# Dais. `make help` lists what can be made; README.md says how to start.

O ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
V ?= 0

.PHONY: all help clean distclean packages defconfig menuconfig style FORCE

# A machine without a compiler has nothing yet: packages first, then the same again.
ifeq ($(shell command -v $(firstword $(CC))),)
ifdef DAIS_HAS_PACKAGES
$(error there is no C compiler '$(firstword $(CC))': install it, or leave CC out)
endif
$(or $(MAKECMDGOALS),all): bare-machine
	@$(MAKE) --no-print-directory DAIS_HAS_PACKAGES=1 $@
.PHONY: bare-machine $(MAKECMDGOALS)
bare-machine:
	@tests/install-packages.sh
else

all: $(O)/dais $(O)/dais.gz

# Settings: $(O)/config in Kconfig's own format, defaults when there is none.
-include $(O)/config
CONFIG_NR_CPUS ?= 64
ifneq ($(wildcard $(O)/config),)
CONFIG_DEBUG_KEYS ?= n
CONFIG_RETPOLINE ?= n
else
CONFIG_RETPOLINE ?= y
CONFIG_DEBUG_KEYS ?= y
endif

include hypercalls/hypercalls.mk
include hypervisor/hypervisor.mk
include hypervisor/lib/lib.mk
include hypervisor/mm/mm.mk
include hypervisor/core/console.mk
include hypervisor/x86/platform.mk
include hypervisor/drivers/drivers.mk
include hypervisor/debug/debug.mk
include boot/boot.mk
include dom0-tools/dom0-tools.mk
include dom0-tools/install.mk
include tests/abi/abi.mk
include tests/unit/unit.mk
include tests/guests/guests.mk
include tests/hostile/hostile.mk
include tests/system/system.mk
include tests/fuzz/fuzz.mk
include tests/tools/tools.mk
include tests/bench/bench.mk
include tests/check/check.mk
include tests/test.mk

HV_COMPILE = $(CC) $(HV_CPPFLAGS) $(HV_CFLAGS) -MMD -MP -c

# Changes when the commands or the list of objects do, and then everything is built again.
HV_HOW := $(HV_COMPILE) $(HV_ASFLAGS) $(HV_LDFLAGS) $(HV_OBJS)
$(O)/gen/how: FORCE
	@mkdir -p $(@D)
	@echo '$(HV_HOW)' | cmp -s - $@ || echo '$(HV_HOW)' >$@
$(filter-out %_all.init.o,$(HV_OBJS)) $(BOOT_OBJS) $(O)/gen/dais.pass1: $(O)/gen/how

$(LIB_DECODERS):
	@echo "$@ is not here: install it with 'make packages'"; exit 1

$(O)/gen/%.o: $(O)/gen/%.c | $(HYPERCALLS_GEN_HDRS)
	@echo "  CC      $@"
	@$(HV_COMPILE) -o $@ $<

$(O)/%.init.o: %.c | $(HYPERCALLS_GEN_HDRS)
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(HV_COMPILE) -o $@ $<

$(O)/%.o: %.c | $(HYPERCALLS_GEN_HDRS)
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(HV_COMPILE) -o $@ $<

$(O)/%.o: %.S
	@mkdir -p $(@D)
	@echo "  AS      $@"
	@$(CC) $(filter-out -include %/hidden.h,$(HV_CPPFLAGS)) $(HV_ASFLAGS) -MMD -MP -c -o $@ $<

-include $(HV_OBJS:.o=.d) $(BOOT_OBJS:.o=.d)

# ---- for people ----

define HELP
  make                  the hypervisor: $(O)/dais with symbols, $(O)/dais.gz for GRUB
  make run              boot it in QEMU to a dom0 shell with a demo guest; Ctrl-a x leaves
  make test             every check, without a terminal

  make iso              an ISO with GRUB, Dais, dom0 and the demo guest
  make tools            dom0-tools: $(O)/dom0-tools/dais
  make install          onto this machine, see docs/install.md  prefix=/usr DESTDIR= XL=y
  make packages         install the Debian packages of tests/packages.txt (as root)
  make defconfig        settings: write $(O)/config with the defaults
  make menuconfig       settings: choose
  make clean            remove what was built; make distclean: also settings and downloads

  make check            headers, dependencies, licences, documents
  make abi-test         our interface headers against Debian's libxen-dev
  make unit-test        rooms on the host, with sanitizers      UNIT=mm
  make tools-test       our tools as programs of the host       TOOLS_CASES=bad
  make fuzz-smoke       parsers and page types under libFuzzer  FUZZ=elf FUZZ_TIME=60
  make guest-test       small kernels as dom0                   HV=xen GUESTS_ONLY="evtchn time"
  make guest-domu-test  the same as domU
  make guest-bochs-test on a second machine with other processors
  make unseen-test      what a guest's page tables show of the hypervisor
  make hostile-test     hostile and random guests               HOSTILE_FLAGS="--seed 7 fuzz"
  make system-test      Debian's dom0 and guests                HV=xen CASES='basic' JOBS=1
  make run-check        the boot of `make run`, without a terminal
  make test-oracle      guest and system tests on Debian's Xen
  make soak             the long tests
  make bench            costs in instructions, beside Debian's Xen
  make bench-tools      what our tools cost, beside xl         HV=xen
  make bench-workloads  forks, disks, network, guests' lives, beside Debian's Xen
  make size             lines of code in ring 0
  make style            format what you changed                 FILES=...

  O=build               where everything goes      CC=gcc        or clang
  HV=dais               or xen, the oracle         FIRMWARE=bios or uefi
  CPUS=2 MEM=4096 (MB)  CPU=qemu64,... MACHINE=q35 the machine of `make run` and `make iso`
  TOOLS=dais            dom0's tools: dais (ours), xl (Debian's), min (none)
endef
help: export HELP := $(HELP)
help:
	@echo "$$HELP"

packages:
	@tests/install-packages.sh

defconfig:
	@mkdir -p $(O)
	@KCONFIG_CONFIG=$(O)/config kconfig-conf --alldefconfig Kconfig >/dev/null
	@echo "$(O)/config: the defaults"
menuconfig:
	@mkdir -p $(O)
	@KCONFIG_CONFIG=$(O)/config kconfig-mconf Kconfig

FILES ?= $(shell git diff --name-only --diff-filter=d HEAD -- '*.c' '*.h')
style:
	@$(if $(FILES),clang-format -i $(FILES) && echo "formatted: $(FILES)",echo "nothing has changed")

clean:
	rm -rf $(addprefix $(O)/,dais dais.gz gen boot hypercalls hypervisor dom0-tools tests guests \
		bench test clang settings size.list)

distclean: clean
	rm -rf $(addprefix $(O)/,config config.old system oracle)
	@rmdir $(O) 2>/dev/null || true

endif
