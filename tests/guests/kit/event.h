/* SPDX-License-Identifier: MIT */
/*
 * The shared info page and 2-level event bits. Events are masked until a test unmasks them.
 */
#ifndef KIT_EVENT_H
#define KIT_EVENT_H

#include "base.h"
#include "trap.h"

/* Map the shared info page; called by kit_init(). */
void event_init(void);
struct shared_info *event_shared(void);

/* This vCPU's info block: the embedded one of vCPU 0 unless a test registered another. */
struct vcpu_info *event_vcpu_info(void);
void event_set_vcpu_info(struct vcpu_info *info);

/* Default upcall: counts, acknowledges, and clears and counts each pending unmasked port. */
void event_upcall(struct trap_frame *frame);
extern volatile unsigned int event_upcalls;
extern volatile unsigned int event_count[4096];

bool event_pending(unsigned int port);
void event_clear(unsigned int port);
void event_mask(unsigned int port);
bool event_masked(unsigned int port);

/* EVTCHNOP_unmask; 0 or -errno. */
long event_unmask(unsigned int port);

/* Upcalls on or off for this vCPU; on also triggers delivery of what is pending. */
void event_enable(void);
void event_disable(void);

/* Short forms; port or -errno. */
long event_alloc_unbound(domid_t dom, domid_t remote);
long event_bind_interdomain(domid_t remote, unsigned int remote_port);
long event_bind_virq(unsigned int virq, unsigned int vcpu);
long event_bind_ipi(unsigned int vcpu);
long event_send(unsigned int port);
long event_close(unsigned int port);

#endif
