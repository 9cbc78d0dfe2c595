/* SPDX-License-Identifier: MIT */
/*
 * Door of domctl: one row for each command says where it is, whether it needs a domain, and what is
 * copied back. Commands without a row are not offered (-ENOSYS): libxl knows that some may be
 * missing.
 *
 * domctl_lock makes control calls of several dom0 vcpus take turns. A caller that does not get it
 * issues its call again instead of waiting, since the holder may be waiting for the caller to stop.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/spinlock.h>
#include <dais/vcpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#include "domctl.h"

#define OUT		1u	/* copy the argument back on success */
#define OUT_ERR		2u	/* and on failure */
#define NO_DOMAIN	4u	/* the command finds its domain itself */
#define XENSTORE	8u	/* the domain that runs xenstore may ask too */
#define NOT_SELF	16u	/* -EINVAL from a domain about itself */

struct domctl_row {
	long (*fn)(struct domain *d, struct xen_domctl *op);
	unsigned int flags;
};

static const struct domctl_row domctl_table[] = {
	[XEN_DOMCTL_createdomain] = { domctl_createdomain, OUT | NO_DOMAIN },
	[XEN_DOMCTL_destroydomain] = { domctl_destroydomain, NOT_SELF },
	[XEN_DOMCTL_pausedomain] = { domctl_pausedomain, NOT_SELF },
	[XEN_DOMCTL_unpausedomain] = { domctl_unpausedomain, NOT_SELF },
	[XEN_DOMCTL_resumedomain] = { domctl_resumedomain, NOT_SELF },
	[XEN_DOMCTL_getdomaininfo] = { domctl_getdomaininfo, OUT | NO_DOMAIN | XENSTORE },
	[XEN_DOMCTL_max_vcpus] = { domctl_max_vcpus, NOT_SELF },
	[XEN_DOMCTL_setvcpucontext] = { domctl_setvcpucontext, NOT_SELF },
	[XEN_DOMCTL_getvcpucontext] = { domctl_getvcpucontext, NOT_SELF },
	[XEN_DOMCTL_set_ext_vcpucontext] = { domctl_set_ext_vcpucontext, NOT_SELF },
	[XEN_DOMCTL_get_ext_vcpucontext] = { domctl_get_ext_vcpucontext, OUT | NOT_SELF },
	[XEN_DOMCTL_setvcpuextstate] = { domctl_setvcpuextstate, NOT_SELF },
	[XEN_DOMCTL_getvcpuextstate] = { domctl_getvcpuextstate, OUT | NOT_SELF },
	[XEN_DOMCTL_set_vcpu_msrs] = { domctl_set_vcpu_msrs, OUT | OUT_ERR | NOT_SELF },
	[XEN_DOMCTL_get_vcpu_msrs] = { domctl_get_vcpu_msrs, OUT | NOT_SELF },
	[XEN_DOMCTL_getvcpuinfo] = { domctl_getvcpuinfo, OUT },
	[XEN_DOMCTL_sendtrigger] = { domctl_sendtrigger, 0 },
	[XEN_DOMCTL_setvcpuaffinity] = { domctl_setvcpuaffinity, OUT },
	[XEN_DOMCTL_getvcpuaffinity] = { domctl_getvcpuaffinity, OUT },
	[XEN_DOMCTL_scheduler_op] = { domctl_scheduler_op, OUT },
	[XEN_DOMCTL_setnodeaffinity] = { domctl_setnodeaffinity, 0 },
	[XEN_DOMCTL_getnodeaffinity] = { domctl_getnodeaffinity, OUT },
	[XEN_DOMCTL_max_mem] = { domctl_max_mem, 0 },
	[XEN_DOMCTL_getpageframeinfo3] = { domctl_getpageframeinfo3, 0 },
	[XEN_DOMCTL_shadow_op] = { domctl_shadow_op, OUT | NOT_SELF },
	[XEN_DOMCTL_hypercall_init] = { domctl_hypercall_init, 0 },
	[XEN_DOMCTL_irq_permission] = { domctl_irq_permission, NOT_SELF },
	[XEN_DOMCTL_iomem_permission] = { domctl_iomem_permission, NOT_SELF },
	[XEN_DOMCTL_ioport_permission] = { domctl_ioport_permission, NOT_SELF },
	[XEN_DOMCTL_memory_mapping] = { domctl_memory_mapping, NOT_SELF },
	[XEN_DOMCTL_setdomainhandle] = { domctl_setdomainhandle, 0 },
	[XEN_DOMCTL_setdebugging] = { domctl_setdebugging, NOT_SELF },
	[XEN_DOMCTL_settimeoffset] = { domctl_settimeoffset, 0 },
	[XEN_DOMCTL_set_address_size] = { domctl_set_address_size, 0 },
	[XEN_DOMCTL_get_address_size] = { domctl_get_address_size, OUT },
	[XEN_DOMCTL_settscinfo] = { domctl_settscinfo, NOT_SELF },
	[XEN_DOMCTL_gettscinfo] = { domctl_gettscinfo, OUT },
	[XEN_DOMCTL_set_cpu_policy] = { domctl_set_cpu_policy, OUT | OUT_ERR | NOT_SELF },
	[XEN_DOMCTL_get_cpu_policy] = { domctl_get_cpu_policy, OUT },
	[XEN_DOMCTL_set_virq_handler] = { domctl_set_virq_handler, 0 },
};

