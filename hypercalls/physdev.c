/* SPDX-License-Identifier: MIT */
/*
 * Doors of physdev_op: a guest's interrupts, its I/O privilege, and what dom0 tells about PCI devices. Table and
 * one small function for each; argument copying is subop_dispatch()'s.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/ioapic.h>
#include <dais/irq.h>
#include <dais/msi.h>
#include <dais/percpu.h>
#include <dais/pirq.h>
#include <dais/vcpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/physdev.h>
#include "subop.h"

static struct domain *self(void)
{
	return current_vcpu()->domain;
}

static long phys_eoi(void *arg)
{
	return pirq_eoi(self(), ((const struct physdev_eoi *)arg)->irq);
}

/* What kernels did before they could name the pirq: whatever waits for an answer gets it. */
static long phys_unmask_notify(void *arg)
{
	for (unsigned int pirq = 0; pirq < NR_PIRQS; pirq++) {
		(void)pirq_eoi(self(), pirq);	/* -EINVAL: one it does not have */
	}
	return 0;
}

static long phys_eoi_page_v2(void *arg)
{
	return pirq_eoi_page_set(self(), ((const struct physdev_pirq_eoi_gmfn *)arg)->gmfn, false);
}

static long phys_eoi_page_v1(void *arg)
{
	return pirq_eoi_page_set(self(), ((const struct physdev_pirq_eoi_gmfn *)arg)->gmfn, true);
}

static long phys_irq_status(void *arg)
{
	struct physdev_irq_status_query *q = arg;

	return pirq_status(self(), q->irq, &q->flags);
}

static long phys_set_iopl(void *arg)
{
	const struct physdev_set_iopl *s = arg;

	if (s->iopl > 3) {
		return -XEN_EINVAL;
	}
	current_vcpu()->pv.iopl = (uint8_t)s->iopl;
	return 0;
}

static long phys_set_iobitmap(void *arg)
{
	const struct physdev_set_iobitmap *s = arg;
	struct vcpu *v = current_vcpu();

	if (s->nr_ports > 65536 || !guest_range_ok(s->bitmap, (s->nr_ports + 7) / 8)) {
		return -XEN_EINVAL;
	}
	v->pv.iobmp = s->bitmap;
	v->pv.iobmp_limit = s->nr_ports;
	return 0;
}

static long phys_apic_read(void *arg)
{
	struct physdev_apic *a = arg;

	return ioapic_guest_read(a->apic_physbase, a->reg, &a->value);
}

/* The hypervisor programs the IO-APICs itself; dom0 may believe that it does. */
static long phys_apic_write(void *arg)
{
	uint32_t id;

	return ioapic_guest_read(((const struct physdev_apic *)arg)->apic_physbase, 0, &id);
}

static long phys_alloc_vector(void *arg)
{
	struct physdev_irq *i = arg;

	i->vector = i->irq;
	return i->irq < NR_PIRQS ? 0 : -XEN_EINVAL;
}

/*
 * The caller must have the right that it passes on. What d was permitted does not matter: a toolstack maps first and
 * permits afterwards.
 */
static long map_gsi(struct domain *d, const struct physdev_map_pirq *m)
{
	unsigned int gsi = (unsigned int)m->index;

	if (gsi >= irq_nr_gsis() || irq_desc(gsi) == NULL) {
		return -XEN_EINVAL;
	}
	gsi = (unsigned int)array_index_nospec((unsigned long)gsi, (unsigned long)NR_PIRQS);
	if (!atomic_test_bit(gsi, self()->irq_caps)) {
		return -XEN_EPERM;
	}
	return pirq_map(d, gsi, m->pirq);
}

static long map_msi(struct domain *d, const struct physdev_map_pirq *m, unsigned int seg)
{
	struct msi_request req = {
		.sbdf = PCI_SBDF(seg, m->bus, m->devfn),
		.msix = m->table_base != 0,
		.entry = (uint32_t)m->entry_nr,
		.table_base = m->table_base,
	};
	int irq = msi_setup(&req);
	long rc;

	if (irq < 0) {
		return irq;
	}
	rc = pirq_map(d, (unsigned int)irq, m->pirq);
	if (rc < 0) {
		msi_teardown(irq_desc((unsigned int)irq));
	}
	return rc;
}

