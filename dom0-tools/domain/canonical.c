/* SPDX-License-Identifier: MIT */
/*
 * Machine frames of a guest's state turned into its page numbers: see canonical.h. Pure.
 */
#include "domain/canonical.h"

#include <xen/arch-x86/xen.h>

#include "domain/frames.h"
#include "lib/pte.h"

#define XEN_FIRST   256 /* top-level entries that are the hypervisor's: from ffff800000000000 */
#define XEN_LAST    271 /* to ffff87ffffffffff */
#define GDT_FRAMES  16
#define PER_FRAME   512 /* descriptors */
#define CR1_IN_USE  1ull

bool canonical_table(const struct frames *s, unsigned int level, const uint64_t *in, uint64_t *out,
		     uint64_t *bad)
{
	uint64_t pfn;
	int i;

	for (i = 0; i < CANONICAL_ENTRIES; i++) {
		if (level == 4 && i >= XEN_FIRST && i <= XEN_LAST) {
			out[i] = 0;
		} else if (!(in[i] & PTE_PRESENT)) {
			out[i] = in[i];
		} else if (frames_find(s, (in[i] & PTE_FRAME) >> PTE_SHIFT, &pfn)) {
			out[i] = (in[i] & ~PTE_FRAME) | pfn << PTE_SHIFT;
		} else {
			*bad = (in[i] & PTE_FRAME) >> PTE_SHIFT;
			return false;
		}
	}
	return true;
}

static bool canonical_frame(const struct frames *s, uint64_t *frame, uint64_t *bad)
{
	uint64_t pfn;

	*bad = *frame;
	if (!frames_find(s, *frame, &pfn)) {
		return false;
	}
	*frame = pfn;
	return true;
}

bool canonical_vcpu(const struct frames *s, uint32_t vcpu, struct vcpu_guest_context *c,
		    uint64_t *bad)
{
	uint64_t i, root = xen_cr3_to_pfn(c->ctrlreg[3]), user = xen_cr3_to_pfn(c->ctrlreg[1]);

	if (!vcpu && !canonical_frame(s, &c->user_regs.rdx, bad)) {
		return false;
	}
	for (i = 0; i < GDT_FRAMES && i * PER_FRAME < c->gdt_ents; i++) {
		if (!canonical_frame(s, &c->gdt_frames[i], bad)) {
			return false;
		}
	}
	if (!canonical_frame(s, &root, bad)) {
		return false;
	}
	c->ctrlreg[3] = xen_pfn_to_cr3(root);
	if (c->ctrlreg[1]) {
		if (!canonical_frame(s, &user, bad)) {
			return false;
		}
		/* Page 0 could be one: that there is a table is said by a bit of its own. */
		c->ctrlreg[1] = xen_pfn_to_cr3(user) | CR1_IN_USE;
	}
	return true;
}
