/* SPDX-License-Identifier: MIT */
/*
 * Debug key g: the grants that are in use, or shown as such. Only looks; a table's lock is held
 * for one entry at a time, and a guest may change its own side meanwhile.
 */
#include "grant_internal.h"
#include <dais/keys.h>
#include <dais/printk.h>

/* Under gt->lock. */
static void dump_entry(const struct domain *d, const struct grant_table *gt, uint32_t ref)
{
	const struct grant_active *a = grant_active_of(gt, ref);
	uint32_t word = atomic_read(grant_entry_of(gt, ref));
	uint16_t shown = atomic_read(grant_status_of(gt, ref)) & (GTF_reading | GTF_writing);

	if (!a->uses && !shown) {
		return;
	}
	pr_info("  d%u ref %u to d%u: flags %x,%s%s; %u readers, %u writers for d%u of frame %x\n",
		d->domid, ref, word >> 16, word & 0xffff, shown & GTF_reading ? " reading" : "",
		shown & GTF_writing ? " writing" : "", grant_readers(a), grant_writers(a), a->domid,
		a->mfn);
}

static void key_grant(struct regs *regs __maybe_unused)
{
	struct domain *d = NULL;

	while ((d = domain_next(d)) != NULL) {
		struct grant_table *gt = d->grant;

		pr_info("grants of d%u: version %u, %u entries, %u in use\n", d->domid, gt->version,
			gt->nr_entries, gt->nr_active);
		for (uint32_t ref = 0; ref < gt->nr_entries; ref++) {
			spin_lock(&gt->lock);
			if (ref < gt->nr_entries) {
				dump_entry(d, gt, ref);
			}
			spin_unlock(&gt->lock);
		}
	}
}
DEBUG_KEY('g', key_grant, "show grants in use");
