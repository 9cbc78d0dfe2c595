/* SPDX-License-Identifier: MIT */
/*
 * The model-specific registers a PV guest may touch. One row each with a reader and a writer; what has no row
 * faults, unless the domain was made with msr_relaxed. Values a guest may see are either its own state, constants of
 * the interface, or harmless facts.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/msr.h>
#include <dais/pv_emul.h>
#include <dais/uaccess.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define PAT_GUEST	0x050100070406UL	/* the encoding PV page tables are written in */

typedef int (*msr_read_fn)(struct vcpu *v, uint32_t msr, uint64_t *val);
typedef int (*msr_write_fn)(struct vcpu *v, uint32_t msr, uint64_t val);

static int read_hw(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	return rdmsr_safe(msr, val) == 0 ? 0 : -XEN_EINVAL;
}

static int read_zero(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = 0;
	return 0;
}

/* FS, and the GS that is active, are in the hardware; the other GS rests in KERNEL_GS_BASE. */
static int write_base(struct vcpu *v, uint32_t msr, uint64_t val)
{
	if (!va_canonical(val)) {
		return -XEN_EINVAL;
	}
	wrmsr(msr, val);
	return 0;
}

static int read_apic_base(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = 0xfee00000UL | APIC_BASE_ENABLE | (v->id == 0 ? APIC_BASE_BSP : 0);
	return 0;
}

static int read_efer(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = rdmsr(msr) & ~EFER_SVME;
	return 0;
}

static int write_same_efer(struct vcpu *v, uint32_t msr, uint64_t val)
{
	uint64_t now;

	(void)read_efer(v, msr, &now);
	return val == now ? 0 : -XEN_EINVAL;
}

static int read_pat(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = PAT_GUEST;
	return 0;
}

static int write_pat(struct vcpu *v, uint32_t msr, uint64_t val)
{
	return val == PAT_GUEST ? 0 : -XEN_EINVAL;
}

static int read_tsc(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = rdtsc();
	return 0;
}

static int write_same(struct vcpu *v, uint32_t msr, uint64_t val)
{
	uint64_t now;

	return read_hw(v, msr, &now) == 0 && val == now ? 0 : -XEN_EINVAL;
}

static int write_zero(struct vcpu *v, uint32_t msr, uint64_t val)
{
	return val == 0 ? 0 : -XEN_EINVAL;
}

static int read_tsc_aux(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = v->pv.tsc_aux;
	return 0;
}

static int write_tsc_aux(struct vcpu *v, uint32_t msr, uint64_t val)
{
	if ((val >> 32) || !x86_features.rdtscp) {
		return -XEN_EINVAL;
	}
	v->pv.tsc_aux = val;
	wrmsr(msr, val);
	return 0;
}

static int read_locked(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = 1;
	return 0;
}

static int read_amd_zero(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = 0;
	return x86_features.amd ? 0 : -XEN_EINVAL;
}

static int read_de_cfg(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = 2;	/* LFENCE is serialising */
	return x86_features.amd ? 0 : -XEN_EINVAL;
}

/* The memory set-up registers of AMD concern who owns the hardware. */
static int read_hw_dom0(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	return v->domain->is_hardware ? read_hw(v, msr, val) : -XEN_EINVAL;
}

struct msr_row {
	uint32_t first, last;
	msr_read_fn read;
	msr_write_fn write;
};

static const struct msr_row msr_rows[] = {
	{ MSR_FS_BASE, MSR_FS_BASE, read_hw, write_base },
	{ MSR_GS_BASE, MSR_GS_BASE, read_hw, write_base },
	{ MSR_KERNEL_GS_BASE, MSR_KERNEL_GS_BASE, read_hw, write_base },
	{ MSR_EFER, MSR_EFER, read_efer, write_same_efer },
	{ MSR_APIC_BASE, MSR_APIC_BASE, read_apic_base, NULL },
	{ MSR_PAT, MSR_PAT, read_pat, write_pat },
	{ MSR_TSC, MSR_TSC, read_tsc, NULL },
	{ MSR_TSC_AUX, MSR_TSC_AUX, read_tsc_aux, write_tsc_aux },
	{ MSR_MISC_ENABLE, MSR_MISC_ENABLE, read_hw, write_same },
	{ MSR_UCODE_REV, MSR_UCODE_REV, read_hw, write_zero },
	{ MSR_PLATFORM_ID, MSR_PLATFORM_ID, read_hw, NULL },
	{ MSR_PLATFORM_INFO, MSR_PLATFORM_INFO, read_hw, NULL },
	{ MSR_FEATURE_CONTROL, MSR_FEATURE_CONTROL, read_locked, NULL },
	{ MSR_MCG_CAP, MSR_MCG_CTL, read_zero, NULL },
	{ MSR_MC0_CTL, MSR_MC0_CTL + 31, read_zero, NULL },
	{ MSR_PERF_STATUS, MSR_PERF_CTL, read_zero, NULL },
	{ MSR_THERM_CONTROL, MSR_THERM_STATUS, read_zero, NULL },
	{ MSR_K8_HWCR, MSR_K8_HWCR, read_amd_zero, NULL },
	{ MSR_AMD_DE_CFG, MSR_AMD_DE_CFG, read_de_cfg, NULL },
	{ MSR_K8_SYSCFG, MSR_K8_SYSCFG, read_hw_dom0, NULL },
	{ MSR_K8_TOP_MEM1, MSR_K8_TOP_MEM2, read_hw_dom0, NULL },
};

static const struct msr_row *msr_find(uint32_t msr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(msr_rows); i++) {
		if (msr >= msr_rows[i].first && msr <= msr_rows[i].last) {
			return &msr_rows[i];
		}
	}
	return NULL;
}

/* With msr_relaxed, what has no row but exists in the machine reads as 0, and writes go nowhere. */
static int msr_ignore(const struct vcpu *v, uint32_t msr)
{
	uint64_t there;

	return v->domain->msr_relaxed && rdmsr_safe(msr, &there) == 0 ? 0 : -XEN_EINVAL;
}

int pv_msr_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	const struct msr_row *row = msr_find(msr);

	if (row == NULL) {
		*val = 0;
		return msr_ignore(v, msr);
	}
	return row->read != NULL ? row->read(v, msr, val) : -XEN_EINVAL;
}

int pv_msr_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	const struct msr_row *row = msr_find(msr);

	if (row == NULL) {
		return msr_ignore(v, msr);
	}
	return row->write != NULL ? row->write(v, msr, val) : -XEN_EINVAL;
}
