/* SPDX-License-Identifier: MIT */
/*
 * Writes of a guest kernel that fault since the page is mapped read-only; the address comes from
 * CR2, so operands need no decoding. And which frames that are not RAM a domain may map, for
 * mm/pagetype. No state, no lock.
 *
 * To its own page tables: the effect of the instruction on the 8-byte entry is computed, and the
 * entry changed through mm/pagetype like any other update. Either the whole entry is stored, or
 * the change is a compare-and-swap that is retried when another CPU was faster. Armed by
 * VMASST_TYPE_writable_pagetables.
 *
 * To device memory that it may only look at (PT_MMIO_RO of dais/pt_env.h): its mapping was made
 * read-only behind its back, so the stores of honest drivers are carried out as far as they may
 * be: PCI configuration space through the same filter as the ports, MSI-X tables not at all, since
 * the hypervisor programs those. Plain stores only.
 */
#include <dais/domain.h>
#include <dais/msi.h>
#include <dais/pci.h>
#include <dais/preempt.h>
#include <dais/pt_env.h>
#include <dais/pv_emul.h>
#include <dais/pv_trap.h>
#include <dais/pv_walk.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define FLAG_PF	(1UL << 2)
#define FLAG_ZF	(1UL << 6)
#define FLAG_SF	(1UL << 7)
#define FLAG_OF	(1UL << 11)
#define LOGIC_FLAGS (RFLAGS_CF | FLAG_PF | FLAG_ZF | FLAG_SF | FLAG_OF)

#define CAS_TRIES	64

/* A write to a page table, and what the instruction makes of the operand. */
struct pte_write {
	struct vcpu *v;
	const struct insn *i;
	uint64_t mask;		/* of the operand, unshifted */
	uint64_t flags;		/* RFLAGS afterwards */
	uint64_t *out_reg;	/* register that gets the old operand, or NULL */
	bool store;		/* false: the operand is not written (failed CMPXCHG) */
};

/*
 * What a plain store (MOV to memory) writes; false for any other instruction, with the register
 * operand in val.
 */
static bool store_value(struct vcpu *v, const struct insn *i, uint64_t *val)
{
	bool imm = (i->opcode == 0xc6 || i->opcode == 0xc7) && insn_group(i) == 0;
	unsigned int n = insn_reg(i);

	if (imm) {
		*val = i->imm;
	} else if (i->size == 1 && n >= 4 && n < 8 && !i->rex) {
		*val = *emul_reg(&v->regs, n - 4) >> 8;	/* without REX these are AH to BH */
	} else {
		*val = *emul_reg(&v->regs, n);
	}
	return imm || i->opcode == 0x88 || i->opcode == 0x89;
}

/* op: 1 OR, 4 AND, 6 XOR. */
static uint64_t do_logic(struct pte_write *w, unsigned int op, uint64_t old, uint64_t src)
{
	uint64_t res = (op == 1 ? old | src : op == 4 ? old & src : old ^ src) & w->mask;

	w->flags &= ~LOGIC_FLAGS;
	w->flags |= res == 0 ? FLAG_ZF : 0;
	w->flags |= (res >> (w->i->size * 8 - 1)) & 1 ? FLAG_SF : 0;
	w->flags |= __builtin_parity((unsigned int)(res & 0xff)) ? 0 : FLAG_PF;
	return res;
}

/*
 * op: 5 set, 6 clear, 7 complement. A register's bit number counts from the operand that CR2
 * points at.
 */
static uint64_t do_bit(struct pte_write *w, unsigned int op, uint64_t old, uint64_t bit)
{
	uint64_t m = 1UL << (bit & (w->i->size * 8 - 1));

	w->flags = (w->flags & ~RFLAGS_CF) | (old & m ? RFLAGS_CF : 0);
	return op == 5 ? old | m : op == 6 ? old & ~m : old ^ m;
}

static void set_zero_flag(struct pte_write *w, bool zero)
{
	w->flags = (w->flags & ~FLAG_ZF) | (zero ? FLAG_ZF : 0);
}

/* The new operand; false when this is no instruction that is emulated. */
static bool operand_new(struct pte_write *w, uint64_t old, uint64_t *res)
{
	struct regs *r = &w->v->regs;
	const struct insn *i = w->i;
	unsigned int op = (i->opcode >> 3) & 7;	/* as insn_group() where that tells it */

	w->store = true;
	w->out_reg = NULL;
	if (store_value(w->v, i, res)) {
		return true;
	}
	switch (i->opcode) {
	case 0xab:
		*res = r->rax;
		return !(i->prefixes & (INSN_REP | INSN_REPNE));
	case 0x87:
		w->out_reg = emul_reg(r, insn_reg(i));
		return true;
	case 0x80:
	case 0x81:
	case 0x83:
		op = insn_group(i);
		*res = do_logic(w, op, old, i->imm);
		return op == 1 || op == 4 || op == 6;
	case 0x08:
	case 0x09:
	case 0x20:
	case 0x21:
	case 0x30:
	case 0x31:
		*res = do_logic(w, op, old, *res);
		return true;
	case 0x0fba:
		*res = do_bit(w, insn_group(i), old, i->imm);
		return insn_group(i) >= 5;
	case 0x0fab:
	case 0x0fb3:
	case 0x0fbb:
		*res = do_bit(w, op, old, *res);
		return true;
	case 0x0fb0:
	case 0x0fb1:
		w->store = old == (r->rax & w->mask);
		w->out_reg = w->store ? NULL : &r->rax;
		set_zero_flag(w, w->store);
		return true;
	case 0x0fc7:
		/* CMPXCHG8B: the halves are in EDX:EAX and ECX:EBX. */
		w->store = old == ((r->rdx << 32) | (uint32_t)r->rax);
		*res = (r->rcx << 32) | (uint32_t)r->rbx;
		set_zero_flag(w, w->store);
		if (!w->store) {
			r->rax = (uint32_t)old;
			r->rdx = old >> 32;
		}
		return true;
	default:
		return false;
	}
}

