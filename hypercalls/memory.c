/* SPDX-License-Identifier: MIT */
/*
 * Door of memory_op: the table of its commands, which live in memory_*.c, their arguments, and how
 * they are continued. The low bits of cmd are the command; the rest is 0 from the guest and counts
 * what is done when a list is taken up again.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#include "memory.h"

#define CMD_BITS	6
#define CMD_MASK	((1UL << CMD_BITS) - 1)

/* PV guests arrange their own address space: these are for others. */
static long memory_not_translated(struct memory_call *c, union memory_arg *arg)
{
	return -XEN_EACCES;
}

enum { PRIVILEGED = 1, BACK = 2 };	/* BACK: the argument is copied out when the result is 0 */

struct memory_row {
	long (*fn)(struct memory_call *c, union memory_arg *arg);
	uint32_t size;		/* of the argument; 0: fn copies what it needs */
	uint32_t flags;
};

#define SIZE(member)	sizeof(((union memory_arg *)0)->member)

static const struct memory_row memory_table[] = {
	[XENMEM_increase_reservation] = { memory_reservation, 0, 0 },
	[XENMEM_decrease_reservation] = { memory_reservation, 0, 0 },
	[XENMEM_populate_physmap] = { memory_reservation, 0, 0 },
	[XENMEM_claim_pages] = { memory_claim, SIZE(claim), PRIVILEGED },
	[XENMEM_exchange] = { memory_exchange, SIZE(exchange), 0 },
	[XENMEM_maximum_ram_page] = { memory_max_ram_page, 0, 0 },
	[XENMEM_current_reservation] = { memory_figure, SIZE(domain), 0 },
	[XENMEM_maximum_reservation] = { memory_figure, SIZE(domain), 0 },
	[XENMEM_maximum_gpfn] = { memory_figure, SIZE(domain), 0 },
	[XENMEM_machphys_mapping] = { memory_m2p_mapping, 0, 0 },
	[XENMEM_machphys_mfn_list] = { memory_m2p_list, SIZE(list), BACK },
	[XENMEM_set_pod_target] = { memory_pod, SIZE(pod), PRIVILEGED },
	[XENMEM_get_pod_target] = { memory_pod, SIZE(pod), PRIVILEGED },
	[XENMEM_get_vnumainfo] = { memory_vnuma, SIZE(vnuma), 0 },
	[XENMEM_memory_map] = { memory_map_own, 0, 0 },
	[XENMEM_machine_memory_map] = { memory_map_of_machine, SIZE(map), PRIVILEGED | BACK },
	[XENMEM_set_memory_map] = { memory_map_of_domain, SIZE(foreign), PRIVILEGED },
	[XENMEM_reserved_device_memory_map] = { memory_map_reserved, SIZE(reserved), BACK },
	[XENMEM_acquire_resource] = { memory_acquire, SIZE(acquire), 0 },
	[XENMEM_add_to_physmap] = { memory_not_translated, 0, 0 },
	[XENMEM_add_to_physmap_batch] = { memory_not_translated, 0, 0 },
	[XENMEM_remove_from_physmap] = { memory_not_translated, 0, 0 },
};

long do_memory_op(unsigned long cmd, unsigned long arg_va)
{
	struct memory_call c = { .op = cmd & CMD_MASK, .va = arg_va, .done = cmd >> CMD_BITS };
	union memory_arg arg;
	const struct memory_row *row;
	long rc;

	if (c.op >= ARRAY_SIZE(memory_table)) {
		return -XEN_ENOSYS;
	}
	row = &memory_table[array_index_nospec(c.op, ARRAY_SIZE(memory_table))];
	if (!row->fn) {
		return -XEN_ENOSYS;
	}
	if ((row->flags & PRIVILEGED) && !current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	if (row->size && copy_from_guest(&arg, arg_va, row->size)) {
		return -XEN_EFAULT;
	}
	rc = row->fn(&c, &arg);
	if (c.d) {
		domain_put(c.d);
	}
	if (rc == -ERESTART) {
		return hypercall_continue(__HYPERVISOR_memory_op, 2, c.op | (c.done << CMD_BITS),
					  arg_va);
	}
	if (rc == 0 && (row->flags & BACK) && copy_to_guest(arg_va, &arg, row->size)) {
		return -XEN_EFAULT;
	}
	return rc;
}
