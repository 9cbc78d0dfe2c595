# SPDX-License-Identifier: MIT
unit-core-base := tests/fake/fake.c tests/unit/core/fake_time.c hypervisor/core/spinlock.c \
	hypervisor/core/softirq.c hypervisor/core/timer.c
unit-core-sched := $(addprefix hypervisor/core/,sched.c sched_queue.c sched_place.c sched_cap.c sched_wait.c \
	cpupool.c)

UNIT_core/test_timer := $(unit-core-base)
UNIT_core/test_domain_run := $(unit-core-base) hypervisor/core/domain_run.c
UNIT_core/test_sched := $(unit-core-base) $(unit-core-sched) tests/unit/core/sim.c
UNIT_LIBS_core/test_sched := -Wl,--wrap=sched_choose
UNIT_core/test_sched_wake := $(unit-core-base) $(unit-core-sched) tests/unit/core/sim.c
UNIT_LIBS_core/test_sched_wake := -Wl,--wrap=spin_trylock
UNIT_core/test_spinlock := tests/fake/fake.c hypervisor/core/spinlock.c
UNIT_LIBS_core/test_spinlock := -lpthread
UNIT_core/test_time_math := hypervisor/core/time_math.c

unit-core-mm := tests/fake/fake.c tests/fake/arena.c tests/fake/hv_alloc.c hypervisor/core/spinlock.c \
	$(addprefix hypervisor/mm/,frame.c frame_alloc.c frame_domain.c pagetype.c pt_entry.c pt_hold.c \
	pt_relinquish.c seg_desc.c)
unit-core-evtchn := $(addprefix hypervisor/core/,evtchn.c evtchn_close.c evtchn_2l.c evtchn_fifo.c virq.c) \
	tests/unit/core/evtchn_world.c

UNIT_core/test_evtchn := $(unit-core-mm) $(unit-core-evtchn)
UNIT_core/test_evtchn_fifo := $(unit-core-mm) $(unit-core-evtchn)
UNIT_core/test_evtchn_storm := $(unit-core-mm) $(unit-core-evtchn)
UNIT_LIBS_core/test_evtchn_storm := -lpthread
UNIT_core/test_cmdline := hypervisor/core/cmdline.c

UNIT_core/test_grant := $(unit-core-mm) $(unit-core-evtchn) \
	$(addprefix hypervisor/core/,grant_table.c grant_version.c grant_pin.c grant_map.c grant_copy.c maptrack.c)

UNIT_core/test_sched_threads := $(filter-out tests/unit/core/fake_time.c,$(unit-core-base)) $(unit-core-sched)
UNIT_LIBS_core/test_sched_threads := -lpthread -Wl,--wrap=irq_restore,--wrap=spin_trylock

UNIT_core/test_sched_dump := tests/fake/fake.c tests/unit/core/fake_time.c
UNIT_LIBS_core/test_sched_dump := -Wl,--wrap=printk

UNIT_core/test_memory_map := tests/fake/fake.c tests/fake/hv_alloc.c $(addprefix hypervisor/core/,memory_map.c \
	rangeset.c spinlock.c)
UNIT_core/test_rangeset := hypervisor/core/rangeset.c
UNIT_core/test_vtime := $(unit-core-base) hypervisor/core/vtime.c
UNIT_core/test_console := $(addprefix hypervisor/core/,console.c printk.c spinlock.c)
UNIT_LIBS_core/test_console := -Wl,--wrap=sched_yield
UNIT_LIBS_core/test_vtime := -lpthread
