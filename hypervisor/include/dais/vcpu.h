/* SPDX-License-Identifier: MIT */
/*
 * A virtual CPU: its registers, what it is waiting for, its place in the scheduler, its event state, and (in
 * struct pv_vcpu) what the PV interface keeps for it.
 *
 * Field tags: [I] set at creation; [c] only touched by the CPU the vcpu runs on, or while it is descheduled
 * for certain (vcpu_pause); [s] the scheduler's lock; [a] atomic; [d] domain lock.
 */
#ifndef DAIS_VCPU_H
#define DAIS_VCPU_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/hypercall.h>
#include <dais/regs.h>
#include <dais/sched.h>
#include <dais/spinlock.h>
#include <dais/timer.h>
#include <dais/pv.h>
#include <xen/arch-x86/xen.h>
#include <xen/vcpu.h>
#include <xen/xen.h>

struct domain;

/* Reasons for which a vcpu does not run, beside the pause count. [a] */
#define VCPU_DOWN	(1UL << 0)	/* not brought up yet, or VCPUOP_down */
#define VCPU_BLOCKED	(1UL << 1)	/* SCHEDOP_block: until an event is pending and unmasked */
#define VCPU_POLLING	(1UL << 2)	/* SCHEDOP_poll: until one of poll_ports is pending */

#define VCPU_WORK_NMI		1U	/* an NMI waits for delivery */
#define VCPU_WORK_FAILSAFE	2U	/* a data selector could not be reloaded */

struct vcpu {
	void *hv_stack;			/* [c] stack top of the CPU it runs on; just below regs for entry.S */
	struct regs regs;		/* [c] entry.S saves here; its end is 16-byte aligned for TSS.RSP0 */
	struct vcpu_info *info;		/* embedded in shared_info or registered page; never NULL */
	uint32_t exit_work;		/* [a] VCPU_WORK_*: look at this before running the guest */
	uint32_t kernel_mode;		/* [c] 1: the guest runs its kernel, 0: its user mode */
	/* --- end of what entry.S knows --- */
	struct domain *domain;		/* [I] */
	uint32_t id;			/* [I] */
	unsigned long pause_flags;	/* [a] VCPU_* */
	uint32_t pause_count;		/* [a] */
	bool initialised;		/* [d] context has been set */
	bool is_idle;			/* [I] */
	uint32_t cpu;			/* [s] where it runs or last ran */
	bool running;			/* [s] */
	struct sched_vcpu sched;	/* [s] */

	struct vcpu_info *info_private;	/* [I] for vcpus without a slot in shared_info */
	struct frame *info_frame;	/* page held by register_vcpu_info, or NULL */

	unsigned long runstate_va;	/* [c] guest address of vcpu_runstate_info, 0 = none */
	unsigned long time_va;		/* [c] guest address of a second vcpu_time_info, 0 = none */
	bool runstate_stale;		/* [c] update was put off: user page tables were loaded */
	struct vcpu_runstate_info runstate; /* [s] times in ns of system time */

	struct timer singleshot;	/* VCPUOP_set_singleshot_timer and set_timer_op */
	struct timer periodic;		/* VCPUOP_set_periodic_timer */
	uint64_t periodic_ns;
	struct timer poll_timer;
	uint32_t virq_port[24];		/* per-vcpu and global virqs; 0 = unbound; evtchn lock */
	int32_t poll_evtchn;		/* port polled, -1 several, 0 none [a] */
	struct fifo_vcpu *fifo;		/* FIFO event queues; NULL until init_control */

	struct multicall_state multicall; /* [c] */
	struct pv_vcpu pv;
};

/* Wake, pause and count: see sched.h for the scheduler's side. */
void vcpu_pause(struct vcpu *v);	/* returns when it runs nowhere */
void vcpu_pause_nosync(struct vcpu *v);
void vcpu_wait_stopped(const struct vcpu *v);	/* after that; not for current */
void vcpu_unpause(struct vcpu *v);
void vcpu_kick(struct vcpu *v);		/* make it notice a new pending event */
void vcpu_mark_events_pending(struct vcpu *v);	/* set upcall_pending, then kick */

static inline bool vcpu_runnable(const struct vcpu *v)
{
	return !atomic_read(&v->pause_flags) && !atomic_read(&v->pause_count);
}

static inline bool vcpu_is_up(const struct vcpu *v)
{
	return !(atomic_read(&v->pause_flags) & VCPU_DOWN);
}

/* True when an upcall is pending and not masked. */
static inline bool vcpu_upcall_due(const struct vcpu *v)
{
	return atomic_read(&v->info->evtchn_upcall_pending) && !atomic_read(&v->info->evtchn_upcall_mask);
}

#endif
