/* SPDX-License-Identifier: MIT */
/*
 * Domain control of what a saved guest has besides its memory and registers, read and given back;
 * and waking it where it suspended. As in domctl.h: values only, and 0 or a
 * negative errno. Arrays that are given out are to be free()d; where there is nothing, they are
 * NULL and 0.
 */
#ifndef LIB_DOMCTL_STATE_H
#define LIB_DOMCTL_STATE_H

#include <stdint.h>

#include <xen/arch-x86/xen.h>
#include <xen/domctl.h>

struct hypercall;

#define DOMCTL_TYPES_MAX 1024

/* A domain that has shut down runs on. */
int domctl_resume(struct hypercall *h, uint32_t domid);

/* Of at most DOMCTL_TYPES_MAX frames, in place, as XEN_DOMCTL_PFINFO_*. */
int domctl_page_types(struct hypercall *h, uint32_t domid, uint64_t *mfns, uint32_t count);

int domctl_get_tsc_info(struct hypercall *h, uint32_t domid, struct xen_domctl_tsc_info *info);
int domctl_set_tsc_info(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_tsc_info *info);
int domctl_get_ext_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
			   struct xen_domctl_ext_vcpucontext *context);
/* context->vcpu says whose. */
int domctl_set_ext_context(struct hypercall *h, uint32_t domid,
			   const struct xen_domctl_ext_vcpucontext *context);
/* The state: xcr0, xcr0_accum, the XSAVE image. */
int domctl_get_xstate(struct hypercall *h, uint32_t domid, uint32_t vcpu, void **state,
		      uint64_t *bytes);
int domctl_set_xstate(struct hypercall *h, uint32_t domid, uint32_t vcpu, const void *state,
		      uint64_t bytes);
int domctl_get_msrs(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		    struct xen_domctl_vcpu_msr **msrs, uint32_t *count);
int domctl_set_msrs(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		    const struct xen_domctl_vcpu_msr *msrs, uint32_t count);

#endif
