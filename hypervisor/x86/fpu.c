/* SPDX-License-Identifier: MIT */
/*
 * Owns vcpu->pv.fpu. Saved on every switch away from a vcpu, loaded on every switch to another one. XSAVE where
 * the processor has it, FXSAVE elsewhere. Only the CPU a vcpu runs on touches its state; no lock.
 */
#include <dais/fpu.h>
#include <dais/percpu.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/x86.h>

#define FCW_RESET	0x037f
#define MXCSR_RESET	0x1f80
#define XSTATE_BV	512	/* offset of the header's bitmap in an XSAVE image */

void fpu_set_ts(bool ts)
{
	if (ts) {
		write_cr0(read_cr0() | CR0_TS);
	} else {
		__asm__ volatile("clts");
	}
}

void fpu_reset(struct vcpu *v)
{
	uint8_t *area = v->pv.fpu;

	memset(area, 0, x86_features.xsave_size);
	*(uint16_t *)area = FCW_RESET;
	*(uint32_t *)(area + 24) = MXCSR_RESET;
	if (x86_features.xsave) {
		*(uint64_t *)(area + XSTATE_BV) = 3;	/* x87 and SSE from the image, the rest initial */
	}
	v->pv.fpu_cpu = NR_CPUS;
}

void fpu_save(struct vcpu *v)
{
	if (v->pv.cr0_ts) {
		__asm__ volatile("clts");
	}
	if (x86_features.xsave) {
		if (v->pv.xcr0 != x86_features.xcr0) {
			xsetbv(0, x86_features.xcr0);
		}
		__asm__ volatile("xsave64 (%0)" : : "r"(v->pv.fpu), "a"(~0U), "d"(~0U) : "memory");
	} else {
		__asm__ volatile("fxsave64 (%0)" : : "r"(v->pv.fpu) : "memory");
	}
}

static void fpu_restore(struct vcpu *v)
{
	__asm__ volatile("clts");
	/*
	 * AMD processors before Zen 2 load the x87 error pointers only together with a pending
	 * exception, and else leave those of whoever ran before: put known ones there first. EMMS,
	 * since FILD needs a free register.
	 */
	if (x86_features.x87_pointers_stay) {
		__asm__ volatile("fnclex\n\temms\n\tfildl %0" : : "m"(v->id));
	}
	if (x86_features.xsave) {
		xsetbv(0, x86_features.xcr0);
		__asm__ volatile("xrstor64 (%0)" : : "r"(v->pv.fpu), "a"(~0U), "d"(~0U) : "memory");
	} else {
		__asm__ volatile("fxrstor64 (%0)" : : "r"(v->pv.fpu) : "memory");
	}
}

void fpu_load(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	if (c->fpu_owner != v || v->pv.fpu_cpu != c->id) {
		fpu_restore(v);
		c->fpu_owner = v;
		v->pv.fpu_cpu = c->id;
	}
	if (x86_features.xsave && v->pv.xcr0 != x86_features.xcr0) {
		xsetbv(0, v->pv.xcr0);
	}
	if (v->pv.cr0_ts) {
		fpu_set_ts(true);
	}
}

void fpu_set_legacy(struct vcpu *v, const void *fxsave)
{
	uint8_t *area = v->pv.fpu;

	memcpy(area, fxsave, 512);
	*(uint32_t *)(area + 24) &= 0xffff;	/* MXCSR: reserved bits would fault on loading */
	if (x86_features.xsave) {
		memset(area + 464, 0, 48);	/* not part of the state, but of an XSAVE image */
		*(uint64_t *)(area + XSTATE_BV) = 3;
	}
	v->pv.fpu_cpu = NR_CPUS;
}
