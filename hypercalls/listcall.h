/* SPDX-License-Identifier: MIT */
/*
 * What mmu_update and mmuext_op have in common: a list of requests that may be done in several issues of the call,
 * and a word of the guest's that tells how many are done. The doors do the requests; here is the counting.
 */
#ifndef HYPERCALLS_LISTCALL_H
#define HYPERCALLS_LISTCALL_H

#include <stddef.h>

#include <dais/compiler.h>
#include <dais/guest_access.h>
#include <dais/pagetype.h>
#include <dais/preempt.h>
#include <xen/errno.h>

#define LISTCALL_CONTINUED	0x80000000U	/* in count: part was done by an earlier issue of this call */

struct listcall {
	unsigned int nr;		/* of the hypercall */
	unsigned int size;		/* of a request */
	unsigned long list, pdone;	/* the guest's; pdone may be 0 */
	unsigned int count, domid;
	unsigned int done, before;	/* requests done now, and by earlier issues */
};

/* Take the mark off the count and find what was done before. 0 or -EFAULT. */
static inline int listcall_begin(struct listcall *l)
{
	if (likely(!(l->count & LISTCALL_CONTINUED))) {
		return 0;
	}
	l->count &= ~LISTCALL_CONTINUED;
	return l->pdone && copy_from_guest(&l->before, l->pdone, sizeof(l->before)) != 0 ? -XEN_EFAULT : 0;
}

/* After the requests: tables of d that were let go are taken apart before the guest goes on. */
static inline int listcall_settle(struct domain *d, int rc)
{
	return rc == 0 && pt_settle(d) == -ERESTART ? -ERESTART : rc;
}

/* Tell how much is done. Returns what the door does. */
static inline long listcall_end(const struct listcall *l, int rc)
{
	unsigned int told = l->before + l->done;

	if (l->pdone && copy_to_guest(l->pdone, &told, sizeof(told)) != 0) {
		rc = rc == 0 || rc == -ERESTART ? -XEN_EFAULT : rc;
	}
	if (rc == -ERESTART) {
		return hypercall_continue(l->nr, 4, l->list + (unsigned long)l->done * l->size,
					  (unsigned long)((l->count - l->done) | LISTCALL_CONTINUED), l->pdone,
					  (unsigned long)l->domid);
	}
	return rc;
}

#endif
