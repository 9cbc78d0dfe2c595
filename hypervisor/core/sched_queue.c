/* SPDX-License-Identifier: MIT */
/*
 * One CPU's run queue: the pure part of the scheduler.
 *
 * Waiting vcpus are linked in ascending virtual time. A CPU's clock follows the least virtual time
 * among those waiting and the one running, and never goes back; a vcpu that wakes is brought near
 * the clock, so that sleeping earns at most SCHED_SLEEPER_CREDIT. Virtual times of different CPUs
 * are not comparable: a vcpu that moves keeps its distance to the clock. What is comparable is the
 * pace, the share of its weight a vcpu got lately while it wanted to run; sched_place.c uses it to
 * even out CPUs.
 *
 * Everything here runs under the queue's lock.
 */
#include "sched_internal.h"
#include <dais/compiler.h>

void sched_queue_insert(struct sched_cpu *sc, struct vcpu *v)
{
	struct vcpu **p = &sc->head;

	while (*p && (*p)->sched.vtime <= v->sched.vtime) {
		p = &(*p)->sched.next;
	}
	v->sched.next = *p;
	*p = v;
	v->sched.state = SCHED_QUEUED;
	atomic_set(&sc->nr, sc->nr + 1);
	atomic_set(&sc->load, sc->load + v->sched.weight);
}

void sched_queue_remove(struct sched_cpu *sc, struct vcpu *v)
{
	struct vcpu **p = &sc->head;

	while (*p != v) {
		p = &(*p)->sched.next;
	}
	*p = v->sched.next;
	v->sched.state = SCHED_OFF;
	atomic_set(&sc->nr, sc->nr - 1);
	atomic_set(&sc->load, sc->load - v->sched.weight);
}

void sched_clock_update(struct sched_cpu *sc)
{
	const struct vcpu *least = sc->curr->is_idle ? sc->head : sc->curr;

	if (sc->head && sc->head->sched.vtime < least->sched.vtime) {
		least = sc->head;
	}
	if (least && least->sched.vtime > sc->clock) {
		sc->clock = least->sched.vtime;
	}
}

/* Forget half of the past for each window gone by. */
static void pace_decay(struct sched_vcpu *s, uint64_t now)
{
	uint64_t windows;

	if (now < s->pace_window + SCHED_PACE_WINDOW) {
		return;
	}
	windows = (now - s->pace_window) / SCHED_PACE_WINDOW;
	s->pace_window += windows * SCHED_PACE_WINDOW;
	s->pace_run = windows < 64 ? s->pace_run >> windows : 0;
	s->pace_want = windows < 64 ? s->pace_want >> windows : 0;
}

void sched_account(struct sched_cpu *sc, struct vcpu *v, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;
	uint64_t ran = now > s->since ? now - s->since : 0;

	if (v->is_idle) {
		s->since = now;
		return;
	}
	if (s->state == SCHED_RUNNING || s->state == SCHED_QUEUED) {
		s->pace_want += ran;
	}
	if (s->state == SCHED_RUNNING) {
		s->pace_run += ran;
		s->vtime += sched_vtime_of(ran, s->weight);
		if (s->grant) {
			s->grant -= (int64_t)ran;
		}
		sched_clock_update(sc);
	}
	pace_decay(s, now);
	s->since = now;
}

uint64_t sched_pace(const struct vcpu *v)
{
	const struct sched_vcpu *s = &v->sched;

	return ((s->pace_run << 16) / (s->pace_want + 1)) * SCHED_WEIGHT_DEFAULT / s->weight;
}

/*
 * The waiting vcpu with the least virtual time that may run here now. One that may not (its
 * affinity changed while it still ran) is left for sched_switched_out(); those without cap budget
 * are parked on the way.
 */
static struct vcpu *queue_first(struct sched_cpu *sc, uint64_t now)
{
	struct vcpu *v = sc->head, *next;

	for (; v; v = next) {
		next = v->sched.next;
		if (!sched_allowed(v, sc->id)) {
			continue;
		}
		if (sched_cap_claim(v, now)) {
			return v;
		}
		sched_account(sc, v, now);
		sched_queue_remove(sc, v);
		v->sched.state = SCHED_PARKED;
	}
	return NULL;
}

/*
 * What to run next: prev (accounted, and not queued; NULL when it cannot go on) or a waiting one,
 * which stays queued, or NULL. The one returned holds a cap grant when its domain has a cap.
 */
struct vcpu *sched_choose(struct sched_cpu *sc, struct vcpu *prev, uint64_t now)
{
	struct vcpu *first;

	if (prev && !prev->sched.yielded && now - prev->sched.chosen < sched_ratelimit_ns()
	    && sched_cap_claim(prev, now)) {
		return prev;
	}
	first = queue_first(sc, now);
	if (!prev || (first && (prev->sched.yielded || first->sched.vtime < prev->sched.vtime))
	    || !sched_cap_claim(prev, now)) {
		return first;
	}
	if (first) {
		sched_cap_return(first);
	}
	return prev;
}

/* How far v is ahead of the clock, or behind it by `credit` at most. */
static int64_t vtime_lead(const struct sched_cpu *sc, const struct vcpu *v, int64_t credit)
{
	int64_t debt = sched_vtime_of(2 * sched_slice_ns(), v->sched.weight);

	return max_t(int64_t, -credit, min_t(int64_t, v->sched.vtime - sc->clock, debt));
}

void sched_vtime_on_wake(struct sched_cpu *sc, struct vcpu *v)
{
	int64_t credit = sched_vtime_of(SCHED_SLEEPER_CREDIT, v->sched.weight);

	credit = min_t(int64_t, credit, SCHED_SLEEPER_CREDIT);
	v->sched.vtime = sc->clock + vtime_lead(sc, v, credit);
}

void sched_vtime_rebase(struct vcpu *v, const struct sched_cpu *from, const struct sched_cpu *to)
{
	v->sched.vtime = to->clock + vtime_lead(from, v, SCHED_SLEEPER_CREDIT);
}

uint64_t sched_preempts_in(const struct sched_cpu *sc, const struct vcpu *v, uint64_t now)
{
	const struct sched_vcpu *c = &sc->curr->sched;
	int64_t missing;

	if (sc->curr->is_idle) {
		return 0;
	}
	missing = v->sched.vtime + SCHED_GRANULARITY - c->vtime
		  - sched_vtime_of(now > c->since ? now - c->since : 0, c->weight);
	if (missing < 0) {
		return 0;
	}
	return missing < SCHED_LEAD_MAX ? sched_ns_of(missing, c->weight) + 1 : sched_slice_ns();
}
