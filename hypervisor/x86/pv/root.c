/* SPDX-License-Identifier: MIT */
/*
 * The page-table roots of a vcpu: one for its kernel, one for its user mode. Each is held by a
 * reference of mm/pagetype for as long as it may be in CR3; the old one goes only when the new one
 * is loaded. And what every root shows of the hypervisor.
 */
#include <dais/domain.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/pt_env.h>
#include <dais/pv_state.h>
#include <dais/string.h>
#include <dais/tlb.h>
#include <dais/xpti.h>

void pt_env_root_changed(void)
{
	(void)atomic_add(&xpti_generation, 1);
}

void pt_env_fill_hole(struct domain *d, uint64_t *l4)
{
	l4[HV_SLOT_FIRST] = 0;		/* see root_show_m2p() */
	memcpy(&l4[HV_SLOT_FIRST + 1], &hv_l4[HV_SLOT_FIRST + 1],
	       (HV_SLOT_LAST - HV_SLOT_FIRST) * sizeof(l4[0]));
	pt_env_root_changed();
}

/*
 * Kernels see the machine-to-phys table. A root that is new does not show it (pt_env_fill_hole()), one that was
 * a kernel's goes on doing so in user mode, unless the guest has chosen VMASST_TYPE_m2p_strict.
 */
static void root_show_m2p(mfn_t root, bool show)
{
	uint64_t *l4 = frame_map(root), entry = show ? hv_l4[HV_SLOT_FIRST] : 0;

	if (atomic_read(&l4[HV_SLOT_FIRST]) != entry) {
		atomic_set(&l4[HV_SLOT_FIRST], entry);
		pt_env_root_changed();
	}
}

static void root_put(struct vcpu *v, mfn_t root)
{
	if (root != 0) {
		pt_hold_put(v->domain, root);
	}
}

int pv_set_kernel_root(struct vcpu *v, mfn_t mfn)
{
	mfn_t old = paddr_to_mfn(v->pv.kernel_cr3);
	bool loaded = v == current_vcpu() && v->kernel_mode;
	int rc;

	if (old == mfn && mfn != 0) {
		if (loaded) {
			tlb_flush_local();
		}
		return 0;
	}
	rc = pt_root_get(v->domain, mfn);
	if (rc != 0) {
		return rc;
	}
	root_show_m2p(mfn, true);
	v->pv.kernel_cr3 = mfn_to_paddr(mfn);
	if (loaded) {
		tlb_load_cr3(v->pv.kernel_cr3);
	}
	root_put(v, old);
	return 0;
}

int pv_set_user_root(struct vcpu *v, mfn_t mfn)
{
	mfn_t old = paddr_to_mfn(v->pv.user_cr3);
	int rc;

	if (old == mfn) {
		return 0;
	}
	if (mfn != 0) {
		rc = pt_root_get(v->domain, mfn);
		if (rc != 0) {
			return rc;
		}
		if (atomic_read(&v->domain->vm_assist) & (1UL << VMASST_TYPE_m2p_strict)) {
			root_show_m2p(mfn, false);
		}
	}
	v->pv.user_cr3 = mfn_to_paddr(mfn);
	root_put(v, old);
	return 0;
}

void pv_drop_roots(struct vcpu *v)
{
	mfn_t kernel = paddr_to_mfn(v->pv.kernel_cr3), user = paddr_to_mfn(v->pv.user_cr3);

	v->pv.kernel_cr3 = 0;
	v->pv.user_cr3 = 0;
	root_put(v, kernel);
	root_put(v, user);
}
