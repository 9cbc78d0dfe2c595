# SPDX-License-Identifier: MIT
UNIT_x86/test_acpi := hypervisor/x86/acpi.c hypervisor/x86/acpi_s5.c
UNIT_CFLAGS_x86/test_acpi := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_paging_tables := hypervisor/x86/paging_tables.c
UNIT_CFLAGS_x86/test_paging_tables := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_traps := hypervisor/x86/traps.c tests/fake/fake.c hypervisor/core/spinlock.c
UNIT_CFLAGS_x86/test_traps := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_crash := hypervisor/x86/crash.c
UNIT_CFLAGS_x86/test_crash := -DDIRECTMAP_BASE=0UL
UNIT_x86/test_pv_state := hypervisor/x86/pv/state.c tests/fake/fake.c tests/fake/hv_alloc.c \
	hypervisor/core/spinlock.c
