/* SPDX-License-Identifier: MIT */
/*
 * How much of the machine's memory does the hypervisor keep for itself?
 *
 * Domain: dom0
 * Memory: 2560 4096 10240
 *
 * All memory, less what is free, less dom0's own. The bounds are what the oracle takes on machines
 * of these sizes. What a guest costs is measured by `crowd`.
 */
#include "kit.h"

#include "domain.h"

#define MB_PAGES 256UL

static const struct {
	unsigned long machine_mb, most_mb;
} bounds[] = { { 2560, 29 }, { 4096, 43 }, { 10240, 103 } };

void guest_main(void)
{
	static struct domain self;
	struct xen_domctl_getdomaininfo info;
	struct xen_sysctl op;
	unsigned long total, own, most = 0;

	kit_init();
	memset(&op, 0, sizeof(op));
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_physinfo, &op), 0);
	CHECK_EQ(domain_info(&self, &info), 0);
	total = op.u.physinfo.total_pages;
	own = total - op.u.physinfo.free_pages - info.tot_pages;
	for (unsigned int i = 0; i < ARRAY_SIZE(bounds) && most == 0; i++) {
		if (total <= bounds[i].machine_mb * MB_PAGES) {
			most = bounds[i].most_mb;
		}
	}
	kprintf("memory_cost: of %lu MB the hypervisor keeps %lu KB\n", total / MB_PAGES, own * 4);
	/* Some is not counted as RAM at all, which is the firmware's doing: a MB or so. */
	CHECK(total + 2 * MB_PAGES > bounds[0].machine_mb * MB_PAGES);
	CHECK(own <= most * MB_PAGES);
	verdict();
}
