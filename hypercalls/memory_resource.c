/* SPDX-License-Identifier: MIT */
/*
 * memory_op: acquire_resource, by which tools get at frames of a domain that are not in its memory
 * map: the pages of its grant table.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/grant.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/memory.h>

#include "memory.h"

#define BATCH		32u
#define FRAMES_MAX	(1u << 24)	/* far more than any table has: keeps sums small */

static int acquire_check(const struct xen_mem_acquire_resource *a)
{
	if (a->type != XENMEM_resource_grant_table) {
		return -XEN_EOPNOTSUPP;
	}
	if (a->id != XENMEM_resource_grant_table_id_shared &&
	    a->id != XENMEM_resource_grant_table_id_status) {
		return -XEN_EINVAL;
	}
	if (!a->frame_list) {
		return a->nr_frames ? -XEN_EINVAL : 0;
	}
	return a->nr_frames > FRAMES_MAX || a->frame > FRAMES_MAX ? -XEN_EINVAL : 0;
}

/* nr_frames becomes the size; nothing is listed. */
static int acquire_size(struct domain *d, struct xen_mem_acquire_resource *a, unsigned long arg)
{
	a->nr_frames = grant_resource_max(d, a->id);
	if (copy_to_guest(arg + offsetof(struct xen_mem_acquire_resource, nr_frames), &a->nr_frames,
			  sizeof(a->nr_frames))) {
		return -XEN_EFAULT;
	}
	return 0;
}

static int acquire_frames(struct domain *d, const struct xen_mem_acquire_resource *a,
			  unsigned long start, unsigned long *progress)
{
	uint64_t mfns[BATCH];

	for (unsigned long i = start; i < a->nr_frames;) {
		uint32_t n = min_t(uint32_t, BATCH, (uint32_t)(a->nr_frames - i));
		int rc;

		if (i != start && preempt_check()) {
			*progress = i;
			return -ERESTART;
		}
		rc = grant_resource_frames(d, a->id, (uint32_t)(a->frame + i), n, mfns);
		if (rc) {
			return rc;
		}
		if (copy_to_guest(a->frame_list + i * sizeof(mfns[0]), mfns, n * sizeof(mfns[0]))) {
			return -XEN_EFAULT;
		}
		i += n;
	}
	return 0;
}

long memory_acquire(unsigned long arg, unsigned long start, unsigned long *progress)
{
	struct xen_mem_acquire_resource a;
	struct domain *d;
	int rc;

	if (copy_from_guest(&a, arg, sizeof(a))) {
		return -XEN_EFAULT;
	}
	if (a.pad) {
		return -XEN_EINVAL;
	}
	rc = domain_target(a.domid, true, &d);
	if (rc) {
		return rc;
	}
	/* Its own table a domain sets up with the grant calls. */
	rc = d == current_vcpu()->domain ? -XEN_EPERM : acquire_check(&a);
	if (rc) {
		/* nothing */
	} else if (!a.frame_list) {
		rc = acquire_size(d, &a, arg);
	} else {
		rc = acquire_frames(d, &a, start, progress);
	}
	domain_put(d);
	return rc;
}
