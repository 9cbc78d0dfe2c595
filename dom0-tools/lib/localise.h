/* SPDX-License-Identifier: MIT */
/*
 * Page tables of a saved guest: its present entries name pages by their place in the guest (pfn),
 * and the tables of a guest that is to run need machine frames (mfn). Pure; what a table names is
 * not trusted.
 */
#ifndef LIB_LOCALISE_H
#define LIB_LOCALISE_H

#include <stddef.h>
#include <stdint.h>

#define LOCALISE_ENTRIES 512u

/*
 * The pfns that a table names and that have no frame in p2m[pfns] (0) yet, in the order of its
 * entries, each as often as it is named. -ERANGE, with *bad, when one is no pfn of the guest.
 */
int localise_missing(const uint64_t *table, const uint64_t *p2m, uint64_t pfns,
		     uint64_t missing[LOCALISE_ENTRIES], size_t *count, uint64_t *bad);

/* The same table with frames. All it names has one. */
void localise_table(uint64_t *to, const uint64_t *table, const uint64_t *p2m);

#endif
