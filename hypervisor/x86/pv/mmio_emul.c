/* SPDX-License-Identifier: MIT */
/*
 * Writes of a guest kernel to device memory that it may only read (PT_MMIO_RO of dais/pt_env.h).
 * Its mapping was made read-only behind its back, so the stores of honest drivers fault and are
 * carried out here, as far as they may be: PCI configuration space through the same filter as the
 * ports, MSI-X tables not at all, since the hypervisor programs those. Plain stores only; anything
 * else is the fault it is. No state, no lock.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/msi.h>
#include <dais/paging.h>
#include <dais/pt_env.h>
#include <dais/pv_emul.h>
#include <dais/pv_trap.h>
#include <dais/pv_walk.h>
#include <dais/vcpu.h>
#include <dais/x86.h>

static bool config_write(pci_sbdf_t sbdf, unsigned int reg, unsigned int size, uint64_t val)
{
	uint32_t value = (uint32_t)(size < 4 ? val & ((1U << (size * 8)) - 1) : val);

	if (size > 4 || (reg & (size - 1))) {
		return false;
	}
	if (msi_cfg_write_filter(sbdf, reg, size, &value) == 0) {
		pci_write(sbdf, reg, size, value);
	}
	return true;
}

/* Is va mapped, read-only, to device memory that v's domain may only read? Then where. */
static bool target_find(struct vcpu *v, unsigned long va, paddr_t *pa)
{
	struct pv_walk map;
	mfn_t mfn;

	if (pv_walk_l1(v, va, &map) != 0 || (map.pte & (PTE_P | PTE_RW)) != PTE_P) {
		return false;
	}
	mfn = pte_mfn(map.pte);
	if (frame_lookup(mfn) != NULL || pt_env_mmio_ok(v->domain, mfn, true) != PT_MMIO_RO) {
		return false;
	}
	*pa = mfn_to_paddr(mfn) + (va & (PAGE_SIZE - 1));
	return true;
}

bool pv_emulate_mmio_write(struct vcpu *v, unsigned long va)
{
	uint8_t bytes[INSN_MAX];
	unsigned int reg;
	pci_sbdf_t sbdf;
	struct insn i;
	uint64_t val;
	paddr_t pa;

	if (!target_find(v, va, &pa) || !insn_decode(&i, bytes, emul_fetch(v, bytes)) || !i.mem ||
	    !emul_store_value(v, &i, &val) || (va & (PAGE_SIZE - 1)) + i.size > PAGE_SIZE) {
		return false;
	}
	if (pci_ecam_decode(pa, &sbdf, &reg) && !config_write(sbdf, reg, i.size, val)) {
		return false;
	}
	v->regs.rflags &= ~RFLAGS_RF;
	v->regs.rip += i.len;
	return true;
}
