/* SPDX-License-Identifier: MIT */
/*
 * Prints what CPU time each domain has had so far: "DOMID NANOSECONDS", a domain on each line, and
 * first "now NANOSECONDS", the clock. xl list rounds to tenths of a second.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <xenctrl.h>

#define DOMAINS 64

int main(void)
{
	static xc_domaininfo_t info[DOMAINS];
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	struct timespec now;
	int n = xch ? xc_domain_getinfolist(xch, 0, DOMAINS, info) : -1;

	if (n < 0) {
		perror("xen-times: getinfolist");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("now %lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
	for (int i = 0; i < n; i++) {
		printf("%u %" PRIu64 "\n", info[i].domain, (uint64_t)info[i].cpu_time);
	}
	xc_interface_close(xch);
	return 0;
}
