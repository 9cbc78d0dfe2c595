/* SPDX-License-Identifier: MIT */
/*
 * See pv_xstate.h. What comes in is loaded by XRSTOR in ring 0 later, so everything XRSTOR would
 * fault on is refused here: reserved bits of the header and of MXCSR, features the machine lacks.
 */
#include <dais/compiler.h>
#include <dais/cpuid_policy.h>
#include <dais/pv_xstate.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define XSAVE_HEADER 512 /* offset in the image: xstate_bv, xcomp_bv, six reserved words */
#define XSAVE_MIN	(512 + 64)
#define MXCSR_OFFSET	24
#define MXCSR_MASK	0xffffu
#define X_X87		1UL
#define X_SSE		2UL

struct xsave_header {
	uint64_t xstate_bv, xcomp_bv, reserved[6];
};

uint64_t pv_xstate_mask(void)
{
	return x86_features.xsave ? x86_features.xcr0 : 0;
}

static size_t image_size(uint64_t features)
{
	return cpuid_policy_xstate_size(cpuid_policy_system(POLICY_HOST), features);
}

size_t pv_xstate_max(void)
{
	return pv_xstate_mask() ? PV_XSTATE_HEADER + image_size(pv_xstate_mask()) : 0;
}

size_t pv_xstate_get(const struct vcpu *v, struct pv_xstate *x)
{
	const struct xsave_header *h = (const void *)((const uint8_t *)v->pv.fpu + XSAVE_HEADER);
	size_t size;

	if (!pv_xstate_mask()) {
		return 0;
	}
	x->xcr0 = v->pv.xcr0;
	x->used = (v->pv.xcr0 | h->xstate_bv | X_X87 | X_SSE) & pv_xstate_mask();
	size = image_size(x->used);
	memcpy(x->image, v->pv.fpu, size);
	return PV_XSTATE_HEADER + size;
}

static bool image_ok(const uint8_t *image, uint64_t used)
{
	struct xsave_header h;
	uint32_t mxcsr;

	memcpy(&h, image + XSAVE_HEADER, sizeof(h));
	memcpy(&mxcsr, image + MXCSR_OFFSET, sizeof(mxcsr));
	if ((h.xstate_bv & ~used) || h.xcomp_bv || (mxcsr & ~MXCSR_MASK)) {
		return false;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(h.reserved); i++) {
		if (h.reserved[i]) {
			return false;
		}
	}
	return true;
}

int pv_xstate_set(struct vcpu *v, const struct pv_xstate *x, size_t size)
{
	size_t image = size - PV_XSTATE_HEADER;

	if (size < PV_XSTATE_HEADER + XSAVE_MIN || size > pv_xstate_max() || !pv_xcr0_ok(x->xcr0, pv_xstate_mask()) ||
	    (x->used & ~pv_xstate_mask()) || (x->xcr0 & ~x->used) || image < image_size(x->used) ||
	    !image_ok(x->image, x->used)) {
		return -XEN_EINVAL;
	}
	memset(v->pv.fpu, 0, x86_features.xsave_size);
	memcpy(v->pv.fpu, x->image, image_size(x->used));
	v->pv.xcr0 = x->xcr0;
	v->pv.fpu_cpu = NR_CPUS;	/* registers of no CPU hold it */
	return 0;
}
