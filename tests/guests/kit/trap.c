/* SPDX-License-Identifier: MIT */
/*
 * Owns the handler table and what the last caught trap left behind. Promises that a trap nobody
 * asked for ends the run with its vector, address and error code. No lock: tests that take traps
 * on a second vCPU do so one vCPU at a time.
 */
#include "trap.h"

#include <xen/callback.h>

#include "event.h"
#include "hypercall.h"
#include "user.h"
#include "verdict.h"

struct trap_frame trap_last;
u64 trap_last_cr2;
u64 trap_last_frame_rsp;

static trap_handler handlers[TRAP_COUNT];
static u8 armed_mask;

void trap_disarm(void)
{
	trap_armed = 0;
}

trap_handler trap_handle(unsigned int vector, trap_handler handler)
{
	trap_handler old = handlers[vector];

	handlers[vector] = handler;
	return old;
}

static bool trap_has_error(u64 vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21;
}

/* Rebuild the address of the frame's first word (rcx) from where the C frame ended up. */
static u64 trap_frame_base(const struct trap_frame *frame)
{
	u64 base = (u64)&frame->error - 2 * sizeof(u64);

	return trap_has_error(frame->vector) ? base : base + sizeof(u64);
}

static void trap_unexpected(const struct trap_frame *f)
{
	verdict_fail("unexpected entry %lu error 0x%lx at %p cs 0x%x rsp %p cr2 0x%lx",
		     (unsigned long)f->vector, (unsigned long)f->error, (void *)f->rip, f->cs,
		     (void *)f->rsp, (unsigned long)event_vcpu_info()->arch.cr2);
}

void trap_dispatch(struct trap_frame *frame)
{
	trap_handler handler = handlers[frame->vector];

	if (frame->vector == TRAP_SYSCALL && frame->rax == USER_EXIT) {
		user_resume(frame->rdi);
	}
	if (handler != NULL) {
		handler(frame);
		return;
	}
	if (frame->vector == TRAP_EVENT) {
		event_upcall(frame);
		return;
	}
	if (!trap_armed) {
		trap_unexpected(frame);
	}
	trap_last = *frame;
	trap_last_cr2 = event_vcpu_info()->arch.cr2;
	trap_last_frame_rsp = trap_frame_base(frame);
	event_vcpu_info()->evtchn_upcall_mask = armed_mask;
	trap_jump((int)frame->vector + 1);
}

void trap_set(u8 vector, u8 flags, u16 cs, unsigned long address)
{
	struct trap_info rows[2] = {
		{ .vector = vector, .flags = flags, .cs = cs, .address = address },
	};

	HC(set_trap_table, rows);
}

void trap_init(void)
{
	static struct trap_info rows[257];

	for (unsigned int v = 0; v < 256; v++) {
		rows[v].vector = (u8)v;
		rows[v].flags = v == 3 || v == 4 || v == 0x80 ? 3 : 0;
		rows[v].cs = FLAT_KERNEL_CS;
		rows[v].address = TRAP_STUB(v);
	}
	armed_mask = 1;
	HC(set_trap_table, rows);
	HC(set_callbacks, trap_event, trap_failsafe, trap_syscall);
}
