# SPDX-License-Identifier: MIT
#
# Dais. `make help` lists what can be made; README.md says how to start.

O ?= build
CC ?= gcc
V ?= 0

.PHONY: all help clean test check packages defconfig menuconfig FORCE
all: $(O)/dais $(O)/dais.gz

# Settings: $(O)/config in Kconfig's own format, defaults when there is none.
-include $(O)/config
CONFIG_NR_CPUS ?= 64
ifneq ($(wildcard $(O)/config),)
CONFIG_DEBUG_KEYS ?= n
else
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
-include dom0-tools/dom0-tools.mk
include tests/abi/abi.mk
include tests/unit/unit.mk
include tests/guests/guests.mk
include tests/system/system.mk
-include tests/fuzz/fuzz.mk
-include tests/bench/bench.mk

HV_COMPILE = $(CC) $(HV_CPPFLAGS) $(HV_CFLAGS) -MMD -MP -c

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

clean:
	rm -rf $(O)/dais $(O)/dais.gz $(O)/boot $(O)/hypervisor $(O)/hypercalls $(O)/gen $(O)/tests $(O)/guests
