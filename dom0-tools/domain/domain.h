/* SPDX-License-Identifier: MIT */
/*
 * The life of a domain: creating it from a configuration, asking it to stop, destroying it. Each
 * is a function that blocks until it is done; daemons call them in a process of their own.
 */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/guest.h"
#include "lib/failure.h"

struct hypercall;
struct xs_client;

/* What every operation needs: the hypervisor and the store. */
struct toolstack {
	struct hypercall *h;
	struct xs_client *xs;
};

int toolstack_open(struct toolstack *t, struct failure *f);
/* Without the store. */
int toolstack_open_hypervisor(struct toolstack *t, struct failure *f);
void toolstack_close(struct toolstack *t);
/*
 * Connects to the store again if the connection was lost: the store was restarted, nothing that it
 * acknowledged is. Waits some seconds for it. True when there is a new connection; what was under
 * way is then to be done again.
 */
bool toolstack_renew(struct toolstack *t);
/*
 * Calls `try`, and after a failure `undo`; both again when the failure was that the store was
 * restarted. The result and the failure are those of the last try.
 */
int toolstack_retry(struct toolstack *t, int (*try)(void *arg, struct failure *f),
		    void (*undo)(void *arg), void *arg, struct failure *f);

/*
 * paused      do not start it
 * restore     file of a saved guest whose state it gets instead of a kernel; NULL: none
 * fail_after  name of the step after which to give up, for tests that nothing is left behind;
 *             NULL otherwise
 * progress    told the name of each step, a constant, before it begins; may be NULL
 */
struct domain_options {
	bool paused;
	const char *restore;
	const char *fail_after;
	void (*progress)(void *arg, const char *step);
	void *arg;
};

/*
 * Creates the guest; g gets a UUID and its interfaces addresses if they have none. On failure
 * nothing is left behind: no domain, no node, no loop device. When the store was restarted
 * meanwhile it is begun anew, here and in the functions below.
 */
int domain_create(struct toolstack *t, struct guest_config *g, const struct domain_options *o,
		  uint32_t *domid, struct failure *f);
/* Names of the steps, of a creation or a restore, for tests; NULL past the last. */
const char *domain_create_step(bool restore, unsigned int i);

/*
 * Looks at all that can be looked at before there is a domain: the kernel and the initrd, and with
 * handles that are open also interfaces, disks and free memory. Leaves nothing behind.
 */
int domain_check(struct toolstack *t, struct guest_config *g, struct failure *f);

/* Destroys at once. -ESRCH when there is no such domain. */
int domain_destroy(struct toolstack *t, uint32_t domid, struct failure *f);

/* Asks the guest's kernel: "poweroff", "reboot", "halt". Does not wait. */
int domain_ask(struct toolstack *t, uint32_t domid, const char *what, struct failure *f);

/* Adds a device to a running domain. The number it got is in d->device or *devid. */
int domain_attach_disk(struct toolstack *t, uint32_t domid, struct guest_disk *d,
		       struct failure *f);
int domain_attach_nic(struct toolstack *t, uint32_t domid, struct guest_nic *n, unsigned int *devid,
		      struct failure *f);

/*
 * The number of the domain that `what` means: a name, a number, or a UUID. -ESRCH with the
 * message xl gives.
 */
int toolstack_find(struct toolstack *t, const char *what, uint32_t *domid, struct failure *f);
/* Its name (free() it), or NULL. */
char *toolstack_name(struct toolstack *t, uint32_t domid);

/* policy.c: applies the `cpuid` setting to the domain's CPU policy. */
int domain_cpuid(struct toolstack *t, uint32_t domid, const struct guest_config *g,
		 struct failure *f);

#endif