/* Read, compute, swap, until the swap meets what was read. 0, or an error of mm/pagetype. */
static int pte_modify(struct pte_write *w, struct pt_cursor *c, mfn_t table, unsigned int offset)
{
	unsigned int index = offset / 8, shift = offset % 8 * 8;
	uint64_t entry, new, old, res;

	if (pt_get_entry(c, table, index, &entry) != 0) {
		return -XEN_EINVAL;	/* no table any more: another vcpu's doing */
	}
	for (unsigned int n = 0; n < CAS_TRIES; n++) {
		int rc = 0;

		old = (entry >> shift) & w->mask;
		if (!operand_new(w, old, &res)) {
			return -XEN_ENOSYS;
		}
		new = (entry & ~(w->mask << shift)) | ((res & w->mask) << shift);
		if (w->store) {
			rc = pt_cas_entry(c, table, index, &entry, new);
		}
		if (rc == 0 && w->out_reg != NULL) {
			*w->out_reg =
				w->i->size == 4 ? (uint32_t)old : (*w->out_reg & ~w->mask) | old;
		}
		if (rc != -XEN_EAGAIN) {
			return rc;
		}
	}
	return -ERESTART;
}

/* The type "level-1 table" has been seen; whether it still has it, mm/pagetype finds out. */
static int pte_write(struct vcpu *v, struct insn *i, mfn_t table, unsigned int offset)
{
	struct pte_write w = { .v = v, .i = i, .flags = v->regs.rflags };
	struct domain *d = v->domain;
	struct pt_cursor c;
	uint64_t res;
	int rc;

	if (i->opcode == 0x0fc7) {
		if (insn_group(i) != 1 || (i->rex & 8)) {
			return -XEN_ENOSYS;	/* CMPXCHG16B spans two entries */
		}
		i->size = 8;
	}
	if (offset % 8 + i->size > 8) {
		return -XEN_ENOSYS;
	}
	if (i->size == 8 && store_value(v, i, &res)) {
		/* The entry is whole and private to this store: no need to look at the old one. */
		return pt_set_entry_one(d, d, table, offset / 8, res, 0);
	}
	w.mask = i->size == 8 ? ~0UL : (1UL << (i->size * 8)) - 1;
	pt_begin(&c, d, d);
	rc = pte_modify(&w, &c, table, offset);
	pt_end(&c);
	if (rc == 0) {
		v->regs.rflags = w.flags;
		if (i->opcode == 0xab) {
			v->regs.rdi += v->regs.rflags & RFLAGS_DF ? -(uint64_t)i->size : i->size;
		}
	}
	return rc;
}

static int mmio_write(struct vcpu *v, const struct insn *i, paddr_t pa)
{
	pci_sbdf_t sbdf;
	unsigned int reg;
	uint64_t val;
	uint32_t low;

	if (!store_value(v, i, &val) || (pa & (PAGE_SIZE - 1)) + i->size > PAGE_SIZE) {
		return -XEN_ENOSYS;
	}
	if (!pci_ecam_decode(pa, &sbdf, &reg)) {
		return 0;
	}
	if (i->size > 4 || (reg & (i->size - 1U))) {
		return -XEN_ENOSYS;
	}
	low = (uint32_t)(i->size < 4 ? val & ((1U << (i->size * 8)) - 1) : val);
	if (msi_cfg_write_filter(sbdf, reg, i->size, &low) == 0) {
		pci_write(sbdf, reg, i->size, low);
	}
	return 0;
}

int pt_env_mmio_ok(struct domain *d, mfn_t mfn, bool write)
{
	pci_sbdf_t sbdf;
	unsigned int reg;

	if (mfn >> (x86_features.phys_bits - PAGE_SHIFT)) {
		return -XEN_EINVAL;
	}
	if (!rangeset_contains(&d->iomem, mfn, mfn)) {
		return -XEN_EPERM;
	}
	if (msix_table_page(mfn) || pci_ecam_decode(mfn_to_paddr(mfn), &sbdf, &reg)) {
		return PT_MMIO_RO;
	}
	return 0;
}

bool pt_env_has_io(const struct domain *d)
{
	return d->iomem.count != 0;
}

bool pv_emulate_write(struct vcpu *v, unsigned long va)
{
	unsigned int offset = va & (PAGE_SIZE - 1);
	struct domain *d = v->domain;
	struct pv_walk map;
	struct frame *f;
	struct insn i;
	bool table;
	mfn_t mfn;
	int rc;

	if (pv_walk_l1(v, va, &map) != 0 || (map.pte & (PTE_P | PTE_RW)) != PTE_P) {
		return false;
	}
	mfn = pte_mfn(map.pte);
	f = frame_lookup(mfn);
	table = f != NULL && frame_owner(f) == d && frame_type(f) == TYPE_L1 &&
		(d->vm_assist & (1UL << VMASST_TYPE_writable_pagetables));
	if (!table && (f != NULL || pt_env_mmio_ok(d, mfn, true) != PT_MMIO_RO)) {
		return false;
	}
	if (!emul_decode(v, &i) || (!i.mem && i.opcode != 0xab)) {
		return false;
	}
	rc = table ? pte_write(v, &i, mfn, offset) : mmio_write(v, &i, mfn_to_paddr(mfn) + offset);
	if (rc == 0) {
		emul_done(v, &i);
	}
	return rc == 0 || rc == -ERESTART;	/* other work first; the instruction faults again */
}
