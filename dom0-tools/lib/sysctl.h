/* SPDX-License-Identifier: MIT */
/*
 * Questions about the machine and the hypervisor as a whole, one C function per operation of
 * sysctl and xen_version. All return 0 or a negative errno unless said otherwise.
 */
#ifndef LIB_SYSCTL_H
#define LIB_SYSCTL_H

#include <stddef.h>
#include <stdint.h>

#include <xen/sysctl.h>
#include <xen/version.h>

#include "lib/domctl.h"

struct hypercall;

int sysctl_physinfo(struct hypercall *h, struct xen_sysctl_physinfo *info);
/* The scheduler of the machine, XEN_SCHEDULER_*. */
int sysctl_scheduler(struct hypercall *h, uint32_t *scheduler);
/* Each gives an array to free() and its length; entry i is CPU or node number i. */
int sysctl_cpu_topology(struct hypercall *h, struct xen_sysctl_cputopo **cpus, uint32_t *count);
int sysctl_idle_times(struct hypercall *h, uint64_t **nanoseconds, uint32_t *count);
/* distance may be NULL; it is count * count numbers. */
int sysctl_nodes(struct hypercall *h, struct xen_sysctl_meminfo **nodes, uint32_t **distance,
		 uint32_t *count);
/* Presses keys on the hypervisor's console. */
int sysctl_debug_keys(struct hypercall *h, const char *keys);
/* Forgets what the hypervisor's console holds up to where hypercall_read_console() has read. */
int sysctl_clear_console(struct hypercall *h, uint32_t index);

struct cpu_pool {
	uint32_t id, scheduler, domains;
	struct cpu_set cpus;
};

/* The pool with the lowest number that is at least `from`; -ENOENT when there is none. */
int sysctl_pool(struct hypercall *h, uint32_t from, struct cpu_pool *pool);
/* CPUs of no pool. */
int sysctl_pool_free_cpus(struct hypercall *h, struct cpu_set *cpus);
int sysctl_pool_create(struct hypercall *h, uint32_t scheduler, uint32_t *id);
int sysctl_pool_destroy(struct hypercall *h, uint32_t id);
int sysctl_pool_add_cpu(struct hypercall *h, uint32_t id, uint32_t cpu);
int sysctl_pool_remove_cpu(struct hypercall *h, uint32_t id, uint32_t cpu);
int sysctl_pool_move_domain(struct hypercall *h, uint32_t id, uint32_t domid);

/* Parameters of a pool's scheduler; .cpupool_id and .sched_id say which. */
int sysctl_sched_params(struct hypercall *h, struct xen_sysctl_scheduler_op *op);

/* xen_version: texts and numbers. */
struct hypervisor_version {
	unsigned int major, minor, page_size;
	uint64_t virt_start;
	char extra[XEN_EXTRAVERSION_LEN];
	char capabilities[XEN_CAPABILITIES_INFO_LEN];
	char changeset[XEN_CHANGESET_INFO_LEN];
	char command_line[1024];
	char build_id[129]; /* as hexadecimal digits */
	struct xen_compile_info compile;
};

/* What could not be found out is left empty. */
int sysctl_version(struct hypercall *h, struct hypervisor_version *v);

/* "credit2" and the like, or "unknown"; -1 when there is no scheduler of that name. */
const char *sysctl_scheduler_name(uint32_t scheduler);
int sysctl_scheduler_number(const char *name);

#endif
