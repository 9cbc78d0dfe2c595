/* SPDX-License-Identifier: MIT */
/*
 * mca: what dom0's machine-check driver asks.
 *
 * Domain: dom0
 * Needs: cpus=2
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * On a machine where nothing has gone wrong there is no record to fetch, urgent or not, and one
 * that was never handed out can be acknowledged. Who the processors are is told of as many as there
 * is room for, and their number always.
 */
#include "kit.h"

#include "cpuid.h"

#include <xen/arch-x86/xen-mca.h>

static struct xen_mc op;

static long call(u32 cmd)
{
	op.cmd = cmd;
	op.interface_version = XEN_MCA_INTERFACE_VERSION;
	return HC(mca, &op);
}

static long fetch(u32 flags)
{
	static struct mc_info room;

	memset(&op, 0, sizeof(op));
	op.u.mc_fetch.flags = flags;
	SET_HANDLE(op.u.mc_fetch.data, &room);
	return call(XEN_MC_fetch);
}

static void check_fetch(void)
{
	CHECK_EQ(fetch(XEN_MC_NONURGENT), 0);
	CHECK_EQ(op.u.mc_fetch.flags & XEN_MC_NODATA, XEN_MC_NODATA);
	CHECK_EQ(op.u.mc_fetch.fetch_id, 0);
	CHECK_EQ(fetch(XEN_MC_URGENT), 0);
	CHECK_EQ(op.u.mc_fetch.flags & XEN_MC_NODATA, XEN_MC_NODATA);
	CHECK_EQ(fetch(XEN_MC_NONURGENT | XEN_MC_ACK), 0);
	CHECK_EQ(fetch(XEN_MC_NONURGENT | 8), 0);
	CHECK_EQ(fetch(8), -kEINVAL);
	CHECK_EQ(fetch(0), -kEINVAL);
	CHECK_EQ(fetch(XEN_MC_ACK), -kEINVAL);
	CHECK_EQ(fetch(XEN_MC_NONURGENT | XEN_MC_URGENT), -kEINVAL);
}

static void check_cpus(void)
{
	static struct mcinfo_logical_cpu cpus[4];
	struct cpuid id = cpuid(0);
	u32 maker[] = { id.ebx, id.edx, id.ecx }, family = cpuid(1).eax >> 8 & 15;

	memset(&op, 0, sizeof(op));
	op.u.mc_physcpuinfo.ncpus = 1;
	CHECK_EQ(call(XEN_MC_physcpuinfo), 0);
	CHECK_EQ(op.u.mc_physcpuinfo.ncpus, 2);
	cpus[2].mc_cpunr = 77;
	op.u.mc_physcpuinfo.ncpus = ARRAY_SIZE(cpus);
	SET_HANDLE(op.u.mc_physcpuinfo.info, cpus);
	CHECK_EQ(call(XEN_MC_physcpuinfo), 0);
	CHECK_EQ(op.u.mc_physcpuinfo.ncpus, 2);
	for (unsigned int i = 0; i < 2; i++) {
		CHECK_EQ(cpus[i].mc_cpunr, i);
		CHECK_EQ(cpus[i].mc_apicid, i);
		CHECK_EQ(memcmp(cpus[i].mc_vendorid, maker, sizeof(maker)), 0);
		CHECK(family == 15 ? cpus[i].mc_family >= 15 : cpus[i].mc_family == family);
	}
	CHECK_EQ(cpus[2].mc_cpunr, 77);
	SET_HANDLE(op.u.mc_physcpuinfo.info, ADDR_UNMAPPED);
	CHECK_EQ(call(XEN_MC_physcpuinfo), -kEFAULT);
}

void guest_main(void)
{
	kit_init();
	check_fetch();
	check_cpus();
	CHECK_EQ(call(99), -kEINVAL);
	op.interface_version = 1;
	CHECK_EQ(HC(mca, &op), -kEACCES);
	CHECK_EQ(HC(mca, ADDR_UNMAPPED), -kEFAULT);
	verdict();
}
