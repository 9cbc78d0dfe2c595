# SPDX-License-Identifier: MIT
UNIT_hypercalls/test_subop := hypercalls/subop.c
UNIT_hypercalls/test_ctlbitmap := hypercalls/ctlbitmap.c tests/fake/fake.c \
	tests/unit/hypercalls/guest_mem.c
UNIT_hypercalls/test_memory_op := $(addprefix hypercalls/memory,.c _reservation.c _exchange.c _info.c) \
	hypervisor/core/memory_exchange.c tests/unit/hypercalls/guest_mem.c \
	tests/fake/fake.c tests/fake/arena.c tests/fake/hv_alloc.c hypervisor/core/spinlock.c \
	$(addprefix hypervisor/mm/,frame.c frame_alloc.c frame_domain.c)
UNIT_CFLAGS_hypercalls/test_memory_op := -DDIRECTMAP_BASE=0UL -DM2P_RO_BASE=0UL
UNIT_hypercalls/test_grant_op := hypercalls/grant_table.c tests/fake/fake.c \
	tests/unit/hypercalls/guest_mem.c
UNIT_hypercalls/test_domctl := $(addprefix hypercalls/domctl/,domctl.c life.c info.c access.c) \
	hypervisor/core/rangeset.c hypervisor/core/spinlock.c tests/fake/fake.c tests/fake/hv_alloc.c \
	tests/unit/hypercalls/guest_mem.c
UNIT_hypercalls/test_cpuid_policy := $(addprefix hypervisor/x86/pv/,cpuid_policy.c cpuid_policy_list.c \
	cpuid_guest.c) tests/fake/hv_alloc.c tests/fake/fake.c
