/* SPDX-License-Identifier: MIT */
/*
 * Mapping other domains' frames, and taking mappings away.
 *
 * A mapping is pinned at its entry (grant_pin.c), written into the caller's page table, and noted
 * under a handle (maptrack.c) that keeps the granting domain alive. Unmapping goes the other way in
 * two steps for a whole batch: first all page-table entries go, then one TLB flush, and only then
 * are the pins dropped, because that tells the granting guest that nobody can reach the frame any
 * more.
 *
 * No lock is held between the steps: a pin keeps the frame, a claimed handle keeps others off the
 * mapping.
 */
#include "grant_internal.h"
#include <dais/percpu.h>
#include <dais/preempt.h>

#define GRANT_HOW	(GNTMAP_device_map | GNTMAP_host_map)
#define GRANT_KEPT	(GRANT_HOW | GNTMAP_readonly | GNTMAP_application_map | GNTMAP_contains_pte)

BUILD_BUG_ON(GNTMAP_readonly != GRANT_WRITE || GNTMAP_device_map != 1 || GNTMAP_host_map != 2);

static unsigned int grant_kind(uint32_t flags)
{
	return GRANT_MAP | (~flags & GNTMAP_readonly);
}

static unsigned int grant_uses(uint32_t flags)
{
	return (flags & GNTMAP_device_map) + ((flags & GNTMAP_host_map) >> 1);
}

/* --- map --- */

/* The domain that grants, referenced. The caller's own cannot go away: it needs no search. */
static inline struct domain *grant_from(struct domain *ld, uint16_t domid)
{
	if (domid != ld->domid) {
		return domain_get_by_id(domid);
	}
	domain_get_known(ld);
	return ld;
}

static __always_inline int16_t grant_map_one(struct vcpu *v, struct gnttab_map_grant_ref *op)
{
	uint32_t flags = op->flags, ref = op->ref, handle;
	struct domain *ld = v->domain, *rd;
	const struct grant_active *a;
	struct maptrack *m;
	int16_t rc;

	if (unlikely(!(flags & GRANT_HOW))) {
		return GNTST_bad_gntref;
	}
	rd = grant_from(ld, op->dom);
	if (unlikely(!rd)) {
		return GNTST_bad_domain;
	}
	m = maptrack_alloc(ld->grant, &handle);
	if (unlikely(!m)) {
		rc = GNTST_no_space;
		goto put;
	}
	rc = grant_pin(rd, ref, ld->domid, grant_kind(flags), grant_uses(flags), &a);
	if (unlikely(rc)) {
		goto free;
	}
	if (flags & GNTMAP_host_map) {
		rc = grant_pte_map(v, op->host_addr, flags, a->mfn);
		if (unlikely(rc)) {
			grant_unpin(rd, ref, grant_kind(flags), grant_uses(flags));
			goto free;
		}
	}
	maptrack_publish(m, rd, ref, (uint16_t)(flags & GRANT_KEPT));
	op->dev_bus_addr = (uint64_t)a->mfn << PAGE_SHIFT;
	op->handle = handle;
	return GNTST_okay;	/* rd stays referenced */
free:
	maptrack_free(ld->grant, m, handle);
put:
	domain_put(rd);
	return rc;
}

void grant_map(struct domain *ld, void *arg)
{
	struct gnttab_map_grant_ref *op = arg;

	op->status = grant_map_one(current_vcpu(), op);
}

/* --- unmap --- */

/* What is left to do for an unmapped element once the TLBs are clean. */
struct grant_undo {
	struct maptrack *m;	/* claimed; NULL: nothing */
	uint32_t handle;
	uint32_t flags;		/* as they were */
	uint32_t gone;		/* GNTMAP_host_map, GNTMAP_device_map: the parts removed */
};

/* Remove the page-table entry and say what else has to go. Nothing has changed unless GNTST_okay is
 * returned. */
static __always_inline int16_t grant_unmap_out(struct vcpu *v, uint32_t handle, uint64_t host_addr,
			       uint64_t dev_bus_addr, uint64_t new_addr, struct grant_undo *u)
{
	struct maptrack *m = maptrack_claim(v->domain->grant, handle);
	uint32_t flags, gone = 0;
	uint64_t mfn;
	int16_t rc;

	u->m = NULL;
	if (unlikely(!m)) {
		return GNTST_bad_handle;
	}
	flags = m->flags & GRANT_KEPT;
	mfn = grant_active_of(m->rd->grant, m->ref)->mfn;	/* fixed: this mapping is a use */
	if (dev_bus_addr && (flags & GNTMAP_device_map)) {
		if (dev_bus_addr != mfn << PAGE_SHIFT) {
			maptrack_unclaim(m, flags);
			return GNTST_general_error;
		}
		gone |= GNTMAP_device_map;
	}
	if (host_addr && (flags & GNTMAP_host_map)) {
		rc = grant_pte_unmap(v, host_addr, flags, mfn, new_addr);
		if (rc) {
			maptrack_unclaim(m, flags);
			return rc;
		}
		gone |= GNTMAP_host_map;
	}
	*u = (struct grant_undo){ .m = m, .handle = handle, .flags = flags, .gone = gone };
	return GNTST_okay;
}

