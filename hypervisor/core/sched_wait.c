/* SPDX-License-Identifier: MIT */
/*
 * Giving up the CPU and getting it back: block, poll, yield, pause, kick.
 *
 * No wake-up is lost because both sides write before they read, with a full barrier between: the
 * waiter sets its flag in pause_flags and then looks for events; the sender makes the event visible
 * and then looks at the flag. Whoever clears VCPU_POLLING takes the vcpu out of its domain's count
 * of pollers.
 */
#include "sched_internal.h"
#include <dais/barrier.h>
#include <dais/domain.h>
#include <dais/smp.h>
#include <dais/softirq.h>
#include <xen/errno.h>

#define POLL_PORTS_MAX	128u

/* --- waking --- */

static inline bool waiting(const struct vcpu *v)
{
	return atomic_read(&v->pause_flags) & (VCPU_BLOCKED | VCPU_POLLING);
}

/* Clear the reasons to wait; true when there was one. */
static bool wait_end(struct vcpu *v)
{
	unsigned long old;

	if (!waiting(v)) {
		return false;
	}
	old = atomic_fetch_and(&v->pause_flags, ~(VCPU_BLOCKED | VCPU_POLLING));
	if (old & VCPU_POLLING) {
		atomic_dec(&v->domain->evtchn.pollers);
	}
	return old & (VCPU_BLOCKED | VCPU_POLLING);
}

void sched_vcpu_unblock(struct vcpu *v)
{
	if (wait_end(v)) {
		sched_vcpu_wake(v);
	}
}

/* On this CPU the way out looks for upcalls anyway. */
static inline void kick_running(struct vcpu *v)
{
	unsigned int cpu = atomic_read(&v->cpu);

	if (cpu != cpu_id() && atomic_read(&v->running)) {
		smp_send_event_check(cpu);
	}
}

static void __noinline kick_waiting(struct vcpu *v)
{
	sched_vcpu_unblock(v);
	kick_running(v);
}

/* Inlined below. */
__always_inline void vcpu_kick(struct vcpu *v)
{
	if (unlikely(waiting(v))) {
		kick_waiting(v);
	} else {
		kick_running(v);
	}
}

void vcpu_mark_events_pending(struct vcpu *v)
{
	/* Already pending: whoever made it so has kicked, and the guest clears it before it looks
	 * at its ports. */
	if (!atomic_xchg(&v->info->evtchn_upcall_pending, 1)) {
		vcpu_kick(v);
	}
}

/* --- waiting --- */

int sched_block(void)
{
	struct vcpu *v = current_vcpu();

	atomic_set(&v->info->evtchn_upcall_mask, 0);
	atomic_or(&v->pause_flags, VCPU_BLOCKED);
	if (vcpu_upcall_due(v)) {
		wait_end(v);
	} else {
		softirq_raise(SOFTIRQ_SCHEDULE);
	}
	return 0;
}

void sched_poll_timeout(void *data)
{
	sched_vcpu_unblock(data);
}

int sched_poll(const uint32_t *ports, unsigned int nr, uint64_t timeout_ns)
{
	struct vcpu *v = current_vcpu();
	unsigned int i;
	int rc;

	if (nr > POLL_PORTS_MAX) {
		return -XEN_EINVAL;
	}
	atomic_set(&v->poll_evtchn, -1);
	atomic_inc(&v->domain->evtchn.pollers);
	atomic_or(&v->pause_flags, VCPU_POLLING);

	rc = vcpu_upcall_due(v);	/* 1: there is something; -EINVAL: not a port */
	for (i = 0; rc == 0 && i < nr; i++) {
		rc = evtchn_port_is_pending(v->domain, ports[i]);
	}
	if (rc) {
		wait_end(v);
		return rc < 0 ? rc : 0;
	}
	if (nr == 1) {
		/* Known valid, hence small; a sender that still sees -1 wakes us for nothing. */
		atomic_set(&v->poll_evtchn, (int32_t)ports[0]);
	}
	if (timeout_ns) {
		timer_move(&v->poll_timer, cpu_id());
		timer_set(&v->poll_timer, timeout_ns);
	} else {
		timer_stop(&v->poll_timer);
	}
	softirq_raise(SOFTIRQ_SCHEDULE);
	return 0;
}

int sched_yield(void)
{
	struct sched_cpu *sc = &this_cpu()->sched;

	if (atomic_read(&sc->nr)) {
		current_vcpu()->sched.yielded = true;
		softirq_raise(SOFTIRQ_SCHEDULE);
	}
	return 0;
}

/* --- pausing --- */

void vcpu_pause_nosync(struct vcpu *v)
{
	atomic_inc(&v->pause_count);
	sched_vcpu_sleep_nosync(v);
}

void vcpu_wait_stopped(const struct vcpu *v)
{
	while (v != current_vcpu() && !vcpu_runnable(v) && atomic_read_acquire(&v->running)) {
		cpu_relax();
	}
}

void vcpu_pause(struct vcpu *v)
{
	vcpu_pause_nosync(v);
	vcpu_wait_stopped(v);
}

void vcpu_unpause(struct vcpu *v)
{
	if (atomic_dec(&v->pause_count) == 0) {
		sched_vcpu_wake(v);
	}
}
