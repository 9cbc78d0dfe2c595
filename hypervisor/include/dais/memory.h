/* SPDX-License-Identifier: MIT */
/*
 * Rooms behind memory_op that are more than a call to the frame allocator: exchanging frames, and
 * the memory maps (e820) that domains are shown. And what all of it costs.
 *
 * A domain's own map, d->memory_map, is guarded by d->lock.
 */
#ifndef DAIS_MEMORY_H
#define DAIS_MEMORY_H

#include <stdint.h>
#include <dais/frame.h>
#include <dais/types.h>

struct domain;

/*
 * Exchange. Frames on their way from one owner to another are kept on lists of blocks: each element
 * is the first frame of 2^order contiguous ones that nobody owns.
 *
 * memory_exchange_prepare: nr new blocks for `out`. -ENOMEM: nothing was taken.
 * memory_exchange_take:    frames mfn .. mfn + 2^order - 1 away from d, one by one onto `in` (order
 *                          0). -EINVAL: not d's, or in use; those taken before stay on `in`.
 * memory_exchange_undo:    give `in` back to d and free `out`: nothing has happened.
 * memory_exchange_commit:  free `in`, and take the next block off `out` for d: its frames are named
 *                          pfn .. in the machine-to-phys table. Returns the first mfn, INVALID_MFN
 *                          when the domain is dying.
 */
int memory_exchange_prepare(struct frame_list *out, uint64_t nr, unsigned int order,
			    unsigned int bits);
int memory_exchange_take(struct domain *d, struct frame_list *in, mfn_t mfn, unsigned int order);
void memory_exchange_undo(struct domain *d, struct frame_list *in, struct frame_list *out,
			  unsigned int out_order);
mfn_t memory_exchange_commit(struct domain *d, struct frame_list *in, struct frame_list *out,
			     unsigned int out_order, pfn_t pfn);

/* An e820 entry as guests see it. */
struct memory_map_entry {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((__packed__));

#define MEMORY_MAP_MAX	128	/* entries of a domain's own map */

struct memory_map {
	unsigned int nr;
	struct memory_map_entry entry[];
};

/* Replace d's map by a copy of these (nr <= MEMORY_MAP_MAX; 0 removes it). 0 or -ENOMEM. */
int memory_map_set(struct domain *d, const struct memory_map_entry *e, unsigned int nr);

/* Entry i of d's map. -ENOENT past the end, -ENOSYS when it has none. */
int memory_map_get(struct domain *d, unsigned int i, struct memory_map_entry *e);

/*
 * The machine's map as d may see it: what firmware said, and as reserved what d may not use of the
 * rest. Calls emit in rising order until it returns non-zero, which is returned.
 */
typedef int (*memory_map_fn)(void *arg, const struct memory_map_entry *e);
int memory_map_machine(struct domain *d, memory_map_fn emit, void *arg);

/* At the end of boot: say what the hypervisor keeps for itself, and remember it for the key m. */
void memory_use_boot(void);

#endif
