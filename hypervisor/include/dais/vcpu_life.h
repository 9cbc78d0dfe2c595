/* SPDX-License-Identifier: MIT */
/* Making and freeing vcpus. Callers hold the domain; creation and teardown of one domain do not overlap. */
#ifndef DAIS_VCPU_LIFE_H
#define DAIS_VCPU_LIFE_H

struct domain;
struct vcpu;

int vcpu_create(struct domain *d, unsigned int id);	/* down, not initialised; 0, -ENOMEM */
struct vcpu *vcpu_create_idle(unsigned int cpu, struct domain *idle);
void vcpu_relinquish(struct vcpu *v);			/* of a dying domain */
void vcpu_info_release(struct vcpu *v);			/* give up a registered vcpu_info page */
void vcpu_free(struct vcpu *v);

#endif
