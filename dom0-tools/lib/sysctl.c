/* SPDX-License-Identifier: MIT */
/*
 * The machine as a whole: see sysctl.h. Stateless.
 */
#include "lib/sysctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hypercall.h"
#include "lib/xalloc.h"

int sysctl_physinfo(struct hypercall *h, struct xen_sysctl_physinfo *info)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };
	int rc = hypercall_sysctl(h, &op);

	if (!rc) {
		*info = op.u.physinfo;
	}
	return rc;
}

int sysctl_scheduler(struct hypercall *h, uint32_t *scheduler)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_sched_id };
	int rc = hypercall_sysctl(h, &op);

	if (!rc) {
		*scheduler = op.u.sched_id.sched_id;
	}
	return rc;
}

int sysctl_cpu_topology(struct hypercall *h, struct xen_sysctl_cputopo **cpus, uint32_t *count)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_cputopoinfo };
	struct xen_sysctl_cputopo *buffer;
	uint32_t room;
	int rc = hypercall_sysctl(h, &op);

	if (rc) {
		return rc;
	}
	room = op.u.cputopoinfo.num_cpus;
	buffer = hypercall_buffer(h, (room + 1) * sizeof(*buffer));
	if (!buffer) {
		return -ENOMEM;
	}
	op.u.cputopoinfo.cputopo = (uintptr_t)buffer;
	rc = hypercall_sysctl(h, &op);
	if (!rc) {
		*count = op.u.cputopoinfo.num_cpus < room ? op.u.cputopoinfo.num_cpus : room;
		*cpus = xmemdup(buffer, *count * sizeof(*buffer));
	}
	hypercall_buffer_free(h, buffer);
	return rc;
}

int sysctl_idle_times(struct hypercall *h, uint64_t **nanoseconds, uint32_t *count)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getcpuinfo };
	struct xen_sysctl_physinfo info;
	struct xen_sysctl_cpuinfo *buffer;
	uint32_t i;
	int rc = sysctl_physinfo(h, &info);

	if (rc) {
		return rc;
	}
	buffer = hypercall_buffer(h, (info.max_cpu_id + 1) * sizeof(*buffer));
	if (!buffer) {
		return -ENOMEM;
	}
	op.u.getcpuinfo.max_cpus = info.max_cpu_id + 1;
	op.u.getcpuinfo.info = (uintptr_t)buffer;
	rc = hypercall_sysctl(h, &op);
	if (!rc) {
		*count = op.u.getcpuinfo.nr_cpus;
		*nanoseconds = xcalloc(*count, sizeof(**nanoseconds));
		for (i = 0; i < *count; i++) {
			(*nanoseconds)[i] = buffer[i].idletime;
		}
	}
	hypercall_buffer_free(h, buffer);
	return rc;
}

int sysctl_nodes(struct hypercall *h, struct xen_sysctl_meminfo **nodes, uint32_t **distance,
		 uint32_t *count)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_numainfo };
	struct xen_sysctl_meminfo *memory;
	uint32_t *far, room;
	int rc = hypercall_sysctl(h, &op);

	if (rc) {
		return rc;
	}
	room = op.u.numainfo.num_nodes;
	memory = hypercall_buffer(h, (room + 1) * sizeof(*memory));
	far = hypercall_buffer(h, ((size_t)room * room + 1) * sizeof(*far));
	rc = -ENOMEM;
	if (memory && far) {
		op.u.numainfo.meminfo = (uintptr_t)memory;
		op.u.numainfo.distance = (uintptr_t)far;
		rc = hypercall_sysctl(h, &op);
	}
	if (!rc) {
		*count = room;
		*nodes = xmemdup(memory, room * sizeof(*memory));
		if (distance) {
			*distance = xmemdup(far, (size_t)room * room * sizeof(*far));
		}
	}
	hypercall_buffer_free(h, memory);
	hypercall_buffer_free(h, far);
	return rc;
}

int sysctl_debug_keys(struct hypercall *h, const char *keys)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_debug_keys };
	size_t len = strlen(keys);
	char *buffer = hypercall_buffer(h, len + 1);
	int rc;

	if (!buffer) {
		return -ENOMEM;
	}
	memcpy(buffer, keys, len + 1);
	op.u.debug_keys.keys = (uintptr_t)buffer;
	op.u.debug_keys.nr_keys = (uint32_t)len;
	rc = hypercall_sysctl(h, &op);
	hypercall_buffer_free(h, buffer);
	return rc;
}

int sysctl_clear_console(struct hypercall *h, uint32_t index)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
	char *buffer = hypercall_buffer(h, 1);
	int rc;

	if (!buffer) {
		return -ENOMEM;
	}
	op.u.readconsole.clear = 1;
	op.u.readconsole.incremental = 1;
	op.u.readconsole.index = index;
	op.u.readconsole.buffer = (uintptr_t)buffer;
	rc = hypercall_sysctl(h, &op);
	hypercall_buffer_free(h, buffer);
	return rc;
}

int sysctl_sched_params(struct hypercall *h, struct xen_sysctl_scheduler_op *params)
{
	/* The union of this operation is not named in every header; it lies at the start of u. */
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_scheduler_op };
	int rc;

	memcpy(&op.u, params, sizeof(*params));
	rc = hypercall_sysctl(h, &op);
	memcpy(params, &op.u, sizeof(*params));
	return rc;
}

static const struct {
	uint32_t number;
	const char *name;
} schedulers[] = {
	{ XEN_SCHEDULER_CREDIT, "credit" },     { XEN_SCHEDULER_CREDIT2, "credit2" },
	{ XEN_SCHEDULER_ARINC653, "arinc653" }, { XEN_SCHEDULER_RTDS, "rtds" },
	{ XEN_SCHEDULER_NULL, "null" },
};

const char *sysctl_scheduler_name(uint32_t scheduler)
{
	size_t i;

	for (i = 0; i < sizeof(schedulers) / sizeof(schedulers[0]); i++) {
		if (schedulers[i].number == scheduler) {
			return schedulers[i].name;
		}
	}
	return "unknown";
}

int sysctl_scheduler_number(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(schedulers) / sizeof(schedulers[0]); i++) {
		if (!strcmp(schedulers[i].name, name)) {
			return (int)schedulers[i].number;
		}
	}
	return -1;
}
