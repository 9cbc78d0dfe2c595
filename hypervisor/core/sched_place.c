/* SPDX-License-Identifier: MIT */
/*
 * Which CPU a vcpu runs on: the choice at wake-up, stealing by CPUs that are idle or better off,
 * and leaving a CPU that affinity or the cpupool no longer allow.
 *
 * An idle CPU takes any waiting vcpu that may run there. A busy one looks once per time slice for a
 * CPU with somebody whose pace (share of its weight it got lately) is clearly below that of what it
 * would run itself, and takes over a vcpu so that this evens out; so three busy vcpus on two CPUs
 * take turns at being alone, and weights hold across CPUs as far as affinity lets them.
 *
 * Locks: the caller's sched_cpu.lock; others only by trylock, or in order of CPU numbers.
 */
#include "sched_internal.h"
#include <dais/barrier.h>
#include <dais/domain.h>
#include <dais/softirq.h>
#include <dais/time.h>
#include <xen/errno.h>

static bool cpu_is_free(unsigned int cpu)
{
	return cpumask_test(&sched_idle_mask, cpu) && !atomic_read(&sched_cpu_of(cpu)->nr);
}

/* A free CPU of the mask, the first one after `from`. NR_CPUS if there is none. */
static unsigned int place_idle(const cpumask_t *mask, unsigned int from)
{
	cpumask_t m;
	unsigned int cpu, before = NR_CPUS;

	cpumask_and(&m, mask, &sched_idle_mask);
	cpumask_for_each(cpu, &m) {
		if (!cpu_is_free(cpu)) {
			continue;
		}
		if (cpu >= from) {
			return cpu;
		}
		before = min(before, cpu);
	}
	return before;
}

/* The CPU of the mask with the least load; prev unless another is lighter by more than v. */
static unsigned int place_least(const struct vcpu *v, const cpumask_t *mask, unsigned int prev)
{
	unsigned int cpu, best = NR_CPUS;
	uint32_t least = ~0u;

	cpumask_for_each(cpu, mask) {
		uint32_t load = atomic_read(&sched_cpu_of(cpu)->load);

		if (load < least) {
			least = load;
			best = cpu;
		}
	}
	if (best == NR_CPUS) {
		return prev;
	}
	if (cpumask_test(mask, prev)
	    && atomic_read(&sched_cpu_of(prev)->load) <= least + v->sched.weight) {
		return prev;
	}
	return best;
}

unsigned int sched_place(struct vcpu *v)
{
	const cpumask_t *allowed = &v->sched.allowed;
	unsigned int prev = v->cpu, cpu;
	cpumask_t soft;

	if (atomic_read(&v->running)) {
		return prev;		/* its context is still in that CPU */
	}
	cpumask_and(&soft, allowed, &v->sched.soft);
	if (cpumask_empty(&soft)) {
		soft = *allowed;
	}
	if (cpumask_test(&soft, prev) && cpu_is_free(prev)) {
		return prev;
	}
	cpu = place_idle(&soft, prev);
	if (cpu == NR_CPUS) {
		cpu = place_idle(allowed, prev);
	}
	if (cpu == NR_CPUS) {
		cpu = place_least(v, &soft, prev);
	}
	return cpu;
}

/* --- stealing --- */

static bool steal_allowed(const struct sched_cpu *sc, const struct vcpu *v)
{
	return sched_allowed(v, sc->id) && !atomic_read_acquire(&v->running);
}

/*
 * The worst off of those waiting on o, if its pace is below *pace, which then becomes its. Only of
 * those that sc may take (NULL: of all) and that wanted to run for so long. Both locks held, here
 * and below.
 */
static struct vcpu *steal_neediest(const struct sched_cpu *sc, struct sched_cpu *o, uint64_t wanted,
				   uint64_t now, uint64_t *pace)
{
	struct vcpu *v, *worst = NULL;

	for (v = o->head; v; v = v->sched.next) {
		sched_account(o, v, now);
		if ((!sc || steal_allowed(sc, v)) && v->sched.pace_want >= wanted
		    && sched_pace(v) < *pace) {
			worst = v;
			*pace = sched_pace(v);
		}
	}
	return worst;
}

/*
 * For a CPU that would run `next`, if somebody on o is clearly worse off. When o has the greater
 * load even without the vcpu moved, the worst off comes here. When not, it is the others that move,
 * to leave it more of o; slowly, since this turns the difference around rather than ending it.
 */
