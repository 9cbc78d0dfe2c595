# SPDX-License-Identifier: MIT
# Which sources each test of hypervisor/lib is built from.

UNIT_lib/test_string := hypervisor/lib/string.c hypervisor/lib/strext.c hypervisor/lib/printf.c
UNIT_CFLAGS_lib/test_string := -include tests/unit/lib/host_names.h
UNIT_lib/test_printf := hypervisor/lib/printf.c hypervisor/lib/strext.c
UNIT_CFLAGS_lib/test_printf := -include tests/unit/lib/host_printf.h
UNIT_lib/test_bitmap := hypervisor/lib/bitmap.c
UNIT_lib/test_list :=
UNIT_lib/test_rangeset := hypervisor/lib/rangeset.c
