/* SPDX-License-Identifier: MIT */
/*
 * The other way to fill a domain that exists but is empty: with the state of a saved guest instead
 * of a kernel (builder.h). The guest goes on where it was as soon as the domain is unpaused.
 *
 * The state is not trusted: what it asks for beyond the domain's own limits is refused here or by
 * the hypervisor. On failure the domain is left as far as it came; the caller destroys it.
 */
#ifndef LIB_RESTORER_H
#define LIB_RESTORER_H

#include <stdint.h>

#include "lib/builder.h"
#include "lib/saved.h"

struct hypercall;

/*
 * saved       at its configuration's end; stays the caller's
 * max_vcpus   of the domain
 * *_port      ports of the domain that are open to `backend`, which serves console and store
 */
struct restorer_in {
	struct saved *saved;
	uint32_t max_vcpus;
	uint32_t console_port, store_port;
	uint32_t backend;
};

int restorer_restore(struct hypercall *h, uint32_t domid, const struct restorer_in *in,
		     struct builder_out *out, struct failure *f);

#endif