static __always_inline void grant_unmap_finish(struct domain *ld, const struct grant_undo *u)
{
	struct domain *rd;
	uint32_t ref;

	if (!u->m) {
		return;
	}
	rd = u->m->rd;
	ref = u->m->ref;
	if (u->flags & ~u->gone & GRANT_HOW) {
		if (u->gone) {
			grant_unpin(rd, ref, grant_kind(u->flags), grant_uses(u->gone));
		}
		maptrack_unclaim(u->m, u->flags & ~u->gone);
		return;
	}
	grant_unpin(rd, ref, grant_kind(u->flags), grant_uses(u->gone));
	maptrack_free(ld->grant, u->m, u->handle);
	domain_put(rd);
}

/* One element says the address of an entry whose own is to take its place where the other says a
 * bus address. */
BUILD_BUG_ON(offsetof(struct gnttab_unmap_and_replace, new_addr) !=
		     offsetof(struct gnttab_unmap_grant_ref, dev_bus_addr) ||
	     offsetof(struct gnttab_unmap_and_replace, handle) !=
		     offsetof(struct gnttab_unmap_grant_ref, handle) ||
	     offsetof(struct gnttab_unmap_and_replace, status) !=
		     offsetof(struct gnttab_unmap_grant_ref, status));

static void __noinline grant_unmap_many(struct gnttab_unmap_grant_ref *op, unsigned int n,
					bool replace)
{
	struct vcpu *v = current_vcpu();
	struct grant_undo undo[GRANT_BATCH];
	unsigned int i, entries = 0;
	uint64_t flush_va = 0;

	for (i = 0; i < n; i++) {
		uint64_t va = op[i].host_addr, other = op[i].dev_bus_addr;

		if (replace && (!va || !other)) {
			undo[i].m = NULL;
			op[i].status = GNTST_bad_virt_addr;
			continue;
		}
		op[i].status = grant_unmap_out(v, op[i].handle, va, replace ? 0 : other,
					       replace ? other : 0, &undo[i]);
		if (undo[i].m && (undo[i].gone & GNTMAP_host_map)) {
			/* In a replacement `other` has changed as well. */
			bool alone = !entries++ && !replace;

			flush_va = alone && !(undo[i].flags & GNTMAP_contains_pte) ? va : 0;
		}
	}
	if (entries) {
		grant_tlb_flush(v->domain, flush_va);
	}
	for (i = 0; i < n; i++) {
		grant_unmap_finish(v->domain, &undo[i]);
	}
}

/* One alone needs no list of what is left to do. */
void grant_unmap_batch(void *ops, unsigned int n)
{
	struct gnttab_unmap_grant_ref *op = ops;
	struct vcpu *v = current_vcpu();
	uint64_t va = op->host_addr;
	struct grant_undo u;

	if (unlikely(n != 1)) {
		grant_unmap_many(op, n, false);
		return;
	}
	op->status = grant_unmap_out(v, op->handle, va, op->dev_bus_addr, 0, &u);
	if (unlikely(!u.m)) {
		return;
	}
	if (u.gone & GNTMAP_host_map) {
		grant_tlb_flush(v->domain, u.flags & GNTMAP_contains_pte ? 0 : va);
	}
	grant_unmap_finish(v->domain, &u);
}

void grant_unmap_replace_batch(void *ops, unsigned int n)
{
	grant_unmap_many(ops, n, true);
}

/* --- the end of a mapper --- */

int grant_table_destroy(struct domain *d)
{
	struct grant_table *gt = d->grant;
	uint32_t n = 0;

	spin_lock(&gt->lock);
	gt->dying = true;
	gt->nr_entries = 0;
	spin_unlock(&gt->lock);
	/* Its vcpus are gone and its tables are in no CPU: the entries in them may be dismantled
	 * later. */
	for (; gt->release_at < gt->nr_maptrack * MAPTRACK_PER_PAGE; gt->release_at++) {
		struct maptrack *m;

		if (++n % 128 == 0 && preempt_check()) {
			return -ERESTART;
		}
		m = maptrack_claim(gt, gt->release_at);
		if (m) {
			struct grant_undo u = { m, gt->release_at, m->flags & GRANT_KEPT,
						m->flags & GRANT_HOW };

			grant_unmap_finish(d, &u);
		}
	}
	return 0;
}
