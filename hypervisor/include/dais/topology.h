/* SPDX-License-Identifier: MIT */
/*
 * How CPUs are arranged in cores and sockets, as their APIC ids tell. Read-only once all CPUs are
 * up.
 */
#ifndef DAIS_TOPOLOGY_H
#define DAIS_TOPOLOGY_H

/* Bits of an APIC id below the core's number, and below the socket's. Asked from the processor. */
struct topology {
	unsigned int core_shift, socket_shift;
};

void topology_read(struct topology *t);

/* cpu < nr_cpus. core counts within its socket. */
void topology_of(const struct topology *t, unsigned int cpu, unsigned int *core,
		 unsigned int *socket);

/* As found in the boot CPU's core and socket. */
void topology_counts(const struct topology *t, unsigned int *threads_per_core,
		     unsigned int *cores_per_socket);

#endif
