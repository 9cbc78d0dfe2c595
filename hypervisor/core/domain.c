/* SPDX-License-Identifier: MIT */
/*
 * Domains by number, their references, and how they are made. How they end is in domain_kill.c; pausing and
 * shutting down in domain_run.c.
 *
 * domain_list_lock guards the list and the table of numbers; d->lock (taken inside it) guards a domain's own
 * lifecycle fields. A domain leaves the list when it is dead and is freed when the last reference goes.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/domain_create.h>
#include <dais/domain_internal.h>
#include <dais/frame_alloc.h>
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/sched.h>
#include <dais/softirq.h>
#include <dais/string.h>
#include <dais/vcpu_ops.h>
#include <dais/vtime.h>
#include <xen/errno.h>

struct domain *dom0, *dom_xen, *dom_io, *dom_idle;

static spinlock_t domain_list_lock = SPINLOCK_INIT;
static struct domain *domain_list;
static uint16_t domid_rover = 1;

#define RANGES_MAX	4096	/* of I/O memory or ports that one domain may be given piecemeal */

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

/* The link to the first domain numbered at least so. Under domain_list_lock. */
static struct domain **domain_slot(uint32_t domid)
{
	struct domain **p = &domain_list;

	while (*p != NULL && (*p)->domid < domid) {
		p = &(*p)->next;
	}
	return p;
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

/* Put d in the list, in order of domid. -EEXIST when the number is taken, -ENOSPC when none is free. */
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

void domain_list_del(struct domain *d)
{
	struct domain **p;

	spin_lock(&domain_list_lock);
	p = domain_slot(d->domid);
	if (*p == d) {
		*p = d->next;
	}
	spin_unlock(&domain_list_lock);
}

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

/* The rooms' parts, in order; domain_destroy_parts() undoes what of it exists. */
static int domain_create_parts(struct domain *d, const struct domain_create_params *p)
{
	int rc;

	d->vcpu = hv_alloc(p->max_vcpus * sizeof(d->vcpu[0]));
	if (d->vcpu == NULL) {
		return -XEN_ENOMEM;
	}
	d->max_vcpus = p->max_vcpus;
	sched_domain_init(d);
	rc = cpupool_attach(d, p->cpupool);
	if (rc == 0) {
		rc = domain_shared_info_alloc(d);
	}
	if (rc == 0) {
		rc = evtchn_init(d, p->max_evtchn_port ? p->max_evtchn_port : ~0U);
	}
	if (rc == 0) {
		rc = grant_table_create(d, p->max_grant_frames ? p->max_grant_frames
							       : GRANT_MAX_FRAMES_DEFAULT,
					p->max_maptrack_frames, p->grant_version);
	}
	if (rc == 0) {
		rc = cpuid_policy_domain_init(d);
	}
	return rc;
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
	if (rc == 0) {
		rc = domain_list_add(d, p->choose_domid);
	}
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