static spinlock_t domctl_lock = SPINLOCK_INIT;

int domctl_vcpu(struct domain *d, uint32_t id, struct vcpu **out)
{
	if (id >= d->max_vcpus) {
		return -XEN_EINVAL;
	}
	*out = d->vcpu[array_index_nospec((unsigned long)id, (unsigned long)d->max_vcpus)];
	return *out ? 0 : -XEN_ESRCH;
}

static bool domctl_allowed(const struct domctl_row *row)
{
	const struct domain *d = current_vcpu()->domain;

	return d->is_privileged || ((row->flags & XENSTORE) && d->is_xenstore);
}

static long domctl_locked(const struct domctl_row *row, struct xen_domctl *op)
{
	struct domain *d = NULL;
	long rc = 0;

	if (!(row->flags & NO_DOMAIN)) {
		d = domain_get_by_id(op->domain);
		if (!d) {
			return -XEN_ESRCH;
		}
	}
	if ((row->flags & NOT_SELF) && d == current_vcpu()->domain) {
		rc = -XEN_EINVAL;
	} else {
		rc = row->fn(d, op);
	}
	if (d) {
		domain_put(d);
	}
	return rc;
}

static const struct domctl_row *domctl_row(uint32_t cmd)
{
	const struct domctl_row *row;

	if (cmd >= ARRAY_SIZE(domctl_table)) {
		return NULL;
	}
	row = &domctl_table[array_index_nospec((unsigned long)cmd, ARRAY_SIZE(domctl_table))];
	return row->fn ? row : NULL;
}

long do_domctl(unsigned long op_va)
{
	const struct domctl_row *row;
	struct xen_domctl op;
	long rc;

	if (copy_from_guest(&op, op_va, sizeof(op))) {
		return -XEN_EFAULT;
	}
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION) {
		return -XEN_EACCES;
	}
	row = domctl_row(op.cmd);
	if (row ? !domctl_allowed(row) : !current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	if (!row) {
		return -XEN_ENOSYS;
	}
	/* Tried before anything happens: the number of a new domain must not get lost. */
	if ((row->flags & OUT) && copy_to_guest(op_va, &op, sizeof(op))) {
		return -XEN_EFAULT;
	}
	if (!spin_trylock(&domctl_lock)) {
		return hypercall_continue(__HYPERVISOR_domctl, 1, op_va);
	}
	rc = domctl_locked(row, &op);
	spin_unlock(&domctl_lock);
	if (rc == -ERESTART) {
		return hypercall_continue(__HYPERVISOR_domctl, 1, op_va);
	}
	if ((row->flags & OUT) && (rc >= 0 || (row->flags & OUT_ERR)) &&
	    copy_to_guest(op_va, &op, sizeof(op))) {
		rc = -XEN_EFAULT;
	}
	return rc;
}
