/* SPDX-License-Identifier: MIT */
/*
 * Where the thread, core and socket numbers lie in an APIC id: leaf 0xb says so; before it AMD
 * counts cores in 0x80000008 and Intel in leaf 4, with the logical processors of a package in
 * leaf 1.
 */
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/percpu.h>
#include <dais/topology.h>
#include <dais/x86.h>

/* Bits that n different numbers take. */
static unsigned int bits_for(unsigned int n)
{
	return n <= 1 ? 0 : 32 - (unsigned int)__builtin_clz(n - 1);
}

static bool read_leaf_b(struct topology *t)
{
	struct cpuid_regs thread = cpuid_count(0xb, 0), core = cpuid_count(0xb, 1);

	if (cpuid_max(0) < 0xb || !thread.ebx || !core.ebx) {
		return false;
	}
	t->core_shift = thread.eax & 0x1f;
	t->socket_shift = core.eax & 0x1f;
	return true;
}

static bool read_amd(struct topology *t)
{
	uint32_t c = cpuid(0x80000008u).ecx;

	if (!x86_features.amd || cpuid_max(0x80000000u) < 0x80000008u) {
		return false;
	}
	t->socket_shift = (c >> 12) & 15 ? (c >> 12) & 15 : bits_for((c & 0xff) + 1);
	t->core_shift = 0;
	if (cpuid_has(CPU_TOPOEXT) && cpuid_max(0x80000000u) >= 0x8000001eu) {
		t->core_shift = bits_for(((cpuid(0x8000001eu).ebx >> 8) & 0xff) + 1);
	}
	return true;
}

void topology_read(struct topology *t)
{
	struct cpuid_regs r = cpuid(1);
	unsigned int threads = r.edx & (1u << 28) ? (r.ebx >> 16) & 0xff : 1, cores = 1;

	if (read_leaf_b(t) || read_amd(t)) {
		return;
	}
	if (cpuid_max(0) >= 4) {
		cores = (cpuid_count(4, 0).eax >> 26) + 1;
	}
	t->socket_shift = bits_for(threads);
	t->core_shift = t->socket_shift - min(t->socket_shift, bits_for(cores));
}

void topology_of(const struct topology *t, unsigned int cpu, unsigned int *core,
		 unsigned int *socket)
{
	uint32_t id = cpu_ptr(cpu)->apic_id;

	*socket = id >> t->socket_shift;
	*core = (id & ((1u << t->socket_shift) - 1)) >> t->core_shift;
}

void topology_counts(const struct topology *t, unsigned int *threads_per_core,
		     unsigned int *cores_per_socket)
{
	unsigned int core0, socket0, core, socket, threads = 0, in_socket = 0;

	topology_of(t, 0, &core0, &socket0);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		topology_of(t, cpu, &core, &socket);
		in_socket += socket == socket0;
		threads += socket == socket0 && core == core0;
	}
	*threads_per_core = max(threads, 1u);
	*cores_per_socket = max(in_socket / *threads_per_core, 1u);
}
