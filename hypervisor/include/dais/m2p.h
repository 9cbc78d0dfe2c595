/* SPDX-License-Identifier: MIT */
/*
 * The machine-to-physical table: for each frame of RAM, the number its owner calls it by. Guests
 * read it directly; nothing in the hypervisor trusts it. Single 8-byte stores, no lock.
 */
#ifndef DAIS_M2P_H
#define DAIS_M2P_H

#include <dais/atomic.h>
#include <dais/directmap.h>
#include <dais/types.h>

struct domain;

#define M2P_INVALID	(~0UL)

static inline void m2p_set(mfn_t mfn, uint64_t pfn)
{
	atomic_set(&m2p_table[mfn], pfn);
}

static inline uint64_t m2p_get(mfn_t mfn)
{
	return atomic_read(&m2p_table[mfn]);
}

/* Lend the table to a role, once: tools map it read-only, naming DOMID_XEN as the owner. */
void m2p_share(struct domain *d);

/* MMU_MACHPHYS_UPDATE: only for a frame that d owns, else -EINVAL. */
int m2p_update(struct domain *d, mfn_t mfn, uint64_t pfn);

#endif