/* For the caller, or a domain that it controls. */
static long phys_map_pirq(void *arg)
{
	struct physdev_map_pirq *m = arg;
	struct domain *d;
	long rc = domain_target(m->domid, true, &d);

	if (rc != 0) {
		return rc;
	}
	if (m->type == MAP_PIRQ_TYPE_GSI) {
		rc = map_gsi(d, m);
	} else if (m->type == MAP_PIRQ_TYPE_MULTI_MSI && m->entry_nr != 1) {
		m->entry_nr = 1;	/* how many are possible: the caller tries again */
		rc = -XEN_EOPNOTSUPP;
	} else if (m->type == MAP_PIRQ_TYPE_MSI) {
		rc = map_msi(d, m, 0);
	} else if (m->type == MAP_PIRQ_TYPE_MSI_SEG || m->type == MAP_PIRQ_TYPE_MULTI_MSI) {
		rc = map_msi(d, m, (unsigned int)m->bus >> 16);
	} else {
		rc = -XEN_EINVAL;
	}
	domain_put(d);
	if (rc < 0) {
		return rc;
	}
	m->pirq = (int32_t)rc;
	return 0;
}

static long phys_unmap_pirq(void *arg)
{
	const struct physdev_unmap_pirq *u = arg;
	struct domain *d;
	long rc = domain_target(u->domid, true, &d);

	if (rc == 0) {
		rc = pirq_unmap(d, (unsigned int)u->pirq);
		domain_put(d);
	}
	return rc;
}

static long phys_setup_gsi(void *arg)
{
	const struct physdev_setup_gsi *g = arg;

	return ioapic_set_mode((unsigned int)g->gsi, g->triggering, g->polarity);
}

static long phys_get_free_pirq(void *arg)
{
	return -XEN_EOPNOTSUPP;		/* for guests with an emulated IO-APIC */
}

/* Configuration windows come from ACPI, and there is no debug port of ours to protect. */
static long phys_no_effect(void *arg)
{
	return 0;
}

/* The structure of every newer operation begins like this one. */
static pci_sbdf_t device(const void *arg)
{
	const struct physdev_pci_device *p = arg;

	return PCI_SBDF(p->seg, p->bus, p->devfn);
}

static long phys_device_add(void *arg)
{
	return pci_device_present(device(arg)) ? 0 : -XEN_ENODEV;
}

static long phys_device_remove(void *arg)
{
	return msi_device_remove(device(arg));
}

static long phys_restore_msi_ext(void *arg)
{
	return msi_restore(device(arg));
}

static long phys_prepare_msix(void *arg)
{
	return msi_prepare_msix(device(arg), false);
}

static long phys_release_msix(void *arg)
{
	return msi_prepare_msix(device(arg), true);
}

static long phys_manage_add(void *arg)
{
	const struct physdev_manage_pci *m = arg;

	return pci_device_present(PCI_SBDF(0, m->bus, m->devfn)) ? 0 : -XEN_ENODEV;
}

static long phys_manage_remove(void *arg)
{
	const struct physdev_manage_pci *m = arg;

	return msi_device_remove(PCI_SBDF(0, m->bus, m->devfn));
}

static long phys_restore_msi(void *arg)
{
	const struct physdev_restore_msi *m = arg;

	return msi_restore(PCI_SBDF(0, m->bus, m->devfn));
}

