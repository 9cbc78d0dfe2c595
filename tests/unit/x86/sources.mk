# SPDX-License-Identifier: MIT
UNIT_x86/test_acpi := hypervisor/x86/acpi.c hypervisor/x86/acpi_s5.c
UNIT_CFLAGS_x86/test_acpi := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_paging_tables := hypervisor/x86/paging_tables.c
UNIT_CFLAGS_x86/test_paging_tables := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_panic := hypervisor/x86/crash.c
UNIT_CFLAGS_x86/test_panic := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_dom0_params := hypervisor/core/cmdline.c
# The addresses and the processor are the real ones, not those of tests/fake.
UNIT_x86/test_paging := hypervisor/x86/paging.c hypervisor/x86/paging_tables.c
UNIT_CFLAGS_x86/test_paging := -include hypervisor/include/dais/directmap.h -include hypervisor/include/dais/x86.h
UNIT_x86/test_reset := hypervisor/x86/reset.c tests/fake/fake.c
UNIT_CFLAGS_x86/test_reset := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_traps := hypervisor/x86/traps.c tests/fake/fake.c hypervisor/core/spinlock.c
UNIT_CFLAGS_x86/test_traps := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_crash := hypervisor/x86/crash.c
UNIT_CFLAGS_x86/test_crash := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_pv_state := hypervisor/x86/pv/state.c tests/fake/fake.c tests/fake/hv_alloc.c \
	hypervisor/core/spinlock.c
