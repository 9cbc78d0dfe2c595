/* SPDX-License-Identifier: MIT */
/*
 * Does a lost data segment end a domain that has no failsafe callback?
 *
 * Options: dom0_max_vcpus=2
 * Domain: dom0
 * Only: dais
 * Expect: crash
 *
 * A callback that was never registered is none, and there is no other way to say what happened.
 * (The oracle goes on at address 0, where a guest may have anything.)
 */
#include "kit.h"

#include <xen/sched.h>

#define SECOND 1000000000UL

static void nap(void)
{
	struct sched_poll op = { .timeout = clock_ns() + SECOND / 1000 };

	HC(sched_op, SCHEDOP_poll, &op);
}

static void other_main(void)
{
	for (;;) {
		nap();
	}
}

void guest_main(void)
{
	u64 end, *gdt = page_alloc();
	unsigned long frame = paging_mfn(gdt);

	kit_init();
	CHECK_EQ(HC(set_callbacks, trap_event, 0, trap_syscall), 0);
	gdt[3] = 0x00cff3000000ffffUL;
	CHECK_EQ(paging_protect(gdt), 0);
	CHECK_EQ(HC(set_gdt, &frame, 512), 0);
	CHECK_EQ(smp_start(1, other_main), 0);
	end = clock_ns() + SECOND;
	kprintf("EXPECT crash\n");
	__asm__ volatile("mov %0, %%es" : : "r"(3 * 8 + 3));
	CHECK_EQ(HC(update_descriptor, paging_maddr(&gdt[3]), 0), 0);
	while (clock_ns() < end) {
		nap();
	}
	verdict_fail("went on without a data segment");
}
