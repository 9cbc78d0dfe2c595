# SPDX-License-Identifier: MIT
#
#	make check     headers stand alone, includes point down, licences, documents (check.py says more)
#	make size      lines of code of what runs in ring 0

O ?= build

check: export CHECK_COMPILERS = gcc clang
check: export CHECK_HV_FLAGS = $(HV_CPPFLAGS) $(HV_CFLAGS)
check: export CHECK_GUEST_FLAGS = $(GUEST_CFLAGS)
check: export CHECK_HOST_FLAGS = $(UNIT_CFLAGS) -D_GNU_SOURCE -Idom0-tools -Iboot
check: export CHECK_TOOLS_FLAGS = $(filter-out -MMD -MP,$(TOOLS_CFLAGS))

.PHONY: check size
check: $(HYPERCALLS_GEN_HDRS)
	@O=$(O) tests/check/check.py

# Blank lines and comments do not count, nor do the headers that describe the interface.
SIZE_MAX := 15000
size:
	@mkdir -p $(O)
	@find boot hypercalls hypervisor -name '*.[chS]' ! -path 'hypercalls/include/*' >$(O)/size.list
	@cloc --quiet --csv --list-file=$(O)/size.list | awk -F, -v max=$(SIZE_MAX) ' \
		$$2 ~ /^(C|C\/C\+\+ Header|Assembly|SUM)$$/ { printf "%-16s %4d files %6d lines\n", $$2, $$1, $$5 } \
		$$2 == "SUM" { n = $$5 } \
		END { printf "ring 0: %d lines of code, ", n; \
			if (n > max) { printf "%d over the aim of %d\n", n - max, max } \
			else { printf "within the aim of %d\n", max } }'
