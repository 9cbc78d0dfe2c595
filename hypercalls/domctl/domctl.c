/* SPDX-License-Identifier: MIT */
/*
 * Door of domctl: one row for each command says where it is, whether it needs a domain, and what is
 * copied back. Commands without a row are not offered (-ENOSYS): libxl knows that some may be
 * missing.
 *
 * domctl_lock makes control calls of several dom0 vcpus take turns. A caller that does not get it
 * issues its call again instead of waiting, since the holder may be waiting for the caller to stop.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#include "domctl.h"

#define OUT		1u	/* copy the argument back on success */
#define OUT_ERR		2u	/* and on failure */
#define NO_DOMAIN	4u	/* the command finds its domain itself */
#define XENSTORE	8u	/* the domain that runs xenstore may ask too */
#define NOT_SELF	16u	/* -EINVAL from a domain about itself */
#define VCPU		32u	/* the command is about a vcpu: .vcpu */
#define STOPPED		(64u | VCPU | NOT_SELF)	/* which is stopped while it runs */

struct domctl_row {
	union {
		long (*fn)(struct domain *d, struct xen_domctl *op);
		long (*vcpu)(struct vcpu *v, struct xen_domctl *op);
	};
	unsigned int flags;
};

static const struct domctl_row domctl_table[] = {
	[XEN_DOMCTL_createdomain] = { .fn = domctl_createdomain, OUT | NO_DOMAIN },
	[XEN_DOMCTL_destroydomain] = { .fn = domctl_destroydomain, NOT_SELF },
	[XEN_DOMCTL_pausedomain] = { .fn = domctl_pausedomain, NOT_SELF },
	[XEN_DOMCTL_unpausedomain] = { .fn = domctl_unpausedomain, NOT_SELF },
	[XEN_DOMCTL_resumedomain] = { .fn = domctl_resumedomain, NOT_SELF },
	[XEN_DOMCTL_getdomaininfo] = { .fn = domctl_getdomaininfo, OUT | NO_DOMAIN | XENSTORE },
	[XEN_DOMCTL_max_vcpus] = { .fn = domctl_max_vcpus, NOT_SELF },
	[XEN_DOMCTL_setvcpucontext] = { .vcpu = domctl_setvcpucontext, VCPU | NOT_SELF },
	[XEN_DOMCTL_getvcpucontext] = { .vcpu = domctl_getvcpucontext, STOPPED },
	[XEN_DOMCTL_set_ext_vcpucontext] = { .vcpu = domctl_set_ext_vcpucontext, STOPPED },
	[XEN_DOMCTL_get_ext_vcpucontext] = { .vcpu = domctl_get_ext_vcpucontext, OUT | STOPPED },
	[XEN_DOMCTL_setvcpuextstate] = { .vcpu = domctl_setvcpuextstate, STOPPED },
	[XEN_DOMCTL_getvcpuextstate] = { .vcpu = domctl_getvcpuextstate, OUT | STOPPED },
	[XEN_DOMCTL_set_vcpu_msrs] = { .vcpu = domctl_set_vcpu_msrs, OUT | OUT_ERR | STOPPED },
	[XEN_DOMCTL_get_vcpu_msrs] = { .vcpu = domctl_get_vcpu_msrs, OUT | STOPPED },
	[XEN_DOMCTL_getvcpuinfo] = { .vcpu = domctl_getvcpuinfo, VCPU | OUT },
	[XEN_DOMCTL_sendtrigger] = { .fn = domctl_sendtrigger, 0 },
	[XEN_DOMCTL_setvcpuaffinity] = { .fn = domctl_setvcpuaffinity, OUT },
	[XEN_DOMCTL_getvcpuaffinity] = { .fn = domctl_getvcpuaffinity, OUT },
	[XEN_DOMCTL_scheduler_op] = { .fn = domctl_scheduler_op, OUT },
	[XEN_DOMCTL_setnodeaffinity] = { .fn = domctl_setnodeaffinity, 0 },
	[XEN_DOMCTL_getnodeaffinity] = { .fn = domctl_getnodeaffinity, OUT },
	[XEN_DOMCTL_max_mem] = { .fn = domctl_max_mem, 0 },
	[XEN_DOMCTL_getpageframeinfo3] = { .fn = domctl_getpageframeinfo3, 0 },
	[XEN_DOMCTL_shadow_op] = { .fn = domctl_shadow_op, OUT | NOT_SELF },
	[XEN_DOMCTL_hypercall_init] = { .fn = domctl_hypercall_init, 0 },
	[XEN_DOMCTL_irq_permission] = { .fn = domctl_irq_permission, NOT_SELF },
	[XEN_DOMCTL_iomem_permission] = { .fn = domctl_iomem_permission, NOT_SELF },
	[XEN_DOMCTL_ioport_permission] = { .fn = domctl_ioport_permission, NOT_SELF },
	[XEN_DOMCTL_memory_mapping] = { .fn = domctl_memory_mapping, NOT_SELF },
	[XEN_DOMCTL_setdomainhandle] = { .fn = domctl_setdomainhandle, 0 },
	[XEN_DOMCTL_setdebugging] = { .fn = domctl_setdebugging, NOT_SELF },
	[XEN_DOMCTL_settimeoffset] = { .fn = domctl_settimeoffset, 0 },
	[XEN_DOMCTL_set_address_size] = { .fn = domctl_set_address_size, 0 },
	[XEN_DOMCTL_get_address_size] = { .fn = domctl_get_address_size, OUT },
	[XEN_DOMCTL_settscinfo] = { .fn = domctl_settscinfo, NOT_SELF },
	[XEN_DOMCTL_gettscinfo] = { .fn = domctl_gettscinfo, OUT },
	[XEN_DOMCTL_set_cpu_policy] = { .fn = domctl_set_cpu_policy, OUT | OUT_ERR | NOT_SELF },
	[XEN_DOMCTL_get_cpu_policy] = { .fn = domctl_get_cpu_policy, OUT },
	[XEN_DOMCTL_set_virq_handler] = { .fn = domctl_set_virq_handler, 0 },
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

static long domctl_run(const struct domctl_row *row, struct domain *d, struct xen_domctl *op)
{
	struct vcpu *v;
	long rc;

	if ((row->flags & NOT_SELF) && d == current_vcpu()->domain) {
		return -XEN_EINVAL;
	}
	if (!(row->flags & VCPU)) {
		return row->fn(d, op);
	}
	rc = domctl_vcpu(d, op->u.vcpucontext.vcpu, &v);	/* as all of them begin */
	if (rc) {
		return rc;
	}
	if ((row->flags & STOPPED) != STOPPED) {
		return row->vcpu(v, op);
	}
	vcpu_pause(v);
	rc = row->vcpu(v, op);
	vcpu_unpause(v);
	return rc;
}

static long domctl_locked(const struct domctl_row *row, struct xen_domctl *op)
{
	struct domain *d;
	long rc;

	if (row->flags & NO_DOMAIN) {
		return row->fn(NULL, op);
	}
	d = domain_get_by_id(op->domain);
	if (!d) {
		return -XEN_ESRCH;
	}
	rc = domctl_run(row, d, op);
	domain_put(d);
	return rc;
}

static const struct domctl_row *domctl_find(uint32_t cmd)
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
	const struct domain *caller = current_vcpu()->domain;
	const struct domctl_row *row;
	struct xen_domctl op;
	long rc;

	if (copy_from_guest(&op, op_va, sizeof(op))) {
		return -XEN_EFAULT;
	}
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION) {
		return -XEN_EACCES;
	}
	row = domctl_find(op.cmd);
	if (!caller->is_privileged
	    && !(row && (row->flags & XENSTORE) && caller->is_xenstore)) {
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
