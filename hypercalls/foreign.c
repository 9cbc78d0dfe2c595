/* SPDX-License-Identifier: MIT */
/* See foreign.h. The two role domains live for ever; references on them cost nothing but are kept balanced. */
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/vcpu.h>
#include <xen/errno.h>
#include <xen/xen.h>
#include "foreign.h"

int foreign_get(uint16_t domid, struct domain **out)
{
	struct domain *self = current_vcpu()->domain;

	if (domid == DOMID_SELF || domid == self->domid) {
		*out = self;
	} else if (domid == DOMID_IO) {
		*out = dom_io;
	} else if (domid == DOMID_XEN) {
		if (!self->is_privileged) {
			return -XEN_EPERM;
		}
		*out = dom_xen;
	} else {
		return domain_target(domid, true, out);
	}
	domain_get(*out);
	return 0;
}

void foreign_put(struct domain *d)
{
	domain_put(d);
}
