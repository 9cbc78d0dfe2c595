/* SPDX-License-Identifier: MIT */
/*
 * Door of memory_op: the table of its commands, which live in memory_*.c, and how they are
 * continued. The low bits of cmd are the command; the rest is 0 from the guest and counts what is
 * done when a list is taken up again.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/memory.h>
#include <xen/xen.h>

#include "memory.h"

#define CMD_BITS	6
#define CMD_MASK	((1UL << CMD_BITS) - 1)

/* PV guests arrange their own address space: these are for others. */
static long memory_not_translated(unsigned long arg, unsigned long start, unsigned long *progress)
{
	return -XEN_EACCES;
}

struct memory_row {
	memory_fn fn;
	bool privileged;
};

static const struct memory_row memory_table[] = {
	[XENMEM_increase_reservation] = { memory_increase, false },
	[XENMEM_decrease_reservation] = { memory_decrease, false },
	[XENMEM_populate_physmap] = { memory_populate, false },
	[XENMEM_claim_pages] = { memory_claim, true },
	[XENMEM_exchange] = { memory_exchange, false },
	[XENMEM_maximum_ram_page] = { memory_max_ram_page, false },
	[XENMEM_current_reservation] = { memory_current, false },
	[XENMEM_maximum_reservation] = { memory_maximum, false },
	[XENMEM_maximum_gpfn] = { memory_max_gpfn, false },
	[XENMEM_machphys_mapping] = { memory_m2p_mapping, false },
	[XENMEM_machphys_mfn_list] = { memory_m2p_list, false },
	[XENMEM_set_pod_target] = { memory_pod_set, true },
	[XENMEM_get_pod_target] = { memory_pod_get, true },
	[XENMEM_get_vnumainfo] = { memory_vnuma, false },
	[XENMEM_memory_map] = { memory_map_own, false },
	[XENMEM_machine_memory_map] = { memory_map_of_machine, true },
	[XENMEM_set_memory_map] = { memory_map_of_domain, true },
	[XENMEM_reserved_device_memory_map] = { memory_map_reserved, false },
	[XENMEM_acquire_resource] = { memory_acquire, false },
	[XENMEM_add_to_physmap] = { memory_not_translated, false },
	[XENMEM_add_to_physmap_batch] = { memory_not_translated, false },
	[XENMEM_remove_from_physmap] = { memory_not_translated, false },
};

long do_memory_op(unsigned long cmd, unsigned long arg)
{
	unsigned long op = cmd & CMD_MASK, progress = 0;
	const struct memory_row *row;
	long rc;

	if (op >= ARRAY_SIZE(memory_table)) {
		return -XEN_ENOSYS;
	}
	row = &memory_table[array_index_nospec(op, ARRAY_SIZE(memory_table))];
	if (!row->fn) {
		return -XEN_ENOSYS;
	}
	if (row->privileged && !current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	rc = row->fn(arg, cmd >> CMD_BITS, &progress);
	if (rc == -ERESTART) {
		return hypercall_continue(__HYPERVISOR_memory_op, 2, op | (progress << CMD_BITS),
					  arg);
	}
	return rc;
}
