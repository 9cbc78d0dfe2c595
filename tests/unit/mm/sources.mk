# SPDX-License-Identifier: MIT
unit-mm := tests/fake/fake.c tests/fake/arena.c tests/unit/mm/machine.c hypervisor/core/spinlock.c \
	$(addprefix hypervisor/mm/,frame.c frame_alloc.c frame_domain.c pagetype.c pt_entry.c pt_hold.c \
	pt_relinquish.c pt_audit.c seg_desc.c)
unit-mm-tiny := -DPT_ENTRIES=2 -DPT_HOLE_FIRST=1 -DPT_HOLE_LAST=1
unit-mm-small := -DPT_ENTRIES=8 -DPT_HOLE_FIRST=6 -DPT_HOLE_LAST=7

UNIT_mm/test_frame_alloc := $(unit-mm) tests/fake/hv_alloc.c
UNIT_LIBS_mm/test_frame_alloc := -Wl,--wrap=heap_alloc
UNIT_mm/test_hv_alloc := $(unit-mm) hypervisor/mm/hv_alloc.c
UNIT_mm/test_pagetype := $(unit-mm) tests/fake/hv_alloc.c
UNIT_mm/test_pt_audit := $(unit-mm) tests/fake/hv_alloc.c
UNIT_mm/test_pt_preempt := $(unit-mm) tests/fake/hv_alloc.c
UNIT_CFLAGS_mm/test_pt_preempt := $(unit-mm-small)
UNIT_mm/test_pt_exhaustive := $(unit-mm) tests/fake/hv_alloc.c
UNIT_CFLAGS_mm/test_pt_exhaustive := $(unit-mm-tiny) -O2
UNIT_mm/test_pt_random := $(unit-mm) tests/fake/hv_alloc.c tests/unit/mm/pt_ops.c
UNIT_CFLAGS_mm/test_pt_random := $(unit-mm-small)
UNIT_mm/test_pt_threads := $(unit-mm) tests/fake/hv_alloc.c
UNIT_CFLAGS_mm/test_pt_threads := $(unit-mm-small)
UNIT_LIBS_mm/test_pt_threads := -lpthread
