/* SPDX-License-Identifier: MIT */
/*
 * Door of sysctl: one row for each command that is offered. The whole argument is copied in once
 * and back once.
 *
 * sysctl_lock makes calls of several dom0 vcpus take turns; who does not get it issues its call
 * again.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#include "sysctl.h"

typedef long (*sysctl_fn)(struct xen_sysctl *op);

static const sysctl_fn sysctl_table[] = {
	[XEN_SYSCTL_readconsole] = sysctl_readconsole,
	[XEN_SYSCTL_debug_keys] = sysctl_debug_keys,
	[XEN_SYSCTL_physinfo] = sysctl_physinfo,
	[XEN_SYSCTL_getcpuinfo] = sysctl_getcpuinfo,
	[XEN_SYSCTL_availheap] = sysctl_availheap,
	[XEN_SYSCTL_getdomaininfolist] = sysctl_getdomaininfolist,
	[XEN_SYSCTL_cputopoinfo] = sysctl_cputopoinfo,
	[XEN_SYSCTL_numainfo] = sysctl_numainfo,
	[XEN_SYSCTL_pcitopoinfo] = sysctl_pcitopoinfo,
	[XEN_SYSCTL_sched_id] = sysctl_sched_id,
	[XEN_SYSCTL_scheduler_op] = sysctl_scheduler_op,
	[XEN_SYSCTL_cpupool_op] = sysctl_cpupool_op,
	[XEN_SYSCTL_get_cpu_levelling_caps] = sysctl_cpu_levelling_caps,
	[XEN_SYSCTL_get_cpu_featureset] = sysctl_cpu_featureset,
	[XEN_SYSCTL_get_cpu_policy] = sysctl_cpu_policy,
};

static spinlock_t sysctl_lock = SPINLOCK_INIT;

long do_sysctl(unsigned long op_va)
{
	struct xen_sysctl op;
	sysctl_fn fn = NULL;
	long rc;

	if (copy_from_guest(&op, op_va, sizeof(op))) {
		return -XEN_EFAULT;
	}
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION) {
		return -XEN_EACCES;
	}
	if (!current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	if (op.cmd < ARRAY_SIZE(sysctl_table)) {
		fn = sysctl_table[array_index_nospec((unsigned long)op.cmd,
						     ARRAY_SIZE(sysctl_table))];
	}
	if (!fn) {
		return -XEN_ENOSYS;
	}
	if (copy_to_guest(op_va, &op, sizeof(op))) {
		return -XEN_EFAULT;	/* before anything happens */
	}
	if (!spin_trylock(&sysctl_lock)) {
		return hypercall_continue(__HYPERVISOR_sysctl, 1, op_va);
	}
	rc = fn(&op);
	spin_unlock(&sysctl_lock);
	if (copy_to_guest(op_va, &op, sizeof(op))) {
		rc = -XEN_EFAULT;
	}
	return rc;
}
