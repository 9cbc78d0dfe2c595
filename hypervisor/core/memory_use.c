/* SPDX-License-Identifier: MIT */
/*
 * What the hypervisor keeps of the machine's memory for itself: all RAM, less what is free, less
 * what domains own. Figures are read without a lock: they are for people.
 */
#include <dais/boot_mem.h>
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/frame_alloc.h>
#include <dais/grant.h>
#include <dais/hv_alloc.h>
#include <dais/keys.h>
#include <dais/memory.h>
#include <dais/printk.h>
#include <dais/sections.h>

#define KIB(pages)	((pages) << (PAGE_SHIFT - 10))

static unsigned long fixed;	/* pages, when boot was over: dom0's structures are part of it */

/* Also counts the domains other than dom0, and how many pages these own. */
static unsigned long own_pages(unsigned int *guests, unsigned long *theirs)
{
	unsigned long used = boot_mem_ram_pages() - frame_alloc_free();
	struct domain *d = NULL;

	*guests = 0;
	*theirs = 0;
	while ((d = domain_next(d)) != NULL) {
		unsigned long n = atomic_read(&d->tot_pages);

		used -= n;
		if (!d->is_hardware) {
			(*guests)++;
			*theirs += n;
		}
	}
	return used;
}

void memory_use_boot(void)
{
	unsigned long theirs, frames = 0, m2p = dom_xen->xenpages.count;
	unsigned long boot_only = (unsigned long)(__init_end - __init_start);
	unsigned long image = ((unsigned long)(__image_end - __image_start) - boot_only) / PAGE_SIZE;
	unsigned int guests;

	for (mfn_t group = 0; group << FRAME_GROUP_SHIFT < frame_max; group++) {
		frames += (frame_groups[group / 64] >> (group % 64)) & 1;
	}
	frames *= (sizeof(struct frame) << FRAME_GROUP_SHIFT) / PAGE_SIZE;
	fixed = own_pages(&guests, &theirs);
	pr_info("memory: of %lu MiB the hypervisor keeps %lu KiB: frame table %lu, machine-to-phys "
		"table %lu, image %lu, other %lu\n",
		KIB(boot_mem_ram_pages()) >> 10, KIB(fixed), KIB(frames), KIB(m2p), KIB(image),
		KIB(fixed - frames - m2p - image));
}

static void key_memory(struct regs *regs __maybe_unused)
{
	struct hv_alloc_use small = hv_alloc_use();
	unsigned long theirs, own, more;
	unsigned int guests;

	own = own_pages(&guests, &theirs);
	more = own > fixed ? own - fixed : 0;
	pr_info("memory: %lu MiB, free %lu KiB, guests' %lu KiB, the hypervisor's %lu KiB\n",
		KIB(boot_mem_ram_pages()) >> 10, KIB(frame_alloc_free()), KIB(theirs), KIB(own));
	pr_info("memory: small objects: %lu KiB, of which %lu bytes are taken\n", KIB(small.frames),
		small.bytes);
	if (dom0) {
		pr_info("memory: kept for as much as dom0 has had in use at once: grant handles "
			"%lu KiB, event channels %lu KiB\n",
			KIB((unsigned long)grant_handle_pages(dom0)),
			KIB((unsigned long)atomic_read(&dom0->evtchn.valid) / EVTCHN_BUCKET));
	}
	pr_info("memory: %lu KiB more than at the end of boot, for %u guests: %lu KiB each\n",
		KIB(more), guests, guests ? KIB(more) / guests : 0);
}
DEBUG_KEY('m', key_memory, "show what memory is used for, and the hypervisor's own cost");
