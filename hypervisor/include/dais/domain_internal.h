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
int domain_arch_init(struct domain *d);
int domain_arch_relinquish(struct domain *d);	/* dying: give interrupts and the like back; -ERESTART */
void domain_arch_free(struct domain *d);

#endif
