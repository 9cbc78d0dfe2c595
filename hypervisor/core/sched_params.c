/* SPDX-License-Identifier: MIT */
/*
 * What administrators may set and read: weights, the tunables, and where time went. (Caps:
 * sched_cap.c.)
 */
#include "sched_internal.h"
#include <dais/domain.h>
#include <dais/time.h>
#include <xen/errno.h>

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

void runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
	unsigned long flags;
	struct sched_cpu *sc = sched_lock(v, &flags);
	uint64_t now = time_now_ns();

	*out = v->runstate;
	spin_unlock_irqrestore(&sc->lock, flags);
	if (now > out->state_entry_time) {
		out->time[out->state] += now - out->state_entry_time;
	}
}

uint64_t sched_vcpu_cpu_time(struct vcpu *v)
{
	struct vcpu_runstate_info r;

	runstate_get(v, &r);
	return r.time[RUNSTATE_running];
}

uint64_t sched_cpu_idle_time(unsigned int cpu)
{
	struct sched_cpu *sc = sched_cpu_of(cpu);
	unsigned long flags = spin_lock_irqsave(&sc->lock);
	uint64_t now = time_now_ns(), ns = cpu_ptr(cpu)->idle_ns, since = cpu_ptr(cpu)->idle_since;

	if (sc->curr && sc->curr->is_idle && now > since) {
		ns += now - since;
	}
	spin_unlock_irqrestore(&sc->lock, flags);
	return ns;
}
