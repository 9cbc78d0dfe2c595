/* SPDX-License-Identifier: MIT */
/*
 * CPU pools: see sysctl.h. Stateless.
 */
#include <errno.h>
#include <string.h>

#include "lib/hypercall.h"
#include "lib/sysctl.h"

static int sysctl_pool_op(struct hypercall *h, struct xen_sysctl_cpupool_op *pool)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_cpupool_op };
	int rc;

	op.u.cpupool_op = *pool;
	rc = hypercall_sysctl(h, &op);
	*pool = op.u.cpupool_op;
	return rc;
}

/* An operation that fills in a map of CPUs. */
static int sysctl_pool_map(struct hypercall *h, struct xen_sysctl_cpupool_op *op,
			   struct cpu_set *cpus)
{
	struct cpu_set *map = hypercall_buffer(h, sizeof(*map));
	int rc;

	if (!map) {
		return -ENOMEM;
	}
	memset(map, 0, sizeof(*map));
	op->cpumap = (struct xenctl_bitmap){ (uintptr_t)map, DOMCTL_CPUS_MAX };
	rc = sysctl_pool_op(h, op);
	*cpus = *map;
	hypercall_buffer_free(h, map);
	return rc;
}

int sysctl_pool(struct hypercall *h, uint32_t from, struct cpu_pool *pool)
{
	struct xen_sysctl_cpupool_op op = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO, .cpupool_id = from };
	int rc = sysctl_pool_map(h, &op, &pool->cpus);

	pool->id = op.cpupool_id;
	pool->scheduler = op.sched_id;
	pool->domains = op.n_dom;
	return rc;
}

int sysctl_pool_free_cpus(struct hypercall *h, struct cpu_set *cpus)
{
	struct xen_sysctl_cpupool_op op = { .op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO };

	return sysctl_pool_map(h, &op, cpus);
}

int sysctl_pool_create(struct hypercall *h, uint32_t scheduler, uint32_t *id)
{
	struct xen_sysctl_cpupool_op op = {
		.op = XEN_SYSCTL_CPUPOOL_OP_CREATE,
		.cpupool_id = XEN_SYSCTL_CPUPOOL_PAR_ANY,
		.sched_id = scheduler,
	};
	int rc = sysctl_pool_op(h, &op);

	*id = op.cpupool_id;
	return rc;
}

int sysctl_pool_destroy(struct hypercall *h, uint32_t id)
{
	struct xen_sysctl_cpupool_op op = {
		.op = XEN_SYSCTL_CPUPOOL_OP_DESTROY,
		.cpupool_id = id,
	};

	return sysctl_pool_op(h, &op);
}

int sysctl_pool_add_cpu(struct hypercall *h, uint32_t id, uint32_t cpu)
{
	struct xen_sysctl_cpupool_op op = {
		.op = XEN_SYSCTL_CPUPOOL_OP_ADDCPU,
		.cpupool_id = id,
		.cpu = cpu,
	};

	return sysctl_pool_op(h, &op);
}

int sysctl_pool_remove_cpu(struct hypercall *h, uint32_t id, uint32_t cpu)
{
	struct xen_sysctl_cpupool_op op = {
		.op = XEN_SYSCTL_CPUPOOL_OP_RMCPU,
		.cpupool_id = id,
		.cpu = cpu,
	};

	return sysctl_pool_op(h, &op);
}

int sysctl_pool_move_domain(struct hypercall *h, uint32_t id, uint32_t domid)
{
	struct xen_sysctl_cpupool_op op = {
		.op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN,
		.cpupool_id = id,
		.domid = domid,
	};

	return sysctl_pool_op(h, &op);
}
