/* SPDX-License-Identifier: MIT */
/*
 * Pools of CPUs: who makes them, what moves between them, and what wrong requests give.
 *
 * Domain: dom0
 * Needs: cpus=2
 *
 * Pool 0 has all CPUs at first. A pool has its own kind of scheduler, whose number the requests for
 * shares and parameters must name. The last CPU of a pool with domains stays.
 */
#include "kit.h"

#include "domain.h"

static struct xen_sysctl s;
static u64 map;

static long pool_op(u32 op, u32 pool, u32 cpu)
{
	struct xen_sysctl_cpupool_op *c = &s.u.cpupool_op;

	memset(&s, 0, sizeof(s));
	map = 0;
	c->op = op;
	c->cpupool_id = pool;
	c->cpu = cpu;
	c->sched_id = XEN_SCHEDULER_CREDIT;
	c->domid = 999;
	SET_HANDLE(c->cpumap.bitmap, &map);
	c->cpumap.nr_bits = 64;
	return domain_sysctl(XEN_SYSCTL_cpupool_op, &s);
}

static long create(u32 pool, u32 kind)
{
	memset(&s, 0, sizeof(s));
	s.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
	s.u.cpupool_op.cpupool_id = pool;
	s.u.cpupool_op.sched_id = kind;
	return domain_sysctl(XEN_SYSCTL_cpupool_op, &s);
}

static void check_first(void)
{
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0), 0);
	CHECK_EQ(s.u.cpupool_op.cpupool_id, 0);
	CHECK_EQ(s.u.cpupool_op.sched_id, XEN_SCHEDULER_CREDIT2);
	CHECK_EQ(s.u.cpupool_op.n_dom, 1);
	CHECK_EQ(map, 3);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 1, 0), -kENOENT);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
	CHECK_EQ(map, 0);
	CHECK_EQ(pool_op(99, 0, 0), -kENOSYS);
}

static void check_second(void)
{
	CHECK_EQ(create(XEN_SYSCTL_CPUPOOL_PAR_ANY, 99), -kENOENT);
	CHECK_EQ(create(XEN_SYSCTL_CPUPOOL_PAR_ANY, XEN_SCHEDULER_CREDIT), 0);
	CHECK_EQ(s.u.cpupool_op.cpupool_id, 1);
	CHECK_EQ(create(1, XEN_SCHEDULER_CREDIT), -kEEXIST);
	/* Debian's Xen is built without this scheduler: the number is unknown there. */
	if (create(7, XEN_SCHEDULER_NULL) != -kENOENT) {
		CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 2, 0), 0);
		CHECK_EQ(s.u.cpupool_op.cpupool_id, 7);
		CHECK_EQ(s.u.cpupool_op.sched_id, XEN_SCHEDULER_NULL);
		CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 7, 0), 0);
	}
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 7, 0), -kENOENT);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 0, 0), -kEBUSY);
}

static void check_cpus(void)
{
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 1, 1), -kENODEV);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 1, 1), -kEADDRNOTAVAIL);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 1), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 0), -kEINVAL);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
	CHECK_EQ(map, 2);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 9, 1), -kENOENT);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 1, 5000), -kEINVAL);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 1, 1), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 1, 0), -kEBUSY);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, 0), -kESRCH);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 1, 1), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 1, 0), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 1), 0);
}

static long shares(u32 kind, u32 cmd, u16 weight, u16 cap)
{
	static struct xen_domctl d;
	long err;

	memset(&d, 0, sizeof(d));
	d.u.scheduler_op.sched_id = kind;
	d.u.scheduler_op.cmd = cmd;
	d.u.scheduler_op.u.credit2.weight = weight;
	d.u.scheduler_op.u.credit2.cap = cap;
	err = domain_ctl(XEN_DOMCTL_scheduler_op, 0, &d);
	return err ? err
		   : d.u.scheduler_op.u.credit2.weight |
			     (long)d.u.scheduler_op.u.credit2.cap << 16;
}

static void check_shares(void)
{
	const u32 kind = XEN_SCHEDULER_CREDIT2;

	CHECK_EQ(shares(kind, XEN_DOMCTL_SCHEDOP_getinfo, 0, 0), 256);
	CHECK_EQ(shares(XEN_SCHEDULER_CREDIT, XEN_DOMCTL_SCHEDOP_getinfo, 0, 0), -kEINVAL);
	CHECK_EQ(shares(kind, 99, 0, 0), -kEINVAL);
	CHECK_EQ(shares(kind, XEN_DOMCTL_SCHEDOP_putinfo, 300, 40) < 0, 0);
	CHECK_EQ(shares(kind, XEN_DOMCTL_SCHEDOP_getinfo, 0, 0), 300 | 40 << 16);
	CHECK(shares(kind, XEN_DOMCTL_SCHEDOP_putinfo, 300, 0xffff) < 0);
	CHECK_EQ(shares(kind, XEN_DOMCTL_SCHEDOP_getinfo, 0, 0), 300 | 40 << 16);
	CHECK_EQ(shares(kind, XEN_DOMCTL_SCHEDOP_putinfo, 256, 0) < 0, 0);
	CHECK_EQ(shares(kind, XEN_DOMCTL_SCHEDOP_getinfo, 0, 0), 256);
}

static long params(u32 kind, u32 pool, u32 tslice_ms, u32 ratelimit_us)
{
	struct xen_sysctl_scheduler_op *op = &s.u.scheduler_op;

	memset(&s, 0, sizeof(s));
	op->cpupool_id = pool;
	op->sched_id = kind;
	op->cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	if (kind == XEN_SCHEDULER_CREDIT) {
		op->u.sched_credit.tslice_ms = tslice_ms;
		op->u.sched_credit.ratelimit_us = ratelimit_us;
	} else {
		op->u.sched_credit2.ratelimit_us = ratelimit_us;
	}
	return domain_sysctl(XEN_SYSCTL_scheduler_op, &s);
}

/* Only where there is a time slice must the rate limit be within it. */
static void check_params(void)
{
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT2, 0, 0, 6000), 0);
	CHECK_EQ(s.u.scheduler_op.u.sched_credit2.ratelimit_us, 6000);
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT2, 0, 0, 500000), 0);
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT2, 0, 0, 500001), -kEINVAL);
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT2, 0, 0, 99), -kEINVAL);
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT2, 0, 0, 0), 0);
	CHECK_EQ(create(3, XEN_SCHEDULER_CREDIT), 0);
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT, 3, 5, 6000), -kEINVAL);
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT, 3, 5, 5000), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 3, 0), 0);
	CHECK_EQ(params(XEN_SCHEDULER_CREDIT2, 0, 0, 1000), 0);
}

/* "Anywhere" is shown as the CPUs there are. */
static void check_affinity(void)
{
	struct xen_domctl d = { .u.vcpuaffinity = { .flags = XEN_VCPUAFFINITY_SOFT } };

	map = 0;
	SET_HANDLE(d.u.vcpuaffinity.cpumap_soft.bitmap, &map);
	d.u.vcpuaffinity.cpumap_soft.nr_bits = 64;
	CHECK_EQ(domain_ctl(XEN_DOMCTL_getvcpuaffinity, 0, &d), 0);
	CHECK_EQ(map, 3);
}

void guest_main(void)
{
	kit_init();
	check_first();
	check_second();
	check_cpus();
	check_shares();
	check_params();
	check_affinity();
	verdict();
}