static struct vcpu *steal_for_busy(struct sched_cpu *sc, struct sched_cpu *o,
				   const struct vcpu *next, uint64_t now)
{
	uint64_t least = sched_pace(next) / 8 * 7, pace, best_pace = 0;
	struct vcpu *worst = NULL, *v, *best = NULL;

	sched_account(o, o->curr, now);
	if (!o->curr->is_idle && o->curr->sched.pace_want >= SCHED_PACE_MIN
	    && sched_pace(o->curr) < least) {
		worst = o->curr;
		least = sched_pace(worst);
	}
	v = steal_neediest(NULL, o, SCHED_PACE_MIN, now, &least);
	worst = v ? v : worst;
	if (!worst) {
		return NULL;
	}
	for (v = o->head; v; v = v->sched.next) {
		bool lighter = sc->load + v->sched.weight < o->load;

		if (!steal_allowed(sc, v) || v->sched.stolen || v->sched.pace_want < SCHED_PACE_MIN
		    || !cpumask_test(&v->sched.soft, sc->id)) {
			continue;
		}
		if (v == worst && lighter) {
			return v;
		}
		pace = sched_pace(v);
		if (v != worst && pace >= best_pace) {
			best_pace = pace;
			best = v;
		}
	}
	if (!best || now < sc->next_rotate || now < o->next_rotate) {
		return NULL;
	}
	sc->next_rotate = now + SCHED_ROTATE_SLICES * sched_slice_ns();
	o->next_rotate = sc->next_rotate;
	return best;
}

/* A CPU that the mask does not show yet will see what was queued. */
void sched_offer(struct sched_cpu *sc)
{
	struct vcpu *v;
	unsigned int cpu;

	smp_mb();
	for (v = sc->head; v && !cpumask_empty(&sched_idle_mask); v = v->sched.next) {
		if (atomic_read(&v->running)) {
			continue;
		}
		cpu = place_idle(&v->sched.allowed, sc->id);
		if (cpu < NR_CPUS) {
			cpumask_unset_atomic(&sched_idle_mask, cpu);
			softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
		}
	}
}

/*
 * Take a vcpu from another CPU of the pool: it comes off its queue, and belongs to sc. *retry:
 * somebody held a lock we wanted, so an idle CPU must look again. An idle CPU was perhaps called
 * for another vcpu than the one it took: it passes the call on.
 */
struct vcpu *sched_steal(struct sched_cpu *sc, struct vcpu *next, uint64_t now, bool *retry)
{
	struct vcpu *got = NULL;
	unsigned int i;

	if (sc->fixed) {
		return NULL;
	}
	for (i = 1; i < nr_cpus && !(got && next); i++) {
		struct sched_cpu *o = sched_cpu_of((sc->id + i) % nr_cpus);
		struct vcpu *v = NULL;
		uint64_t pace = ~(uint64_t)0;

		if (!atomic_read(&o->nr) || o->pool != sc->pool) {
			continue;
		}
		if (!spin_trylock(&o->lock)) {
			*retry |= !next;
			continue;
		}
		if (!got) {
			v = next ? steal_for_busy(sc, o, next, now)
				 : steal_neediest(sc, o, 0, now, &pace);
		}
		if (v) {
			sched_queue_remove(o, v);
			sched_vtime_rebase(v, o, sc);
			atomic_set(&v->cpu, sc->id);
			got = v;
		}
		if (got && !next && o->nr) {
			cpumask_unset_atomic(&sched_idle_mask, sc->id);
			sched_offer(o);
		}
		spin_unlock(&o->lock);
	}
	return got;
}

/* --- affinity --- */

void sched_leave_home(struct vcpu *v)
{
	if (v->sched.home < NR_CPUS) {
		(void)atomic_dec(&sched_cpu_of(v->sched.home)->homes);
		v->sched.home = NR_CPUS;
	}
}

/*
 * In a pool of kind SCHED_NULL: the one allowed CPU where v stays, with as few others as can be.
 * Who settles elsewhere meanwhile may be missed in the count; then two share.
 */
