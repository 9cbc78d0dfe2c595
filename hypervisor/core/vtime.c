/* SPDX-License-Identifier: MIT */
/*
 * Guest time: vcpu_time_info and wallclock under their version protocols, and the vcpu timers that
 * raise VIRQ_TIMER. See dais/vtime.h for who may call what; there is no lock of its own. Whoever
 * writes the wallclock holds d->lock, so that what was read last is also written last.
 *
 * The pages written here belong to a guest, which may scribble on them. What is read back from them
 * (a version to increment, a stamp to compare) decides nothing but what the same guest reads later.
 */
#include <dais/vtime.h>
#include <dais/barrier.h>
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/time.h>
#include <xen/errno.h>

#define VTIME_PERIOD_MAX	(1ull << 53)	/* ns: a century in which sums cannot overflow */
#define VTIME_SENSIBLE_MAX	(1ll << 50)	/* ns: how far ahead a guest may mean */
#define VTIME_SENSELESS		100000000ull	/* ns: when one fires that it cannot mean */

/* --- clocks --- */

/* Odd while the fields change, as readers expect. */
static uint32_t vtime_version_begin(uint32_t *version)
{
	uint32_t v = READ_ONCE(*version) | 1;

	WRITE_ONCE(*version, v);
	smp_wmb();
	return v;
}

static void vtime_version_end(uint32_t *version, uint32_t v)
{
	smp_wmb();
	WRITE_ONCE(*version, v + 1);
}

void vtime_fill(struct vcpu_time_info *t, bool stable)
{
	struct time_scale s;
	uint32_t v;

	time_get_scale(&s);
	v = vtime_version_begin(&t->version);
	WRITE_ONCE(t->tsc_timestamp, s.stamp);
	WRITE_ONCE(t->system_time, s.base);
	WRITE_ONCE(t->tsc_to_system_mul, s.mul);
	WRITE_ONCE(t->tsc_shift, s.shift);
	WRITE_ONCE(t->flags, stable ? XEN_PVCLOCK_TSC_STABLE_BIT : 0);
	vtime_version_end(&t->version, v);
}

bool vtime_update(struct vcpu *v, bool force)
{
	struct vcpu_time_info *t = &v->info->time;
	struct time_scale s;

	time_get_scale(&s);
	if (!force && READ_ONCE(t->tsc_timestamp) == s.stamp && READ_ONCE(t->system_time) == s.base
	    && READ_ONCE(t->tsc_to_system_mul) == s.mul) {
		return false;
	}
	vtime_fill(t, time_is_stable());
	return true;
}

void vtime_update_wallclock(struct domain *d)
{
	struct shared_info *si = d->shared_info;
	uint64_t sec;
	uint32_t nsec, v;

	spin_lock(&d->lock);
	time_get_boot_epoch(&sec, &nsec);
	sec += (uint64_t)atomic_read(&d->time_offset_seconds);
	v = vtime_version_begin(&si->wc_version);
	WRITE_ONCE(si->wc_sec, (uint32_t)sec);
	WRITE_ONCE(si->wc_sec_hi, (uint32_t)(sec >> 32));
	WRITE_ONCE(si->wc_nsec, nsec);
	vtime_version_end(&si->wc_version, v);
	spin_unlock(&d->lock);
}

/* --- the one-shot timer --- */

static void vtime_fire(void *data)
{
	virq_send_vcpu(data, VIRQ_TIMER);
}

int vtime_set_singleshot(struct vcpu *v, uint64_t abs_ns)
{
	if (abs_ns <= time_now_ns()) {
		timer_stop(&v->singleshot);
		virq_send_vcpu(v, VIRQ_TIMER);
		return 0;
	}
	timer_move(&v->singleshot, cpu_id());
	timer_set(&v->singleshot, abs_ns);
	return 0;
}

int vtime_set_timer_op(struct vcpu *v, int64_t abs_ns)
{
	uint64_t now = time_now_ns();

	if (abs_ns == 0) {
		timer_stop(&v->singleshot);
		return 0;
	}
	/* Xen's answer to guests that overflowed on the way: soon, but not now and now again. */
	if (abs_ns < 0 || abs_ns - (int64_t)now > VTIME_SENSIBLE_MAX) {
		abs_ns = (int64_t)(now + VTIME_SENSELESS);
	}
	return vtime_set_singleshot(v, (uint64_t)abs_ns);
}

/* --- the periodic timer --- */

static void vtime_tick(void *data)
{
	struct vcpu *v = data;
	uint64_t period = atomic_read(&v->periodic_ns), now = time_now_ns(), next;

	virq_send_vcpu(v, VIRQ_TIMER);
	/* Re-armed from vtime_switch_in() if its vcpu does not run. */
	if (period && atomic_read(&v->running)) {
		next = v->periodic.expires + period;
		timer_set(&v->periodic, next > now ? next : now + period);
	}
}

void vtime_switch_in(struct vcpu *v)
{
	uint64_t period = atomic_read(&v->periodic_ns), now, next = v->periodic.expires;

	if (likely(!period)) {
		return;
	}
	now = time_now_ns();
	timer_move(&v->periodic, cpu_id());
	if (next <= now) {
		virq_send_vcpu(v, VIRQ_TIMER);
		next = now + period;
	}
	timer_set(&v->periodic, next);
}

void vtime_switch_out(struct vcpu *v)
{
	if (unlikely(atomic_read(&v->periodic_ns))) {
		timer_stop(&v->periodic);
	}
}

int vtime_set_periodic(struct vcpu *v, uint64_t period_ns)
{
	if (period_ns < VTIME_PERIOD_MIN || period_ns > VTIME_PERIOD_MAX) {
		return -XEN_EINVAL;
	}
	atomic_set(&v->periodic_ns, period_ns);
	timer_stop(&v->periodic);
	timer_move(&v->periodic, cpu_id());
	if (v == current_vcpu()) {
		timer_set(&v->periodic, time_now_ns() + period_ns);
	} else {
		v->periodic.expires = time_now_ns() + period_ns;
	}
	return 0;
}

void vtime_stop_periodic(struct vcpu *v)
{
	atomic_set(&v->periodic_ns, 0);
	timer_stop(&v->periodic);
}

/* --- life cycle --- */

void vtime_vcpu_init(struct vcpu *v)
{
	timer_init(&v->singleshot, vtime_fire, v, v->cpu);
	timer_init(&v->periodic, vtime_tick, v, v->cpu);
}
