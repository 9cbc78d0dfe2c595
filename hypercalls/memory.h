/* SPDX-License-Identifier: MIT */
/*
 * The parts of memory_op, a file for each topic, and what they share.
 *
 * A function gets the guest address of its argument and, when the call is being continued, how far
 * the last issue came; it sets *progress before it returns -ERESTART.
 */
#ifndef HYPERCALLS_MEMORY_H
#define HYPERCALLS_MEMORY_H

typedef long (*memory_fn)(unsigned long arg, unsigned long start, unsigned long *progress);

/* memory_reservation.c */
long memory_increase(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_decrease(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_populate(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_claim(unsigned long arg, unsigned long start, unsigned long *progress);
unsigned int memory_max_order(void);	/* largest extents the caller may ask for */

/* memory_exchange.c */
long memory_exchange(unsigned long arg, unsigned long start, unsigned long *progress);

/* memory_info.c */
long memory_max_ram_page(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_current(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_maximum(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_max_gpfn(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_m2p_mapping(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_m2p_list(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_pod_set(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_pod_get(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_vnuma(unsigned long arg, unsigned long start, unsigned long *progress);

/* memory_map.c */
long memory_map_own(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_map_of_machine(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_map_of_domain(unsigned long arg, unsigned long start, unsigned long *progress);
long memory_map_reserved(unsigned long arg, unsigned long start, unsigned long *progress);

/* memory_resource.c */
long memory_acquire(unsigned long arg, unsigned long start, unsigned long *progress);

#endif
