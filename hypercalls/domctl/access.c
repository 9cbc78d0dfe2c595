/* SPDX-License-Identifier: MIT */
/*
 * domctl: rights to hardware. A caller can only pass on what it has. The sets are read by the
 * domain itself without a lock, so it is stopped while they change; mappings it made before stay.
 */
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/x86.h>
#include <xen/errno.h>

#include "domctl.h"

#define PORTS	0x10000u

static struct domain *caller(void)
{
	return current_vcpu()->domain;
}

/* Give or take [first, last], of which the caller must have all. */
static int range_change(struct domain *d, struct rangeset *rs, const struct rangeset *callers,
			unsigned long first, unsigned long last, bool allow)
{
	int rc;

	if (!rangeset_contains(callers, first, last)) {
		return -XEN_EPERM;
	}
	domain_pause(d);
	rc = allow ? rangeset_add(rs, first, last) : rangeset_remove(rs, first, last);
	domain_unpause(d);
	return rc;
}

long domctl_irq_permission(struct domain *d, struct xen_domctl *op)
{
	uint32_t irq = op->u.irq_permission.pirq;

	if (irq >= NR_PIRQS) {
		return -XEN_EINVAL;
	}
	irq = array_index_nospec((unsigned long)irq, (unsigned long)NR_PIRQS);
	if (!caller()->is_hardware && !atomic_test_bit(irq, caller()->irq_caps)) {
		return -XEN_EPERM;
	}
	if (op->u.irq_permission.allow_access) {
		atomic_set_bit(irq, d->irq_caps);
	} else {
		atomic_clear_bit(irq, d->irq_caps);
	}
	return 0;
}

/* Are there any, and all of them in reach of the processor? */
static bool frames_ok(uint64_t first, uint64_t nr)
{
	uint64_t last = first + nr - 1;

	return nr != 0 && last >= first && last >> (x86_features.phys_bits - PAGE_SHIFT) == 0;
}

long domctl_iomem_permission(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;

	if (!frames_ok(p->first_mfn, p->nr_mfns)) {
		return -XEN_EINVAL;
	}
	return range_change(d, &d->iomem, &caller()->iomem, p->first_mfn,
			    p->first_mfn + p->nr_mfns - 1, p->allow_access);
}

/* A PV guest maps device memory itself, once it has the right: there is nothing to do. */
long domctl_memory_mapping(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_memory_mapping *m = &op->u.memory_mapping;

	return frames_ok(m->first_mfn, m->nr_mfns) &&
	       m->first_gfn + m->nr_mfns - 1 >= m->first_gfn ? 0 : -XEN_EINVAL;
}

long domctl_ioport_permission(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;
	unsigned long last = (unsigned long)p->first_port + p->nr_ports - 1;

	if (p->nr_ports == 0 || last >= PORTS) {
		return -XEN_EINVAL;
	}
	return range_change(d, &d->ioports, &caller()->ioports, p->first_port, last,
			    p->allow_access);
}
