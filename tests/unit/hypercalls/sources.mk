# SPDX-License-Identifier: MIT
UNIT_hypercalls/test_subop := hypercalls/subop.c
UNIT_hypercalls/test_ctlbitmap := hypercalls/ctlbitmap.c hypervisor/lib/bitmap.c tests/fake/fake.c \
	tests/unit/hypercalls/guest_mem.c
UNIT_hypercalls/test_memory_op := hypercalls/memory.c hypercalls/memory_reservation.c \
	hypercalls/memory_exchange.c hypervisor/core/memory_exchange.c tests/unit/hypercalls/guest_mem.c \
	tests/fake/fake.c tests/fake/arena.c tests/fake/hv_alloc.c hypervisor/core/spinlock.c \
	$(addprefix hypervisor/mm/,frame.c frame_alloc.c frame_domain.c)
