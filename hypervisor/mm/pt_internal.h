/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the page-type room. All functions want d->pt_lock held, except those on
 * the writable type, which need none.
 */
#ifndef DAIS_MM_PT_INTERNAL_H
#define DAIS_MM_PT_INTERNAL_H

#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/pagetype.h>
#include <dais/pt_env.h>

/*
 * Never leaves the room: a half-made table stood in the way; it was queued for dismantling. Settle,
 * try again.
 */
#define PT_AGAIN	1

#define type_of_level(level)	((uint64_t)(level) << TYPE_SHIFT)
#define level_of_type(type)	((unsigned int)((type) >> TYPE_SHIFT))
#define type_is_table(type)	(((type) & TYPE_MASK) >= TYPE_L1 && ((type) & TYPE_MASK) <= TYPE_L4)
#define type_progress(x)	((unsigned int)(((x) & TYPE_PROGRESS) >> TYPE_PROGRESS_SHIFT))

/* Dismantle what is queued. 0 or -ERESTART. */
int pt_settle_locked(struct domain *d);

/* Queue a partial table. */
void pt_zap(struct domain *d, struct frame *f);

/*
 * Plain and type reference in one, on tables and descriptor pages. Errors: -EINVAL, -ERESTART,
 * PT_AGAIN. The last put of a table queues it; the put may free the frame.
 */
int pt_table_get(struct domain *d, mfn_t mfn, uint64_t type);
void pt_table_put(struct domain *d, struct frame *f);

/*
 * What an L1 entry refers to. get may change the entry's cache and write bits (MMIO). 0, -EBUSY,
 * -EPERM, -EINVAL.
 */
int pt_l1_target_get(struct domain *d, struct domain *pg_owner, uint64_t *pte);

bool type_become_writable(struct frame *f);

static inline bool type_get_writable(struct frame *f)
{
	uint64_t x = atomic_read(&f->type);

	do {
		if (unlikely((x & (TYPE_MASK | TYPE_BUSY)) != TYPE_WRITABLE)) {
			return type_become_writable(f);
		}
	} while (unlikely(!atomic_cas(&f->type, &x, x + 1)));
	return true;
}

/*
 * The stamp has to be taken after the count went to 0 (another CPU may map and unmap the frame up
 * to then) and be in place before anyone gives the frame a new type: BUSY holds them off for these
 * few instructions.
 */
static inline void type_put_writable(struct frame *f)
{
	uint64_t x = atomic_read(&f->type), nx;

	do {
		nx = (x & TYPE_COUNT) == 1 ? TYPE_WRITABLE | TYPE_BUSY : x - 1;
	} while (unlikely(!atomic_cas(&f->type, &x, nx)));
	if (nx & TYPE_BUSY) {
		f->tlb_stamp = (uint32_t)tlb_now();
		atomic_set_release(&f->type, TYPE_WRITABLE);
	}
}

static inline void pt_l1_target_put(uint64_t pte)
{
	struct frame *f = frame_lookup(pte_mfn(pte));

	if (unlikely(!f)) {
		return;		/* device memory: no references */
	}
	if (pte & PTE_RW) {
		type_put_writable(f);
	}
	frame_put_inline(f);
}

#endif
