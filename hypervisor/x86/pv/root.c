/* SPDX-License-Identifier: MIT */
/*
 * The page-table roots of a vcpu: one for its kernel, one for its user mode. Each is held by a reference of
 * mm/pagetype for as long as it may be in CR3; the old one goes only when the new one is loaded.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/pagetype.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/pt_env.h>
#include <dais/pv_state.h>
#include <dais/tlb.h>
#include <dais/vcpu.h>
#include <xen/errno.h>

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

int pv_set_kernel_root(struct vcpu *v, mfn_t mfn)
{
	mfn_t old = paddr_to_mfn(v->pv.kernel_cr3);
	int rc;

	if (old == mfn && mfn != 0) {
		if (v == current_vcpu() && v->kernel_mode) {
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
	if (v == current_vcpu() && v->kernel_mode) {
		tlb_load_cr3(v->pv.kernel_cr3);
	}
	if (old != 0) {
		pt_hold_put(v->domain, old);
	}
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
	}
	if (mfn != 0 && atomic_read(&v->domain->vm_assist) & (1UL << VMASST_TYPE_m2p_strict)) {
		root_show_m2p(mfn, false);
	}
	v->pv.user_cr3 = mfn_to_paddr(mfn);
	if (old != 0) {
		pt_hold_put(v->domain, old);
	}
	return 0;
}

void pv_drop_roots(struct vcpu *v)
{
	mfn_t kernel = paddr_to_mfn(v->pv.kernel_cr3), user = paddr_to_mfn(v->pv.user_cr3);

	v->pv.kernel_cr3 = 0;
	v->pv.user_cr3 = 0;
	if (kernel != 0) {
		pt_hold_put(v->domain, kernel);
	}
	if (user != 0) {
		pt_hold_put(v->domain, user);
	}
}
