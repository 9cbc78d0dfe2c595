/* SPDX-License-Identifier: MIT */
/*
 * The parts of sysctl, a file for each topic. Every function gets the whole argument in hypervisor
 * memory, which is copied back afterwards.
 *
 * To add a command: a function in the topic's file, its prototype here, a row in sysctl.c.
 */
#ifndef HYPERCALLS_SYSCTL_H
#define HYPERCALLS_SYSCTL_H

#include <xen/sysctl.h>

/* console.c */
long sysctl_readconsole(struct xen_sysctl *op);
long sysctl_debug_keys(struct xen_sysctl *op);

/* info.c */
long sysctl_physinfo(struct xen_sysctl *op);
long sysctl_getcpuinfo(struct xen_sysctl *op);
long sysctl_availheap(struct xen_sysctl *op);
long sysctl_getdomaininfolist(struct xen_sysctl *op);
long sysctl_cputopoinfo(struct xen_sysctl *op);
long sysctl_numainfo(struct xen_sysctl *op);
long sysctl_pcitopoinfo(struct xen_sysctl *op);
long sysctl_cpu_levelling_caps(struct xen_sysctl *op);
long sysctl_cpu_featureset(struct xen_sysctl *op);
long sysctl_cpu_policy(struct xen_sysctl *op);

/* sched.c */
long sysctl_sched_id(struct xen_sysctl *op);
long sysctl_scheduler_op(struct xen_sysctl *op);
long sysctl_cpupool_op(struct xen_sysctl *op);

#endif
