/* SPDX-License-Identifier: MIT */
/*
 * The model-specific registers a PV guest may touch. One row each with a reader and a writer; what has no row
 * faults, unless the domain was made with msr_relaxed. Values a guest may see are either its own state, constants of
 * the interface, or harmless facts.
 */
#include <dais/domain.h>
#include <dais/msr.h>
#include <dais/pv_emul.h>
#include <dais/uaccess.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define PAT_GUEST	0x050100070406UL	/* the encoding PV page tables are written in */

static int read_hw(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	return rdmsr_safe(msr, val) == 0 ? 0 : -XEN_EINVAL;
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

static int read_tsc(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = rdtsc();
	return 0;
}

static int read_tsc_aux(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	*val = v->pv.tsc_aux;
	return x86_features.rdtscp ? 0 : -XEN_EINVAL;
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

/* What it reads may be written, and changes nothing. */
static int write_same(struct vcpu *v, uint32_t msr, uint64_t val)
{
	uint64_t now;

	return pv_msr_read(v, msr, &now) == 0 && val == now ? 0 : -XEN_EINVAL;
}

static int write_zero(struct vcpu *v, uint32_t msr, uint64_t val)
{
	return val == 0 ? 0 : -XEN_EINVAL;
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

/*
 * With msr_relaxed, what has no row of its own but exists in the machine reads as 0, and writes go
 * nowhere.
 */
static int read_relaxed(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	int rc = v->domain->msr_relaxed ? read_hw(v, msr, val) : -XEN_EINVAL;

	*val = 0;
	return rc;
}

static int write_relaxed(struct vcpu *v, uint32_t msr, uint64_t val)
{
	return read_relaxed(v, msr, &val);
}

struct msr_row {
	uint32_t first, last;
	int (*read)(struct vcpu *v, uint32_t msr, uint64_t *val); /* NULL: it reads as `value` */
	int (*write)(struct vcpu *v, uint32_t msr, uint64_t val); /* NULL: it cannot be written */
	uint64_t value;
	enum { ANYWHERE, AMD, HARDWARE_DOMAIN } only;
};

/* The first row that fits counts. AMD's set-up of memory concerns who owns the hardware. */
static const struct msr_row msr_rows[] = {
	{ MSR_FS_BASE, MSR_KERNEL_GS_BASE, .read = read_hw, .write = write_base },
	{ MSR_EFER, MSR_EFER, .read = read_efer, .write = write_same },
	{ MSR_APIC_BASE, MSR_APIC_BASE, .read = read_apic_base },
	{ MSR_PAT, MSR_PAT, .write = write_same, .value = PAT_GUEST },
	{ MSR_TSC, MSR_TSC, .read = read_tsc },
	{ MSR_TSC_AUX, MSR_TSC_AUX, .read = read_tsc_aux, .write = write_tsc_aux },
	{ MSR_MISC_ENABLE, MSR_MISC_ENABLE, .read = read_hw, .write = write_same },
	{ MSR_UCODE_REV, MSR_UCODE_REV, .read = read_hw, .write = write_zero },
	{ MSR_PLATFORM_ID, MSR_PLATFORM_ID, .read = read_hw },
	{ MSR_PLATFORM_INFO, MSR_PLATFORM_INFO, .read = read_hw },
	{ MSR_FEATURE_CONTROL, MSR_FEATURE_CONTROL, .value = 1 },	/* locked */
	{ MSR_MCG_CAP, MSR_MCG_CTL, .value = 0 },
	{ MSR_MC0_CTL, MSR_MC0_CTL + 31, .value = 0 },
	{ MSR_PERF_STATUS, MSR_THERM_STATUS, .value = 0 },
	{ MSR_K8_HWCR, MSR_K8_HWCR, .value = 0, .only = AMD },
	{ MSR_AMD_DE_CFG, MSR_AMD_DE_CFG, .value = DE_CFG_LFENCE, .only = AMD },
	{ MSR_K8_SYSCFG, MSR_K8_SYSCFG, .read = read_hw, .only = HARDWARE_DOMAIN },
	{ MSR_K8_TOP_MEM1, MSR_K8_TOP_MEM2, .read = read_hw, .only = HARDWARE_DOMAIN },
	{ 0, UINT32_MAX, .read = read_relaxed, .write = write_relaxed },
};

static const struct msr_row *msr_find(uint32_t msr)
{
	const struct msr_row *row = msr_rows;

	while (msr < row->first || msr > row->last) {
		row++;
	}
	return row;
}

int pv_msr_read(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	const struct msr_row *row = msr_find(msr);

	if ((row->only == AMD && !x86_features.amd) ||
	    (row->only == HARDWARE_DOMAIN && !v->domain->is_hardware)) {
		return -XEN_EINVAL;
	}
	if (row->read != NULL) {
		return row->read(v, msr, val);
	}
	*val = row->value;
	return 0;
}

int pv_msr_write(struct vcpu *v, uint32_t msr, uint64_t val)
{
	const struct msr_row *row = msr_find(msr);

	return row->write != NULL ? row->write(v, msr, val) : -XEN_EINVAL;
}
