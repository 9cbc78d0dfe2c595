/* SPDX-License-Identifier: MIT */
/* Shared between the files that make up the life of a domain; nobody else includes this. */
#ifndef DAIS_DOMAIN_INTERNAL_H
#define DAIS_DOMAIN_INTERNAL_H

struct domain;

extern struct domain *dom_idle;

void domain_init(void);				/* the role domains; before anything owns a frame */
void domain_reclaim(void);			/* SOFTIRQ_RECLAIM */
void domain_list_del(struct domain *d);
void domain_free_later(struct domain *d);	/* the last reference went: free outside whatever lock is held */
void domain_free_parts(struct domain *d);	/* nobody refers to d: free it and what hangs off it */

/* x86: what the processor side keeps for a domain. */
int cpuid_policy_domain_init(struct domain *d);	/* 0 or -ENOMEM; hv_free(d->pv.policy) undoes it */
int pirq_domain_destroy(struct domain *d);	/* unbinds and unmaps everything; d does not run; 0 */

#endif
