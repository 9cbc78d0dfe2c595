# SPDX-License-Identifier: MIT
unit-core-base := tests/fake/fake.c tests/unit/core/fake_time.c hypervisor/core/spinlock.c \
	hypervisor/core/softirq.c hypervisor/core/timer.c
unit-core-sched := $(addprefix hypervisor/core/,sched.c sched_queue.c sched_place.c sched_cap.c sched_wait.c \
	sched_params.c cpupool.c)

UNIT_core/test_timer := $(unit-core-base)
UNIT_core/test_sched := $(unit-core-base) $(unit-core-sched) tests/unit/core/sim.c
UNIT_core/test_time_math := hypervisor/core/time_math.c
