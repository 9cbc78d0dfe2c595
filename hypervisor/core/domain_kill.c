/* SPDX-License-Identifier: MIT */
/*
 * The end of a domain: domain_kill() takes everything away from it, a step at a time and preemptibly, and drops
 * the reference its existence held; the structs are freed when the last reference goes, from a softirq, since that
 * may happen under any lock. d->lock is held by one killer at a time through d->killing.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/domain_internal.h>
#include <dais/evtchn.h>
#include <dais/frame_alloc.h>
#include <dais/grant.h>
#include <dais/hv_alloc.h>
#include <dais/memory.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/sched.h>
#include <dais/softirq.h>
#include <dais/string.h>
#include <dais/vcpu_ops.h>
#include <dais/watchdog.h>
#include <xen/errno.h>
#include <xen/xen.h>

static struct domain *reclaim_list;		/* by d->next; reclaim_lock */
static spinlock_t reclaim_lock = SPINLOCK_INIT;

static int kill_vcpus(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	watchdog_destroy(d);
	domain_for_each_vcpu(d, v, i) {
		vcpu_relinquish(v);
	}
	return 0;
}

/*
 * FIFO pages, pirqs: what other rooms hold of the guest's memory must be let go before its memory goes. Registered
 * vcpu_info pages go last: until its ports are closed, others send to it, and may be about to write there.
 */
static int kill_events(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;
	int rc = evtchn_destroy(d);

	if (rc == 0) {
		domain_for_each_vcpu(d, v, i) {
			vcpu_info_release(v);
		}
	}
	return rc;
}

static int (*const kill_steps[])(struct domain *d) = {
	kill_vcpus, pirq_domain_destroy, kill_events, grant_table_destroy, pt_relinquish,
};

int domain_kill(struct domain *d)
{
	bool first;
	int rc = 0;

	if (d == current_vcpu()->domain || d->is_hardware) {
		return -XEN_EINVAL;
	}
	spin_lock(&d->lock);
	if (d->dying == DOMAIN_DEAD || d->killing) {
		rc = d->dying == DOMAIN_DEAD ? 0 : -ERESTART;	/* another caller is at it: wait for it */
		spin_unlock(&d->lock);
		return rc;
	}
	first = d->dying == DOMAIN_ALIVE;
	d->dying = DOMAIN_DYING;
	d->killing = true;
	spin_unlock(&d->lock);
	if (first) {
		domain_pause(d);
		(void)domain_claim_pages(d, 0);
	}
	while (rc == 0 && d->relinquish_step < ARRAY_SIZE(kill_steps)) {
		rc = kill_steps[d->relinquish_step](d);
		if (rc == 0) {
			d->relinquish_step++;
			rc = preempt_check() ? -ERESTART : 0;
		}
	}
	spin_lock(&d->lock);
	d->killing = false;
	if (rc == 0) {
		d->dying = DOMAIN_DEAD;
	}
	spin_unlock(&d->lock);
	if (rc == 0) {
		virq_send_global(VIRQ_DOM_EXC);
		domain_put(d);		/* the reference of its existence */
	}
	return rc;
}

void domain_free_parts(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	sched_domain_destroy(d);
	domain_for_each_vcpu(d, v, i) {
		vcpu_free(v);
	}
	if (d->grant != NULL) {
		grant_table_free(d);
	}
	evtchn_free(d);
	(void)pirq_domain_destroy(d);
	hv_free(d->pv.policy);
	cpupool_detach(d);
	if (d->shared_info != NULL) {
		struct frame *f = mfn_to_frame(d->shared_info_mfn);

		(void)frame_give_up(f);
		frame_free(f, 0);
	}
	(void)rangeset_remove(&d->iomem, 0, ~0UL);
	(void)rangeset_remove(&d->ioports, 0, ~0UL);
	(void)memory_map_set(d, NULL, 0);
	hv_free(d->vcpu);
	hv_free(d);
}

void domain_free_later(struct domain *d)
{
	domain_list_del(d);
	spin_lock(&reclaim_lock);
	d->next = reclaim_list;
	reclaim_list = d;
	spin_unlock(&reclaim_lock);
	softirq_raise(SOFTIRQ_RECLAIM);
}

void domain_reclaim(void)
{
	struct domain *d, *next;

	spin_lock(&reclaim_lock);
	d = reclaim_list;
	reclaim_list = NULL;
	spin_unlock(&reclaim_lock);
	for (; d != NULL; d = next) {
		next = d->next;
		domain_free_parts(d);
		virq_send_global(VIRQ_DOM_EXC);
	}
}
