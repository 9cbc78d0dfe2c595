/* SPDX-License-Identifier: MIT */
/*
 * The parts of memory_op, a file for each topic, and what they share.
 *
 * A function gets the argument in hypervisor memory, where its row in memory.c says how large that
 * is. One that returns -ERESTART has set `done`, and finds it there when the call is issued again.
 */
#ifndef HYPERCALLS_MEMORY_H
#define HYPERCALLS_MEMORY_H

#include <xen/memory.h>

union memory_arg {
	struct xen_memory_reservation claim;
	struct xen_memory_exchange exchange;
	struct xen_memory_domain domain;
	struct xen_machphys_mfn_list list;
	struct xen_pod_target pod;
	struct xen_vnuma_topology_info vnuma;
	struct xen_memory_map map;
	struct xen_foreign_memory_map foreign;
	struct xen_reserved_device_memory_map reserved;
	struct xen_mem_acquire_resource acquire;
};

struct domain;

struct memory_call {
	unsigned long op;	/* XENMEM_* */
	unsigned long va;	/* the guest's address of the argument */
	unsigned long done;	/* how far the last issue of the call came; 0: this is the first */
	struct domain *d;	/* what it concerns, once found: the door drops the reference */
};

/* memory_reservation.c */
/* increase, decrease, populate */
long memory_reservation(struct memory_call *c, union memory_arg *arg);
long memory_claim(struct memory_call *c, union memory_arg *arg);
unsigned int memory_max_order(void);	/* largest extents the caller may ask for */
unsigned int memory_address_bits(uint32_t mem_flags);	/* limit asked for, FRAME_ANY_BITS: none */

/* memory_exchange.c */
long memory_exchange(struct memory_call *c, union memory_arg *arg);

/* memory_info.c */
long memory_max_ram_page(struct memory_call *c, union memory_arg *arg);
/* current_reservation, maximum_reservation, maximum_gpfn */
long memory_figure(struct memory_call *c, union memory_arg *arg);
long memory_m2p_mapping(struct memory_call *c, union memory_arg *arg);
long memory_m2p_list(struct memory_call *c, union memory_arg *arg);
long memory_pod(struct memory_call *c, union memory_arg *arg);
long memory_vnuma(struct memory_call *c, union memory_arg *arg);
long memory_acquire(struct memory_call *c, union memory_arg *arg);

/* memory_map.c */
long memory_map_own(struct memory_call *c, union memory_arg *arg);
long memory_map_of_machine(struct memory_call *c, union memory_arg *arg);
long memory_map_of_domain(struct memory_call *c, union memory_arg *arg);
long memory_map_reserved(struct memory_call *c, union memory_arg *arg);

#endif
