/* SPDX-License-Identifier: MIT */
/*
 * The parts of domctl, a file for each topic. Every function gets the domain named by the call
 * (NULL where the row says so; a reference is held) or the vcpu of it that the argument begins with,
 * and the whole argument in hypervisor memory, which is copied back when the row says so. Control
 * calls run one at a time.
 *
 * To add a command: a function in the topic's file, its prototype here, a row in domctl.c.
 */
#ifndef HYPERCALLS_DOMCTL_H
#define HYPERCALLS_DOMCTL_H

#include <stdint.h>
#include <xen/domctl.h>

struct domain;
struct vcpu;

/* A vcpu of d by number: 0, -EINVAL beyond its number of vcpus, -ESRCH not allocated yet. */
int domctl_vcpu(struct domain *d, uint32_t id, struct vcpu **out);

/* info.c; sysctl lists domains with it too. */
void domctl_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* life.c */
long domctl_createdomain(struct domain *none, struct xen_domctl *op);
long domctl_destroydomain(struct domain *d, struct xen_domctl *op);
long domctl_pausedomain(struct domain *d, struct xen_domctl *op);
long domctl_unpausedomain(struct domain *d, struct xen_domctl *op);
long domctl_resumedomain(struct domain *d, struct xen_domctl *op);
long domctl_max_vcpus(struct domain *d, struct xen_domctl *op);

/* info.c */
long domctl_getdomaininfo(struct domain *none, struct xen_domctl *op);
long domctl_getvcpuinfo(struct vcpu *v, struct xen_domctl *op);

/* vcpu.c */
long domctl_setvcpucontext(struct vcpu *v, struct xen_domctl *op);
long domctl_getvcpucontext(struct vcpu *v, struct xen_domctl *op);
long domctl_set_ext_vcpucontext(struct vcpu *v, struct xen_domctl *op);
long domctl_get_ext_vcpucontext(struct vcpu *v, struct xen_domctl *op);
long domctl_setvcpuextstate(struct vcpu *v, struct xen_domctl *op);
long domctl_getvcpuextstate(struct vcpu *v, struct xen_domctl *op);
long domctl_set_vcpu_msrs(struct vcpu *v, struct xen_domctl *op);
long domctl_get_vcpu_msrs(struct vcpu *v, struct xen_domctl *op);
long domctl_sendtrigger(struct domain *d, struct xen_domctl *op);

/* sched.c */
long domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op);
long domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op);
long domctl_scheduler_op(struct domain *d, struct xen_domctl *op);
long domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op);
long domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op);

/* memory.c */
long domctl_max_mem(struct domain *d, struct xen_domctl *op);
long domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op);
long domctl_shadow_op(struct domain *d, struct xen_domctl *op);
long domctl_hypercall_init(struct domain *d, struct xen_domctl *op);

/* access.c */
long domctl_irq_permission(struct domain *d, struct xen_domctl *op);
long domctl_iomem_permission(struct domain *d, struct xen_domctl *op);
long domctl_ioport_permission(struct domain *d, struct xen_domctl *op);
long domctl_memory_mapping(struct domain *d, struct xen_domctl *op);

/* settings.c */
long domctl_setdomainhandle(struct domain *d, struct xen_domctl *op);
long domctl_setdebugging(struct domain *d, struct xen_domctl *op);
long domctl_settimeoffset(struct domain *d, struct xen_domctl *op);
long domctl_set_address_size(struct domain *d, struct xen_domctl *op);
long domctl_get_address_size(struct domain *d, struct xen_domctl *op);
long domctl_settscinfo(struct domain *d, struct xen_domctl *op);
long domctl_gettscinfo(struct domain *d, struct xen_domctl *op);
long domctl_set_cpu_policy(struct domain *d, struct xen_domctl *op);
long domctl_get_cpu_policy(struct domain *d, struct xen_domctl *op);
long domctl_set_virq_handler(struct domain *d, struct xen_domctl *op);

#endif
