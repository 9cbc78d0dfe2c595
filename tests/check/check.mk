# SPDX-License-Identifier: MIT
#
#	make check     headers stand alone, includes point down, licences, documents (check.py says more)
#	make size      lines of code of what runs in ring 0

O ?= build

check: export CHECK_COMPILERS = gcc clang
check: export CHECK_HV_FLAGS = $(HV_CPPFLAGS) $(filter-out $(HV_RETPOLINE),$(HV_CFLAGS))
check: export CHECK_GUEST_FLAGS = $(GUEST_CFLAGS)
check: export CHECK_HOST_FLAGS = $(UNIT_CFLAGS) -D_GNU_SOURCE -Idom0-tools -Iboot
check: export CHECK_TOOLS_FLAGS = $(filter-out -MMD -MP,$(TOOLS_CFLAGS))

.PHONY: check size
check: $(HYPERCALLS_GEN_HDRS)
	@O=$(O) tests/check/check.py

# Blank lines and comments do not count, nor do the headers that describe the interface. What is
# in objects named *.init.o is freed once dom0 runs. The aim is for C and assembly.
SIZE_MAX := 20000
size-init = $(patsubst $(O)/%.init.o,%,$(filter %.init.o,$(HV_OBJS) $(BOOT_OBJS)))
size:
	@mkdir -p $(O)
	@find boot hypercalls hypervisor -name '*.[chS]' ! -path 'hypercalls/include/*' >$(O)/size.list
	@cloc --quiet --csv --by-file --list-file=$(O)/size.list | awk -F, -v max=$(SIZE_MAX) \
		-v init='$(size-init)' -f tests/check/size.awk
