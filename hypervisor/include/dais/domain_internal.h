/* SPDX-License-Identifier: MIT */
/* Shared between the files that make up the life of a domain; nobody else includes this. */
#ifndef DAIS_DOMAIN_INTERNAL_H
#define DAIS_DOMAIN_INTERNAL_H

struct domain;

extern struct domain *dom_idle;

void domain_init(void);				/* the role domains; before anything owns a frame */

/* x86: what the processor side keeps for a domain. */
int cpuid_policy_domain_init(struct domain *d);	/* 0 or -ENOMEM; hv_free(d->pv.policy) undoes it */
int pirq_domain_destroy(struct domain *d);	/* unbinds and unmaps everything; d does not run; 0 */

#endif
