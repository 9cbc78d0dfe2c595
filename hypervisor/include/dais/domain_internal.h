/* SPDX-License-Identifier: MIT */
/* Shared between the files that make up the life of a domain; nobody else includes this. */
#ifndef DAIS_DOMAIN_INTERNAL_H
#define DAIS_DOMAIN_INTERNAL_H

struct domain;

extern struct domain *dom_idle;

void domain_init(void);				/* the role domains; before anything owns a frame */

/* x86: what the processor side keeps for a domain. */
int domain_arch_init(struct domain *d);
int domain_arch_relinquish(struct domain *d);	/* dying: give interrupts and the like back; -ERESTART */
void domain_arch_free(struct domain *d);

#endif
