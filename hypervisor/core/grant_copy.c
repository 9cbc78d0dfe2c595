/* SPDX-License-Identifier: MIT */
/*
 * Copying between frames without mapping them: each end is a grant of some domain, or a frame of
 * the caller's own. Both ends are held (frame and, for the destination, writable type) for the time
 * of the copy; nothing is locked.
 */
#include "grant_internal.h"
#include <dais/frame.h>
#include <dais/pagetype.h>
#include <dais/string.h>

/* One end, held. */
struct copy_end {
	struct domain *rd;	/* of a grant: its domain, referenced; NULL: an own frame */
	uint32_t ref;
	struct frame *frame;	/* of an own frame */
	bool readonly;
	uint8_t *page;
	unsigned int start, end; /* of the part that may be touched */
};

static int16_t copy_hold_grant(struct domain *caller, const struct gnttab_copy_ptr *p,
			       struct copy_end *e)
{
	uint16_t domid = p->domid == DOMID_SELF ? caller->domid : p->domid;
	struct domain *rd = domain_get_by_id(domid);
	const struct grant_active *a;
	int16_t rc;

	if (!rd) {
		return GNTST_bad_domain;
	}
	rc = grant_pin(rd, p->u.ref, caller->domid, e->readonly ? 0 : GRANT_WRITE, 1, &a);
	if (rc) {
		domain_put(rd);
		return rc;
	}
	e->rd = rd;
	e->ref = p->u.ref;
	e->page = frame_map(a->mfn);
	e->start = a->start;
	e->end = a->start + (unsigned int)a->length;
	return GNTST_okay;
}

static int16_t copy_hold(struct domain *caller, const struct gnttab_copy_ptr *p, bool is_ref,
			 bool readonly, struct copy_end *e)
{
	struct frame *f;
	int16_t rc;

	e->readonly = readonly;
	if (is_ref) {
		return copy_hold_grant(caller, p, e);
	}
	if (p->domid != DOMID_SELF) {
		return GNTST_permission_denied;	/* even one's own number, as Xen has it */
	}
	f = frame_lookup(p->u.gmfn);
	rc = grant_hold_frame(caller, f, readonly);
	if (rc == GNTST_okay) {
		e->rd = NULL;
		e->frame = f;
		e->page = frame_address(f);
		e->start = 0;
		e->end = PAGE_SIZE;
	}
	return rc;
}

static void copy_release(const struct copy_end *e)
{
	if (e->rd) {
		grant_unpin(e->rd, e->ref, e->readonly ? 0 : GRANT_WRITE, 1);
		domain_put(e->rd);
	} else if (e->readonly) {
		frame_put(e->frame);
	} else {
		frame_put_writable(e->frame);
	}
}

/* Part of the page, as far as it is granted. */
static bool copy_inside(const struct copy_end *e, unsigned int offset, unsigned int len)
{
	return offset >= e->start && offset + len <= e->end;
}

static int16_t copy_one(struct domain *caller, const struct gnttab_copy *op)
{
	struct copy_end src, dst;
	int16_t rc;

	if (op->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref)
	    || (unsigned int)op->source.offset + op->len > PAGE_SIZE
	    || (unsigned int)op->dest.offset + op->len > PAGE_SIZE) {
		return GNTST_bad_copy_arg;
	}
	rc = copy_hold(caller, &op->source, op->flags & GNTCOPY_source_gref, true, &src);
	if (rc) {
		return rc;
	}
	rc = copy_hold(caller, &op->dest, op->flags & GNTCOPY_dest_gref, false, &dst);
	if (!rc) {
		if (copy_inside(&src, op->source.offset, op->len)
		    && copy_inside(&dst, op->dest.offset, op->len)) {
			/* Both ends are held and may be the same frame. */
			memmove(dst.page + op->dest.offset, src.page + op->source.offset, op->len);
		} else {
			rc = GNTST_general_error;
		}
		copy_release(&dst);
	}
	copy_release(&src);
	return rc;
}

void grant_copy(struct domain *caller, void *arg)
{
	struct gnttab_copy *op = arg;

	op->status = copy_one(caller, op);
}
