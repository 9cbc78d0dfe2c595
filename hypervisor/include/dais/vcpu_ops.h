/* SPDX-License-Identifier: MIT */
/*
 * What can be done to a vcpu from outside: make and free it, set it up, start and stop it, tell it
 * where its shared block is. Callers hold the domain; creation and teardown of one domain do not
 * overlap. Each takes d->lock where it needs it.
 */
#ifndef DAIS_VCPU_OPS_H
#define DAIS_VCPU_OPS_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/types.h>
#include <xen/arch-x86/xen.h>

struct domain;
struct vcpu;

struct vcpu *vcpu_create_idle(unsigned int cpu, struct domain *idle);	/* NULL: no memory */
void vcpu_relinquish(struct vcpu *v);			/* of a dying domain */
void vcpu_info_release(struct vcpu *v);			/* give up a registered vcpu_info page */
void vcpu_free(struct vcpu *v);

/*
 * By the guest, once: -EEXIST when it was done. By the tools, again and again; v must be
 * descheduled. It is up afterwards if c->flags say so. 0, -EINVAL, -ERESTART.
 */
int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c, bool again);
/* Back to the state before initialise; v must be descheduled. */
void vcpu_reset(struct vcpu *v);

int vcpu_up(struct vcpu *v);		/* -EINVAL: not initialised */
void vcpu_down(struct vcpu *v);		/* the last one up takes the domain down */

/*
 * Move v's vcpu_info to this frame of its domain; v is current or down. Once only. -ENXIO: offset
 * unaligned or past the page. -EINVAL: done before, v is up elsewhere, or not a page that v's
 * domain has and that may be written.
 */
int vcpu_register_info(struct vcpu *v, mfn_t mfn, uint32_t offset);

void vcpu_send_nmi(struct vcpu *v);

/*
 * vcpu_pause() for a vcpu of the caller's own domain. Two vcpus that waited for each other would
 * wait for ever, so this gives up, false and nothing changed, when this CPU is wanted meanwhile:
 * the door then continues its hypercall.
 */
bool vcpu_pause_try(struct vcpu *v);

#endif