static const struct subop physdev_table[] = {
	[PHYSDEVOP_IRQ_UNMASK_NOTIFY] = SUBOP_NOARG(0, phys_unmask_notify),
	[PHYSDEVOP_irq_status_query] = SUBOP(struct physdev_irq_status_query, SUBOP_INOUT, phys_irq_status),
	[PHYSDEVOP_set_iopl] = SUBOP(struct physdev_set_iopl, SUBOP_IN, phys_set_iopl),
	[PHYSDEVOP_set_iobitmap] = SUBOP(struct physdev_set_iobitmap, SUBOP_IN, phys_set_iobitmap),
	[PHYSDEVOP_apic_read] = SUBOP(struct physdev_apic, SUBOP_INOUT | SUBOP_PRIV, phys_apic_read),
	[PHYSDEVOP_apic_write] = SUBOP(struct physdev_apic, SUBOP_IN | SUBOP_PRIV, phys_apic_write),
	[PHYSDEVOP_alloc_irq_vector] = SUBOP(struct physdev_irq, SUBOP_INOUT | SUBOP_PRIV, phys_alloc_vector),
	[PHYSDEVOP_eoi] = SUBOP(struct physdev_eoi, SUBOP_IN, phys_eoi),
	[PHYSDEVOP_map_pirq] = SUBOP(struct physdev_map_pirq, SUBOP_INOUT | SUBOP_OUT_ERR | SUBOP_PRIV, phys_map_pirq),
	[PHYSDEVOP_unmap_pirq] = SUBOP(struct physdev_unmap_pirq, SUBOP_IN | SUBOP_PRIV, phys_unmap_pirq),
	[PHYSDEVOP_manage_pci_add] = SUBOP(struct physdev_manage_pci, SUBOP_IN | SUBOP_PRIV, phys_manage_add),
	[PHYSDEVOP_manage_pci_remove] = SUBOP(struct physdev_manage_pci, SUBOP_IN | SUBOP_PRIV, phys_manage_remove),
	[PHYSDEVOP_pirq_eoi_gmfn_v1] = SUBOP(struct physdev_pirq_eoi_gmfn, SUBOP_IN, phys_eoi_page_v1),
	[PHYSDEVOP_restore_msi] = SUBOP(struct physdev_restore_msi, SUBOP_IN | SUBOP_PRIV, phys_restore_msi),
	[PHYSDEVOP_setup_gsi] = SUBOP(struct physdev_setup_gsi, SUBOP_IN | SUBOP_PRIV, phys_setup_gsi),
	[PHYSDEVOP_get_free_pirq] = SUBOP(struct physdev_get_free_pirq, SUBOP_IN, phys_get_free_pirq),
	[PHYSDEVOP_pci_mmcfg_reserved] = SUBOP(struct physdev_pci_mmcfg_reserved, SUBOP_IN | SUBOP_PRIV, phys_no_effect),
	[PHYSDEVOP_pci_device_add] = SUBOP(struct physdev_pci_device_add, SUBOP_IN | SUBOP_PRIV, phys_device_add),
	[PHYSDEVOP_pci_device_remove] = SUBOP(struct physdev_pci_device, SUBOP_IN | SUBOP_PRIV, phys_device_remove),
	[PHYSDEVOP_restore_msi_ext] = SUBOP(struct physdev_pci_device, SUBOP_IN | SUBOP_PRIV, phys_restore_msi_ext),
	[PHYSDEVOP_pirq_eoi_gmfn_v2] = SUBOP(struct physdev_pirq_eoi_gmfn, SUBOP_IN, phys_eoi_page_v2),
	[PHYSDEVOP_dbgp_op] = SUBOP(struct physdev_dbgp_op, SUBOP_IN | SUBOP_PRIV, phys_no_effect),
	[PHYSDEVOP_prepare_msix] = SUBOP(struct physdev_pci_device, SUBOP_IN | SUBOP_PRIV, phys_prepare_msix),
	[PHYSDEVOP_release_msix] = SUBOP(struct physdev_pci_device, SUBOP_IN | SUBOP_PRIV, phys_release_msix),
};

long do_physdev_op(unsigned int cmd, unsigned long arg)
{
	return subop_dispatch(physdev_table, ARRAY_SIZE(physdev_table), cmd, arg);
}
