/* SPDX-License-Identifier: MIT */
/*
 * Giving up all memory of a dying domain, in steps that may be interrupted anywhere.
 *
 * Each phase visits every frame of a list once, by moving its head to the tail as often as there
 * were frames when the phase began. Frames that go meanwhile only make it visit some twice, which
 * does no harm.
 */
#include <dais/domain.h>
#include <dais/frame_alloc.h>
#include <dais/pagetype.h>
#include <dais/preempt.h>
#include "pt_internal.h"

enum relinquish_phase { PHASE_START, PHASE_PAGES, PHASE_LOANS, PHASE_DONE };

/* With pt_lock held: a table ceases to be one, and the domain gives the frame up. */
static void relinquish_frame(struct domain *d, struct frame *f)
{
	uint64_t x = atomic_read(&f->type);

	if (x & TYPE_PINNED) {
		atomic_set(&f->type, x & ~TYPE_PINNED);
		pt_table_put(d, f);
	} else if (type_is_table(x) && (x & TYPE_PARTIAL)) {
		pt_zap(d, f);
	}
	(void)frame_give_up(f);
}

/* The next frame of the list, referenced; NULL when the phase is over. */
static struct frame *visit_next(struct domain *d, struct frame_list *list)
{
	struct frame *f = NULL;

	spin_lock(&d->page_lock);
	if (d->pt.left > list->count) {
		d->pt.left = list->count;
	}
	while (!f && d->pt.left) {
		d->pt.left--;
		f = frame_list_head(list);
		frame_list_del(list, f);
		frame_list_add(list, f);
		if (!frame_get(f, d)) {
			f = NULL;	/* its last user is just about to take it off the list */
		}
	}
	spin_unlock(&d->page_lock);
	return f;
}

static struct frame_list *phase_list(struct domain *d)
{
	return d->pt.phase == PHASE_LOANS ? &d->xenpages : &d->pages;
}

static void phase_next(struct domain *d)
{
	d->pt.phase++;
	spin_lock(&d->page_lock);
	d->pt.left = phase_list(d)->count;
	spin_unlock(&d->page_lock);
}

int pt_relinquish(struct domain *d)
{
	int rc = 0;

	spin_lock(&d->pt_lock);
	if (d->pt.phase == PHASE_START) {
		d->pt.dead = true;
		(void)domain_claim_pages(d, 0);
		phase_next(d);
	}
	while (rc == 0 && d->pt.phase != PHASE_DONE) {
		rc = pt_settle_locked(d);
		if (rc == 0) {
			struct frame *f = visit_next(d, phase_list(d));

			if (f) {
				relinquish_frame(d, f);
				frame_put(f);
			} else {
				phase_next(d);
			}
			rc = d->pt.phase != PHASE_DONE && preempt_check() ? -ERESTART : 0;
		}
	}
	if (rc == 0) {
		rc = pt_settle_locked(d);
	}
	spin_unlock(&d->pt_lock);
	return rc;
}
