/* SPDX-License-Identifier: MIT */
/*
 * Prints how many pages the hypervisor has free, to the page: xl info rounds to megabytes and
 * would hide a small leak. Output: "FREE SCRUB CLAIMED", pages; SCRUB is part of FREE.
 */
#include <inttypes.h>
#include <stdio.h>
#include <xenctrl.h>

int main(void)
{
	xc_physinfo_t info = { 0 };
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);

	if (!xch || xc_physinfo(xch, &info)) {
		perror("xen-free: physinfo");
		return 1;
	}
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", (uint64_t)info.free_pages,
	       (uint64_t)info.scrub_pages, (uint64_t)info.outstanding_pages);
	xc_interface_close(xch);
	return 0;
}
