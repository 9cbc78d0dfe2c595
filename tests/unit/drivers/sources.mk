# SPDX-License-Identifier: MIT
UNIT_drivers/test_serial := tests/fake/fake.c tests/unit/core/fake_time.c hypervisor/drivers/serial.c \
	$(addprefix hypervisor/core/,spinlock.c softirq.c timer.c)
