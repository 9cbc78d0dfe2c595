/* SPDX-License-Identifier: MIT */
/*
 * Domains with vcpus and shared pages, but no scheduler: for tests of event channels and grants. What would wake or
 * kick a vcpu is counted.
 */
#ifndef TESTS_EVTCHN_WORLD_H
#define TESTS_EVTCHN_WORLD_H

#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/percpu.h>
#include <xen/event_channel.h>
#include <xen/shared_info.h>
#include <xen/xen.h>
#include "arena.h"
#include "fake.h"

#define WORLD_VCPUS 3

extern unsigned long world_kicks;	/* upcalls newly made pending */
extern unsigned long world_unblocks;

void world_once(void);			/* the machine, once in a program */
struct domain *world_domain(unsigned int i, uint32_t max_port);	/* 0 to 3; domid i + 1, with WORLD_VCPUS vcpus */
void world_domain_free(struct domain *d);			/* destroys; checks that nothing is left */
uint64_t world_page(struct domain *d);				/* mfn of a fresh page of d, zeroed */
void world_as(struct domain *d, unsigned int vcpu);		/* be this vcpu */

/* The pirq hooks: what they return, and what they were told. */
extern int world_pirq_result;
extern uint32_t world_pirq_port, world_pirq_vcpu;
extern void (*world_pirq_hook)(struct domain *d, uint32_t port);

#endif
