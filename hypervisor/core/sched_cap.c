/* SPDX-License-Identifier: MIT */
/*
 * What administrators may set: caps, weights, and the tunables.
 *
 * Caps: a domain with a cap of p percent may use p% of SCHED_CAP_PERIOD in each period, over all
 * its vcpus.
 *
 * The budget is one atomic counter. A vcpu takes a grant from it when it is chosen and gives back
 * what is left (less than nothing, if it overran) when it stops. A refill adds what all periods
 * since the last one are worth, and what was not used stays, up to CAP_SAVED_PERIODS: so the share
 * is exact however late timers and wake-ups are. A vcpu that finds no budget is parked: it stays
 * with its CPU, on no queue, until the refill timer wakes it. The refill adds budget first and
 * looks for parked vcpus, under their locks, afterwards; a vcpu parks under the same lock in which
 * it saw the empty budget; hence none is missed.
 */
#include "sched_internal.h"
#include <dais/domain.h>
#include <dais/time.h>
#include <xen/errno.h>

#define GRANT_MIN	500000		/* ns taken at a time, if there is as much */
#define GRANT_KEEP	50000		/* ns with which it is not worth coming back for more */
#define CAP_SAVED_PERIODS 10		/* what the budget holds, or lacks, at most */

static int64_t cap_quota(const struct domain *d)
{
	return (int64_t)(SCHED_CAP_PERIOD / 100 * d->sched.cap);
}

static void cap_arm(struct domain *d, uint64_t now)
{
	if (!atomic_read(&d->sched.refill_armed) && !atomic_xchg(&d->sched.refill_armed, 1)) {
		d->sched.refill_at = now + SCHED_CAP_PERIOD;
		timer_set(&d->sched.refill, d->sched.refill_at);
	}
}

bool sched_cap_claim(struct vcpu *v, uint64_t now)
{
	struct domain *d = v->domain;
	int64_t have, take;

	if (likely(!d->sched.cap)) {
		v->sched.grant = 0; /* of a cap that is gone: not a debt when there is one again */
		return true;
	}
	if (v->sched.grant > GRANT_KEEP) {
		return true;
	}
	sched_cap_return(v);
	cap_arm(d, now);
	have = atomic_read(&d->sched.budget);
	do {
		if (have <= 0) {
			return false;
		}
		take = max_t(int64_t, have / 2, GRANT_MIN);
		take = min_t(int64_t, take, have);
	} while (!atomic_cas(&d->sched.budget, &have, have - take));
	v->sched.grant = take;
	return true;
}

void sched_cap_return(struct vcpu *v)
{
	if (v->domain->sched.cap) {
		atomic_add(&v->domain->sched.budget, v->sched.grant);
	}
	v->sched.grant = 0;
}

uint64_t sched_cap_limit(const struct vcpu *v)
{
	if (likely(!v->domain->sched.cap)) {
		return ~(uint64_t)0;
	}
	return v->sched.grant > 0 ? (uint64_t)v->sched.grant : 0;
}

static void cap_unpark(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	domain_for_each_vcpu(d, v, i) {
		unsigned long flags;
		struct sched_cpu *sc = sched_lock(v, &flags);
		bool parked = v->sched.state == SCHED_PARKED;

		if (parked) {
			v->sched.state = SCHED_OFF;
		}
		spin_unlock_irqrestore(&sc->lock, flags);
		if (parked) {
			sched_wake_common(v, false);
		}
	}
}

static void cap_refill(void *data)
{
	struct domain *d = data;
	int64_t quota = cap_quota(d), most = quota * CAP_SAVED_PERIODS, had, full;
	uint64_t now = time_now_ns(), periods = 1;

	if (now > d->sched.refill_at) {
		periods += (now - d->sched.refill_at) / SCHED_CAP_PERIOD;
	}
	d->sched.refill_at += periods * SCHED_CAP_PERIOD;
	periods = min_t(uint64_t, periods, CAP_SAVED_PERIODS);

	had = atomic_read(&d->sched.budget);
	do {
		/* Where our own CPU stood still for long, what "ran" on it is not a debt for as long. */
		full = min_t(int64_t, max_t(int64_t, had, -most) + (int64_t)periods * quota, most);
	} while (!atomic_cas(&d->sched.budget, &had, full));
	cap_unpark(d);

	if (quota && had < most) {
		timer_set(&d->sched.refill, d->sched.refill_at);
		return;
	}
	/* No cap, or nothing used for long: stay quiet until the next claim. */
	(void)atomic_xchg(&d->sched.refill_armed, 0);	/* before the budget is looked at again */
	if (quota && atomic_read(&d->sched.budget) < most) {
		cap_arm(d, now);
	}
}

void sched_domain_init(struct domain *d)
{
	d->sched.weight = SCHED_WEIGHT_DEFAULT;
	timer_init(&d->sched.refill, cap_refill, d, cpu_id());
}

void sched_domain_destroy(struct domain *d)
{
	timer_kill(&d->sched.refill);
}

int sched_set_cap(struct domain *d, uint32_t percent)
{
	if (percent > 100 * NR_CPUS) {
		return -XEN_EINVAL;
	}
	/* From here on claims see the new cap; with none, parked vcpus come back and grants are
	 * void. */
	atomic_set(&d->sched.cap, percent);
	atomic_set(&d->sched.budget, cap_quota(d));
	cap_unpark(d);
	return 0;
}

/* --- weights and tunables --- */

struct sched_params sched_params = {
	.tslice_us = 5000,
	.ratelimit_us = 1000,
	.migr_delay_us = 0,
};

int sched_set_params(const struct sched_params *p)
{
	if (p->tslice_us < 1000 || p->tslice_us > 1000000 || p->migr_delay_us > 100000 ||
	    (p->ratelimit_us && (p->ratelimit_us < 100 || p->ratelimit_us > 500000))) {
		return -XEN_EINVAL;
	}
	sched_params = *p;
	return 0;
}

int sched_set_weight(struct domain *d, uint32_t weight)
{
	struct vcpu *v;
	unsigned int i;

	if (weight < SCHED_WEIGHT_MIN || weight > SCHED_WEIGHT_MAX) {
		return -XEN_EINVAL;
	}
	d->sched.weight = weight;
	domain_for_each_vcpu(d, v, i) {
		unsigned long flags;
		struct sched_cpu *sc = sched_lock(v, &flags);

		sched_account(sc, v, time_now_ns());
		if (v->sched.state == SCHED_RUNNING || v->sched.state == SCHED_QUEUED) {
			atomic_set(&sc->load, sc->load - v->sched.weight + weight);
		}
		v->sched.weight = weight;
		spin_unlock_irqrestore(&sc->lock, flags);
	}
	return 0;
}
