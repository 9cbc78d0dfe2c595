/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs share a core, and which a socket?
 *
 * One socket of two cores of two threads, as three kinds of processor tell it: Intel's by the leaf
 * made for this, and before that one by leaf 4; AMD's by its own leaf, which without a further
 * extension, that QEMU does not emulate, knows no threads: there are four cores.
 *
 * Domain: dom0
 * Needs: cpus=4,sockets=1,cores=2,threads=2
 * Cpu: Nehalem
 * Cpu: core2duo
 * Cpu: phenom,-svm
 */
#include "kit.h"

#include "cpuid.h"
#include "domain.h"

#define CPUS 4

static struct xen_sysctl s;
static struct xen_sysctl_cputopo cpus[CPUS];

static void check_places(unsigned int threads)
{
	memset(&s, 0, sizeof(s));
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_cputopoinfo, &s), 0);
	CHECK_EQ(s.u.cputopoinfo.num_cpus, CPUS);
	SET_HANDLE(s.u.cputopoinfo.cputopo, cpus);
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_cputopoinfo, &s), 0);
	CHECK_EQ(s.u.cputopoinfo.num_cpus, CPUS);
	for (unsigned int i = 0; i < CPUS; i++) {
		CHECK_EQ(cpus[i].core, i / threads);
		CHECK_EQ(cpus[i].socket, 0);
		CHECK_EQ(cpus[i].node, 0);
	}
	SET_HANDLE(s.u.cputopoinfo.cputopo, ADDR_UNMAPPED);
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_cputopoinfo, &s), -kEFAULT);
}

static void check_counts(unsigned int threads)
{
	memset(&s, 0, sizeof(s));
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_physinfo, &s), 0);
	CHECK_EQ(s.u.physinfo.threads_per_core, threads);
	CHECK_EQ(s.u.physinfo.cores_per_socket, CPUS / threads);
	CHECK_EQ(s.u.physinfo.nr_cpus, CPUS);
}

void guest_main(void)
{
	unsigned int threads = cpuid(0).ebx == CPUID_AMD ? 1 : 2;

	kit_init();
	check_places(threads);
	check_counts(threads);
	verdict();
}
