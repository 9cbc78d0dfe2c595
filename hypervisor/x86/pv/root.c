/* SPDX-License-Identifier: MIT */
/*
 * The page-table roots of a vcpu: one for its kernel, one for its user mode. Each is held by a reference of
 * mm/pagetype for as long as it may be in CR3; the old one goes only when the new one is loaded.
 */
#include <dais/domain.h>
#include <dais/pagetype.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/pv_state.h>
#include <dais/tlb.h>
#include <dais/vcpu.h>
#include <xen/errno.h>

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
	v->pv.kernel_cr3 = mfn_to_paddr(mfn);
	if (v == current_vcpu() && v->kernel_mode) {
		tlb_load_cr3(v->pv.kernel_cr3);
	}
	if (old != 0) {
		pt_root_put(v->domain, old);
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
	v->pv.user_cr3 = mfn_to_paddr(mfn);
	if (old != 0) {
		pt_root_put(v->domain, old);
	}
	return 0;
}

void pv_drop_roots(struct vcpu *v)
{
	mfn_t kernel = paddr_to_mfn(v->pv.kernel_cr3), user = paddr_to_mfn(v->pv.user_cr3);

	v->pv.kernel_cr3 = 0;
	v->pv.user_cr3 = 0;
	if (kernel != 0) {
		pt_root_put(v->domain, kernel);
	}
	if (user != 0) {
		pt_root_put(v->domain, user);
	}
}
