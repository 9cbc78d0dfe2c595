/* SPDX-License-Identifier: MIT */
/*
 * Domain control that only restoring needs: the state of a domain and its vCPUs as it was saved.
 * As in domctl.h: values only, and 0 or a negative errno.
 */
#ifndef LIB_DOMCTL_RESTORE_H
#define LIB_DOMCTL_RESTORE_H

#include <stddef.h>
#include <stdint.h>

#include <xen/arch-x86/xen.h>
#include <xen/domctl.h>

struct hypercall;

/* Both halves of a policy. On an error *bad_leaf or *bad_msr is the one refused, the others ~0. */
int domctl_set_policies(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
			uint32_t leaf_count, const struct xen_msr_entry *msrs, uint32_t msr_count,
			uint32_t *bad_leaf, uint32_t *bad_msr);
int domctl_set_tsc_info(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_tsc_info *info);
/* extended->vcpu says whose. */
int domctl_set_extended(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_ext_vcpucontext *extended);
/* bytes: xcr0, xcr0_accum, the XSAVE image. */
int domctl_set_xsave(struct hypercall *h, uint32_t domid, uint32_t vcpu, const void *bytes,
		     size_t len);
int domctl_set_msrs(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		    const struct xen_domctl_vcpu_msr *msrs, uint32_t count);

/* A frame to be validated as a page table of this level (1 to 4), and kept so. */
struct domctl_pin {
	uint64_t mfn;
	unsigned int level;
};

int domctl_pin_tables(struct hypercall *h, uint32_t domid, const struct domctl_pin *pins,
		      uint32_t count);

#endif
