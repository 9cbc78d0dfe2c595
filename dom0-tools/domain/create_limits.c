/* SPDX-License-Identifier: MIT */
/*
 * Steps of creating a domain that are settings of the hypervisor: limits, CPUs, permissions,
 * ports. See create.h. No state of its own.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "domain/create.h"
#include "lib/domctl.h"
#include "lib/domctl_state.h"
#include "lib/sysctl.h"

#define SLACK_KIB 1024 /* beyond maxmem: pages a kernel borrows while it balloons */

/* A setting the hypervisor did not take. */
static int refused(struct creation *c, int rc, const char *what)
{
	return rc ? failure_set(c->f, rc,
				"the hypervisor refuses %s: %s; its console (`dais dmesg`) "
				"may say more",
				what, strerror(-rc))
		  : 0;
}

static int64_t time_offset(const struct guest_config *g)
{
	time_t now = time(NULL);
	struct tm local;

	if (!g->localtime || !localtime_r(&now, &local)) {
		return g->time_offset;
	}
	return g->time_offset + local.tm_gmtoff;
}

int create_limits(struct creation *c)
{
	struct hypercall *h = c->t->h;
	const struct xen_domctl_tsc_info tsc = { .tsc_mode = c->g->tsc_mode };
	int64_t offset = time_offset(c->g);
	int rc;

	rc = refused(c, domctl_max_vcpus(h, c->domid, c->g->maxvcpus), "that many vCPUs");
	rc = rc ? rc : refused(c, domctl_address_size(h, c->domid, 64), "a 64-bit domain");
	rc = rc ? rc
		: refused(c, domctl_max_memory(h, c->domid, c->g->maxmem_kib + SLACK_KIB),
			  "that much memory");
	rc = rc ? rc : refused(c, domctl_set_tsc_info(h, c->domid, &tsc), "tsc_mode");
	if (!rc && offset) {
		rc = refused(c, domctl_set_time_offset(h, c->domid, offset), "the clock's offset");
	}
	if (!rc && c->g->cpuid_count) {
		rc = domain_cpuid(c->t, c->domid, c->g, c->f);
	}
	if (!rc) {
		/* Reserved now, so that two creations do not both begin and then both fail. */
		rc = domctl_claim(h, c->domid, c->g->memory_kib / 4);
		rc = rc == -ENOSYS ? 0 : refused(c, rc, "to set the memory aside");
	}
	return rc;
}

/* One CPU set for all vCPUs, or one each; those past the end of a list run anywhere. */
static const struct cpu_set *affinity_of(const struct cpu_set *sets, size_t count, uint32_t vcpu)
{
	if (count == 1) {
		return sets;
	}
	return vcpu < count ? &sets[vcpu] : NULL;
}

int create_scheduling(struct creation *c)
{
	const struct guest_config *g = c->g;
	struct cpu_pool pool;
	uint16_t weight, cap;
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < g->maxvcpus; i++) {
		const struct cpu_set *hard = affinity_of(g->cpus, g->cpus_count, i);
		const struct cpu_set *soft = affinity_of(g->cpus_soft, g->cpus_soft_count, i);

		if (hard || soft) {
			rc = domctl_set_affinity(c->t->h, c->domid, i, hard, soft, false);
		}
	}
	if (rc) {
		return failure_set(c->f, rc,
				   "the hypervisor refuses the CPUs for vCPU %u: %s; `dais "
				   "info` shows how many CPUs there are",
				   i - 1, strerror(-rc));
	}
	if (!g->weight_set && !g->cap_set) {
		return 0;
	}
	rc = sysctl_pool(c->t->h, c->pool, &pool);
	rc = rc ? rc : domctl_get_sched(c->t->h, c->domid, pool.scheduler, &weight, &cap);
	if (!rc) {
		weight = g->weight_set ? (uint16_t)g->weight : weight;
		cap = g->cap_set ? (uint16_t)g->cap : cap;
		rc = domctl_set_sched(c->t->h, c->domid, pool.scheduler, weight, cap);
	}
	return refused(c, rc, "cpu_weight or cap");
}

int create_permissions(struct creation *c)
{
	const struct guest_config *g = c->g;
	size_t i;
	uint64_t irq;
	int rc = 0;

	for (i = 0; !rc && i < g->ioport_count; i++) {
		rc = domctl_allow_ports(c->t->h, c->domid, (uint32_t)g->ioports[i].first,
					(uint32_t)g->ioports[i].count);
	}
	for (i = 0; !rc && i < g->irq_count; i++) {
		for (irq = 0; !rc && irq < g->irqs[i].count; irq++) {
			rc = domctl_allow_irq(c->t->h, c->domid,
					      (uint32_t)(g->irqs[i].first + irq));
		}
	}
	for (i = 0; !rc && i < g->iomem_count; i++) {
		rc = domctl_allow_memory(c->t->h, c->domid, g->iomem[i].first, g->iomem[i].count);
	}
	return refused(c, rc, "ioports, irqs or iomem");
}

int create_ports(struct creation *c)
{
	int rc = domctl_unbound_port(c->t->h, c->domid, 0, &c->rings.store_port);

	rc = rc ? rc : domctl_unbound_port(c->t->h, c->domid, 0, &c->rings.console_port);
	return refused(c, rc, "event channels for console and store");
}