static void place_settle(struct vcpu *v, unsigned int old)
{
	struct sched_vcpu *s = &v->sched;
	unsigned int cpu, best = NR_CPUS;
	uint32_t least = ~0u;

	cpumask_for_each(cpu, &s->allowed) {
		uint32_t homes = atomic_read(&sched_cpu_of(cpu)->homes);

		if (homes < least || (homes == least && cpu == old)) {
			least = homes;
			best = cpu;
		}
	}
	if (best < NR_CPUS) {
		(void)atomic_inc(&sched_cpu_of(best)->homes);
		s->home = (uint16_t)best;
		cpumask_clear(&s->allowed);
		cpumask_set(&s->allowed, best);
	}
}

void sched_recompute_allowed(struct vcpu *v)
{
	struct sched_vcpu *s = &v->sched;
	unsigned int old = s->home;
	cpumask_t pin = { { 0 } };

	if (s->pinned) {
		cpumask_set(&pin, s->pin);
	}
	cpumask_and(&s->allowed, s->pinned ? &pin : &s->hard, v->domain->sched.pool_cpus);
	if (cpumask_empty(&s->allowed)) {
		s->allowed = *v->domain->sched.pool_cpus; /* the pool has lost them: better anywhere
							     than nowhere */
	}
	sched_leave_home(v);
	if (v->domain->sched.kind == SCHED_NULL) {
		place_settle(v, old);
	}
}

/* After `allowed` has changed: v leaves a CPU it may not be on, asleep or not, and idle ones it may
 * now be on learn of it. */
void sched_moved(struct vcpu *v)
{
	unsigned long flags;
	struct sched_cpu *sc = sched_lock(v, &flags);
	bool wake = false, asleep = v->sched.state == SCHED_OFF;

	if (!sched_allowed(v, sc->id)) {
		if (v->sched.state == SCHED_RUNNING) {
			softirq_raise_cpu(sc->id, SOFTIRQ_SCHEDULE);
		} else if (v->sched.state == SCHED_QUEUED && !atomic_read(&v->running)) {
			sched_account(sc, v, time_now_ns());
			sched_queue_remove(sc, v);
			wake = true;
		}
	} else if (v->sched.state == SCHED_QUEUED) {
		sched_offer(sc);
	}
	spin_unlock_irqrestore(&sc->lock, flags);
	if (wake) {
		sched_wake_common(v, false);
	} else if (asleep) {
		sched_move_asleep(v);
	}
}

int sched_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft)
{
	unsigned long flags;
	struct sched_cpu *sc = sched_lock(v, &flags);
	int rc = 0;

	if (hard && v->sched.pinned) {
		rc = -XEN_EBUSY;
	} else if (hard && !cpumask_intersects(hard, v->domain->sched.pool_cpus)) {
		rc = -XEN_EINVAL;
	} else if (hard) {
		v->sched.hard = *hard;
		sched_recompute_allowed(v);
	}
	if (soft && !rc) {
		v->sched.soft = *soft;
	}
	spin_unlock_irqrestore(&sc->lock, flags);
	if (!rc) {
		sched_moved(v);
	}
	return rc;
}

void sched_get_affinity(struct vcpu *v, cpumask_t *hard, cpumask_t *soft)
{
	unsigned long flags;
	struct sched_cpu *sc = sched_lock(v, &flags);

	*hard = v->sched.hard;
	*soft = v->sched.soft;
	spin_unlock_irqrestore(&sc->lock, flags);
}

int sched_pin_override(struct vcpu *v, int cpu)
{
	unsigned long flags;
	struct sched_cpu *sc;
	int rc = 0;

	if (cpu >= 0 && ((unsigned int)cpu >= nr_cpus
			 || !cpumask_test(&cpu_online_mask, (unsigned int)cpu))) {
		return -XEN_EINVAL;
	}
	sc = sched_lock(v, &flags);
	if (cpu >= 0 && v->sched.pinned) {
		rc = -XEN_EBUSY;
	} else if (cpu < 0 ? !v->sched.pinned
			   : !cpumask_test(v->domain->sched.pool_cpus, (unsigned int)cpu)) {
		rc = -XEN_EINVAL;
	} else {
		v->sched.pinned = cpu >= 0;
		v->sched.pin = (uint16_t)cpu;
		sched_recompute_allowed(v);
	}
	spin_unlock_irqrestore(&sc->lock, flags);
	if (!rc) {
		sched_moved(v);
	}
	return rc;
}
