/* SPDX-License-Identifier: MIT */
/*
 * Domains: by number, their references, how they are made and how they end. Pausing and shutting
 * down are in domain_run.c.
 *
 * domain_list_lock guards the lists; d->lock (taken inside it) guards a domain's own lifecycle
 * fields.
 *
 * domain_kill() takes everything away from a domain, a step at a time and preemptibly, and drops
 * the reference its existence held. When the last reference goes it leaves the list and is freed,
 * from a softirq, since that may happen under any lock. One killer at a time: d->killing.
 */
#include <dais/domain.h>
#include <dais/domain_create.h>
#include <dais/domain_internal.h>
#include <dais/frame_alloc.h>
#include <dais/hv_alloc.h>
#include <dais/memory.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/printk.h>
#include <dais/softirq.h>
#include <dais/string.h>
#include <dais/vcpu_ops.h>
#include <dais/vtime.h>
#include <dais/watchdog.h>
#include <xen/errno.h>

struct domain *dom0, *dom_xen, *dom_io, *dom_idle;

static spinlock_t domain_list_lock = SPINLOCK_INIT;
static struct domain *domain_list;
static struct domain *reclaim_list;	/* nobody refers to them; the same lock */
static uint16_t domid_rover = 1;

#define RANGES_MAX	4096	/* of I/O memory or ports that one domain may be given piecemeal */

/* --- the list --- */

/* The link to the first domain numbered at least so. Under domain_list_lock. */
static struct domain **domain_slot(uint32_t domid)
{
	struct domain **p = &domain_list;

	while (*p != NULL && (*p)->domid < domid) {
		p = &(*p)->next;
	}
	return p;
}

/* The last reference went: free it outside whatever lock is held. */
static void domain_free_later(struct domain *d)
{
	struct domain **p;

	spin_lock(&domain_list_lock);
	p = domain_slot(d->domid);
	if (*p == d) {
		*p = d->next;
	}
	d->next = reclaim_list;
	reclaim_list = d;
	spin_unlock(&domain_list_lock);
	softirq_raise(SOFTIRQ_RECLAIM);
}

bool domain_get(struct domain *d)
{
	uint32_t x = atomic_read(&d->refs);

	do {
		if (x == 0) {
			return false;
		}
	} while (!atomic_cas(&d->refs, &x, x + 1));
	return true;
}

void domain_put(struct domain *d)
{
	if (atomic_dec(&d->refs) == 0) {
		domain_free_later(d);
	}
}

/* Inlined where one is got by its number: who maps grants does that all the time. */
__always_inline struct domain *domain_get_from(uint32_t domid)
{
	struct domain *d;

	spin_lock(&domain_list_lock);
	for (d = *domain_slot(domid); d != NULL && !domain_get(d); d = d->next) {
	}
	spin_unlock(&domain_list_lock);
	return d;
}

struct domain *domain_get_by_id(uint16_t domid)
{
	struct domain *d = domain_get_from(domid);

	if (d != NULL && d->domid != domid) {
		domain_put(d);
		d = NULL;
	}
	return d;
}

struct domain *domain_next(struct domain *d)
{
	struct domain *n = domain_get_from(d == NULL ? 0 : d->domid + 1U);

	if (d != NULL) {
		domain_put(d);
	}
	return n;
}

int domain_target(uint16_t domid, bool may_be_other, struct domain **out)
{
	struct domain *self = current_vcpu()->domain, *d;

	if (domid == DOMID_SELF || domid == self->domid) {
		domain_get(self);
		*out = self;
		return 0;
	}
	d = domain_get_by_id(domid);
	if (d == NULL) {
		return -XEN_ESRCH;
	}
	if (!may_be_other || !self->is_privileged) {
		domain_put(d);
		return -XEN_EPERM;
	}
	*out = d;
	return 0;
}

/* Put d in the list, in order. -EEXIST when its number is taken, -ENOSPC when none is free. */
static int domain_list_add(struct domain *d, bool choose)
{
	int rc = choose ? -XEN_ENOSPC : -XEN_EEXIST;
	struct domain **p;
	uint16_t first;
	bool taken;

	spin_lock(&domain_list_lock);
	first = domid_rover;
	do {
		if (choose) {
			d->domid = domid_rover;
			domid_rover = domid_rover + 1 == DOMID_FIRST_RESERVED ? 1 : domid_rover + 1;
		}
		p = domain_slot(d->domid);
		taken = *p != NULL && (*p)->domid == d->domid;
	} while (taken && choose && domid_rover != first);
	if (!taken) {
		d->next = *p;
		*p = d;
		rc = 0;
	}
	spin_unlock(&domain_list_lock);
	return rc;
}

