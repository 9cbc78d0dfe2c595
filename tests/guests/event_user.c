/* SPDX-License-Identifier: MIT */
/*
 * How does an event interrupt user mode?
 *
 * A timer fires while user mode spins without making a system call. The upcall lands on the
 * registered kernel stack with the frame of user mode: CS RPL 3, mask 0. Registers survive the
 * round trip, user mode goes on where it was, and its GS base is back.
 */
#include "kit.h"

#include <xen/vcpu.h>

static volatile unsigned int hits;
static struct trap_frame seen;
static volatile u64 seen_base;

static void on_event(struct trap_frame *frame)
{
	if (hits < 2) {	/* what user mode waits for; a slow machine may meet more on the way out */
		seen = *frame;
		seen_base = (u64)&frame->error - sizeof(u64);
	}
	event_upcall(frame);
	hits++;
}

/* Spin until two events have passed, with known values in registers; 0 when all is as it was. */
static long user_spin(long arg)
{
	register u64 r12 __asm__("r12") = 0x1212;
	register u64 r8 __asm__("r8") = 0x0808;
	register u64 r11 __asm__("r11") = 0x1111;
	u64 rcx = 0xcccc, gs = 0;

	__asm__ volatile("1: cmpl $2, %[hits]\n"
			 "jb 1b\n"
			 "movq %%gs:0, %[gs]\n"
			 : "+r"(r12), "+r"(r8), "+r"(r11), "+c"(rcx), [gs] "=r"(gs)
			 : [hits] "m"(hits)
			 : "memory");
	return (r12 ^ 0x1212) | (r8 ^ 0x0808) | (r11 ^ 0x1111) | (rcx ^ 0xcccc) |
	       (gs ^ (u64)arg);
}

void guest_main(void)
{
	static u64 kernel_word = 1, user_word = 77;
	struct vcpu_set_periodic_timer period = { .period_ns = 10000000 };

	kit_init();
	user_init();
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_KERNEL, &kernel_word), 0);
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_USER, &user_word), 0);
	trap_handle(TRAP_EVENT, on_event);
	CHECK(event_bind_virq(VIRQ_TIMER, 0) > 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_set_periodic_timer, 0, &period), 0);
	hits = 0;
	CHECK_EQ(user_call(user_spin, 77), 0);
	event_disable();
	CHECK_EQ(seen.cs, FLAT_USER_CS);
	CHECK_EQ(seen.ss, FLAT_USER_SS);
	CHECK_EQ(seen.mask, 0);
	CHECK_EQ(seen.rflags & 0x3200, 0x200);
	CHECK_EQ(seen_base, (u64)user_kernel_stack_top - 7 * 8);
	verdict();
}
