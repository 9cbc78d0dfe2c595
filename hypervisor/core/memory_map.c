/* SPDX-License-Identifier: MIT */
/*
 * Memory maps shown to domains: the one tools set for a guest, and the machine's for dom0. In the
 * latter what firmware does not describe and the domain may not map (interrupt controllers, say) is
 * shown as reserved, so that its kernel puts nothing there.
 *
 * d->memory_map is guarded by d->lock; the machine's map never changes.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/hv_alloc.h>
#include <dais/memory.h>
#include <dais/rangeset.h>
#include <dais/string.h>
#include <dais/x86.h>
#include <xen/errno.h>

int memory_map_set(struct domain *d, const struct memory_map_entry *e, unsigned int nr)
{
	struct memory_map *m = NULL, *old;

	if (nr) {
		m = hv_alloc(sizeof(*m) + nr * sizeof(m->entry[0]));
		if (!m) {
			return -XEN_ENOMEM;
		}
		m->nr = nr;
		memcpy(m->entry, e, nr * sizeof(*e));
	}
	spin_lock(&d->lock);
	old = d->memory_map;
	d->memory_map = m;
	spin_unlock(&d->lock);
	hv_free(old);
	return 0;
}

int memory_map_get(struct domain *d, unsigned int i, struct memory_map_entry *e)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (!d->memory_map) {
		rc = -XEN_ENOSYS;
	} else if (i >= d->memory_map->nr) {
		rc = -XEN_ENOENT;
	} else {
		*e = d->memory_map->entry[array_index_nospec(i, d->memory_map->nr)];
	}
	spin_unlock(&d->lock);
	return rc;
}

/* Of the frames [next, end), if there are any, nobody says what they are for. */
static int hole_emit(memory_map_fn emit, void *arg, mfn_t next, mfn_t end)
{
	struct memory_map_entry e = {
		.addr = mfn_to_paddr(next), .size = mfn_to_paddr(end - next),
		.type = BOOT_E820_RESERVED,
	};

	return end > next ? emit(arg, &e) : 0;
}

/* What firmware is silent about from start to end, looked through for holes in what d may use. */
static int gap_walk(struct domain *d, memory_map_fn emit, void *arg, paddr_t start, paddr_t end)
{
	mfn_t next = paddr_to_mfn(start + PAGE_SIZE - 1), last = paddr_to_mfn(end);
	const struct range *r;
	int rc = 0;

	list_for_each_entry(r, &d->iomem.ranges, link) {
		if (rc || r->start >= last) {
			break;
		}
		if (r->end >= next) {
			rc = hole_emit(emit, arg, next, r->start);
			next = min(r->end, last - 1) + 1;
		}
	}
	return rc ? rc : hole_emit(emit, arg, next, last);
}

int memory_map_machine(struct domain *d, memory_map_fn emit, void *arg)
{
	const struct boot_info *bi = dais_boot_info;
	paddr_t pos = 0;
	int rc = 0;

	for (unsigned int i = 0; rc == 0 && i < bi->nr_e820; i++) {
		const struct boot_e820_entry *b = &bi->e820[i];
		struct memory_map_entry e = {
			.addr = b->start, .size = b->end - b->start, .type = b->type,
		};

		rc = gap_walk(d, emit, arg, pos, b->start);
		if (rc == 0) {
			rc = emit(arg, &e);
		}
		pos = b->end;
	}
	return rc ? rc : gap_walk(d, emit, arg, pos, 1UL << x86_features.phys_bits);
}
