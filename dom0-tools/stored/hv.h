/* SPDX-License-Identifier: MIT */
/*
 * What the store needs from the hypervisor, as a table of functions so that tests can stand in
 * for it. Errors are negative errno.
 */
#ifndef STORED_HV_H
#define STORED_HV_H

#include <stdint.h>

struct xenstore_domain_interface;

#define HV_DYING    1 /* being destroyed */
#define HV_SHUTDOWN 2 /* stopped by itself; still exists */

/* What hv.pending answers besides a port. */
#define HV_NO_EVENT     (-1)
#define HV_DOMAIN_EVENT (-2) /* a domain died or shut down */

struct hv_domain {
	uint16_t domid;
	uint16_t flags; /* HV_* */
};

/*
 * map       the ring page of a domain; gfn is what the toolstack named, used when the domain has
 *           not granted its page. Domain 0: the page the kernel set aside (gfn ignored).
 * bind      connects to a port of the domain; returns our own port
 * pending   the next of our ports that has an event, now masked: it says no more until `unmask`,
 *           but what is sent meanwhile is not lost. Or one of HV_*_EVENT
 * list      domains in ascending order from `first` on, at most `max`; returns how many
 */
struct hv {
	struct xenstore_domain_interface *(*map)(void *arg, uint32_t domid, uint64_t gfn);
	void (*unmap)(void *arg, uint32_t domid, struct xenstore_domain_interface *page);
	int (*bind)(void *arg, uint32_t domid, uint32_t remote_port);
	void (*unbind)(void *arg, uint32_t port);
	void (*notify)(void *arg, uint32_t port);
	int (*pending)(void *arg);
	void (*unmask)(void *arg, uint32_t port);
	int (*list)(void *arg, uint32_t first, struct hv_domain *out, uint32_t max);
};

#endif