/* --- the end --- */

static void domain_free_parts(struct domain *d)
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

static void domain_reclaim(void)
{
	struct domain *d, *next;

	spin_lock(&domain_list_lock);
	d = reclaim_list;
	reclaim_list = NULL;
	spin_unlock(&domain_list_lock);
	for (; d != NULL; d = next) {
		next = d->next;
		domain_free_parts(d);
		virq_send_global(VIRQ_DOM_EXC);
	}
}

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
 * FIFO pages, pirqs: what other rooms hold of the guest's memory must be let go before its memory
 * goes. Registered vcpu_info pages go last: until its ports are closed, others send to it, and may
 * be about to write there.
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
		/* another caller is at it: wait for it */
		rc = d->dying == DOMAIN_DEAD ? 0 : -ERESTART;
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

/* --- making --- */

static struct domain *domain_alloc(uint16_t domid)
{
	/* Frames name their owner by the frame number of its struct: it must be page aligned. */
	struct domain *d = hv_alloc(sizeof(*d) < PAGE_SIZE ? PAGE_SIZE : sizeof(*d));

	if (d == NULL) {
		return NULL;
	}
	d->domid = domid;
	d->refs = 1;
	d->shutdown_code = ~0U;
	d->max_pages = ~0U;
	spin_lock_init(&d->lock);
	spin_lock_init(&d->page_lock);
	spin_lock_init(&d->pt_lock);
	rangeset_init(&d->iomem, RANGES_MAX);
	rangeset_init(&d->ioports, RANGES_MAX);
	return d;
}

static int domain_shared_info_alloc(struct domain *d)
{
	struct frame *f = frame_alloc(0, FRAME_ANY_BITS, 0);

	if (f == NULL) {
		return -XEN_ENOMEM;
	}
	d->shared_info = frame_address(f);
	d->shared_info_mfn = frame_to_mfn(f);
	frame_share_with(f, d, false);
	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
		d->shared_info->vcpu_info[i].evtchn_upcall_mask = 1;
		vtime_fill(&d->shared_info->vcpu_info[i].time, false);
	}
	vtime_update_wallclock(d);
	return 0;
}

/* The rooms' parts, in order; domain_free_parts() undoes what of it exists. */
static int domain_create_parts(struct domain *d, const struct domain_create_params *p)
{
	uint32_t grants = p->max_grant_frames ? p->max_grant_frames : GRANT_MAX_FRAMES_DEFAULT;
	int rc;

	d->vcpu = hv_alloc(p->max_vcpus * sizeof(d->vcpu[0]));
	if (d->vcpu == NULL) {
		return -XEN_ENOMEM;
	}
	d->max_vcpus = p->max_vcpus;
	sched_domain_init(d);
	rc = cpupool_move_domain(d, p->cpupool);
	rc = rc ? rc : domain_shared_info_alloc(d);
	rc = rc ? rc : evtchn_init(d, p->max_evtchn_port ? p->max_evtchn_port : ~0U);
	rc = rc ? rc : grant_table_create(d, grants, p->max_maptrack_frames, p->grant_version);
	return rc ? rc : cpuid_policy_domain_init(d);
}

int domain_create(const struct domain_create_params *p, struct domain **out)
{
	struct domain *d = domain_alloc(p->domid);
	int rc;

	if (d == NULL) {
		return -XEN_ENOMEM;
	}
	memcpy(d->handle, p->handle, sizeof(d->handle));
	d->is_privileged = p->is_privileged;
	d->is_hardware = p->is_hardware;
	d->is_xenstore = p->is_xenstore;
	d->msr_relaxed = p->msr_relaxed;
	d->creation_paused = true;
	d->pause_count = 1;
	rc = domain_create_parts(d, p);
	rc = rc ? rc : domain_list_add(d, p->choose_domid);
	if (rc != 0) {
		domain_free_parts(d);
		return rc;
	}
	*out = d;
	return 0;
}

void domain_init(void)
{
	/* only a role: owner of the hypervisor's pages, of MMIO, and of the idle vcpus */
	dom_xen = domain_alloc(DOMID_XEN);
	dom_io = domain_alloc(DOMID_IO);
	dom_idle = domain_alloc(DOMID_IDLE);
	if (dom_xen == NULL || dom_io == NULL || dom_idle == NULL) {
		panic("no memory for the hypervisor's own domain structures");
	}
	softirq_register(SOFTIRQ_RECLAIM, domain_reclaim);
}
