/* SPDX-License-Identifier: MIT */
/*
 * What the page-type room asks of the machine (dais/pt_env.h): the hypervisor's slots of a new
 * root, and which frames that are not RAM a domain may map.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/msi.h>
#include <dais/paging.h>
#include <dais/pci.h>
#include <dais/pt_env.h>
#include <dais/rangeset.h>
#include <dais/string.h>
#include <dais/x86.h>
#include <dais/xpti.h>
#include <xen/errno.h>

void pt_env_fill_hole(struct domain *d, uint64_t *l4)
{
	l4[HV_SLOT_FIRST] = 0;		/* the machine-to-phys table: see pv/root.c */
	memcpy(&l4[HV_SLOT_FIRST + 1], &hv_l4[HV_SLOT_FIRST + 1],
	       (HV_SLOT_LAST - HV_SLOT_FIRST) * sizeof(l4[0]));
	pt_env_root_changed();
}

void pt_env_root_changed(void)
{
	(void)atomic_add(&xpti_generation, 1);
}

int pt_env_mmio_ok(struct domain *d, mfn_t mfn, bool write)
{
	pci_sbdf_t sbdf;
	unsigned int reg;

	if (mfn >> (x86_features.phys_bits - PAGE_SHIFT)) {
		return -XEN_EINVAL;
	}
	if (!rangeset_contains(&d->iomem, mfn, mfn)) {
		return -XEN_EPERM;
	}
	/*
	 * The hypervisor programs MSI-X tables and filters configuration writes; dom0 maps both to
	 * look at. What it stores there goes through x86/pv/mmio_emul.c.
	 */
	if (msix_table_page(mfn) || pci_ecam_decode(mfn_to_paddr(mfn), &sbdf, &reg)) {
		return PT_MMIO_RO;
	}
	return 0;
}

bool pt_env_has_io(const struct domain *d)
{
	return d->iomem.count != 0;
}
