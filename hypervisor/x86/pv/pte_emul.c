/* SPDX-License-Identifier: MIT */
/*
 * Writes of a guest kernel to its own page tables, which are mapped read-only and so fault. The instruction is
 * decoded, its effect on the 8-byte entry computed, and the entry changed through mm/pagetype like any other
 * update: either the whole entry is stored, or the change is a compare-and-swap that is retried when another CPU
 * was faster. Armed by VMASST_TYPE_writable_pagetables. The address comes from CR2, so operands need no decoding.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/pagetype.h>
#include <dais/preempt.h>
#include <dais/pv_emul.h>
#include <dais/pv_trap.h>
#include <dais/pv_walk.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define FLAG_CF	(1UL << 0)
#define FLAG_PF	(1UL << 2)
#define FLAG_ZF	(1UL << 6)
#define FLAG_SF	(1UL << 7)
#define FLAG_OF	(1UL << 11)
#define LOGIC_FLAGS (FLAG_CF | FLAG_PF | FLAG_ZF | FLAG_SF | FLAG_OF)

#define CAS_TRIES	64

/* One write: where, and what the instruction makes of the operand. */
struct pte_write {
	struct vcpu *v;
	const struct insn *i;
	unsigned int shift;	/* of the operand within the entry, in bits */
	uint64_t mask;		/* of the operand, unshifted */
	uint64_t flags;		/* RFLAGS afterwards */
	uint64_t *out_reg;	/* register that gets the old operand, or NULL */
	bool store;		/* false: the operand is not written (failed CMPXCHG) */
};

static uint64_t logic_flags(uint64_t rflags, uint64_t res, unsigned int size)
{
	uint64_t fl = rflags & ~LOGIC_FLAGS;

	fl |= res == 0 ? FLAG_ZF : 0;
	fl |= (res >> (size * 8 - 1)) & 1 ? FLAG_SF : 0;
	fl |= __builtin_parity((unsigned int)(res & 0xff)) ? 0 : FLAG_PF;
	return fl;
}

static uint64_t reg_operand(struct vcpu *v, const struct insn *i)
{
	unsigned int n = insn_reg(i);

	/* Without REX, byte registers 4 to 7 are AH to BH. */
	if (i->size == 1 && n >= 4 && n < 8 && !i->rex) {
		return *emul_reg(&v->regs, n - 4) >> 8;
	}
	return *emul_reg(&v->regs, n);
}

bool emul_store_value(struct vcpu *v, const struct insn *i, uint64_t *val)
{
	bool imm = (i->opcode == 0xc6 || i->opcode == 0xc7) && insn_group(i) == 0;

	*val = imm ? i->imm : reg_operand(v, i);
	return imm || i->opcode == 0x88 || i->opcode == 0x89;
}

static uint64_t do_logic(struct pte_write *w, unsigned int op, uint64_t old, uint64_t src)
{
	uint64_t res = op == 1 ? old | src : op == 4 ? old & src : old ^ src;

	res &= w->mask;
	w->flags = logic_flags(w->flags, res, w->i->size);
	return res;
}

/* op: 5 set, 6 clear, 7 complement. A register's bit number counts from the operand that CR2 points at. */
static uint64_t do_bit(struct pte_write *w, unsigned int op, uint64_t old, uint64_t bit)
{
	uint64_t m = 1UL << (bit & (w->i->size * 8 - 1));

	w->flags = (w->flags & ~FLAG_CF) | (old & m ? FLAG_CF : 0);
	return op == 5 ? old | m : op == 6 ? old & ~m : old ^ m;
}

static uint64_t do_cmpxchg(struct pte_write *w, uint64_t old)
{
	uint64_t *rax = &w->v->regs.rax;

	if (old == (*rax & w->mask)) {
		w->flags |= FLAG_ZF;
		return reg_operand(w->v, w->i) & w->mask;
	}
	w->flags &= ~FLAG_ZF;
	w->store = false;
	w->out_reg = rax;
	return old;
}

/* The new operand; false when this is no instruction that is emulated. */
static bool operand_new(struct pte_write *w, uint64_t old, uint64_t *res)
{
	const struct insn *i = w->i;

	w->store = true;
	w->out_reg = NULL;
	if (emul_store_value(w->v, i, res)) {
		return true;
	}
	switch (i->opcode) {
	case 0xab:
		*res = w->v->regs.rax;
		return !(i->prefixes & (INSN_REP | INSN_REPNE));
	case 0x86:
	case 0x87:
		*res = reg_operand(w->v, w->i);
		w->out_reg = emul_reg(&w->v->regs, insn_reg(i));
		return i->size > 1;
	case 0x08:
	case 0x09:
		*res = do_logic(w, 1, old, reg_operand(w->v, w->i));
		return true;
	case 0x20:
	case 0x21:
		*res = do_logic(w, 4, old, reg_operand(w->v, w->i));
		return true;
	case 0x30:
	case 0x31:
		*res = do_logic(w, 6, old, reg_operand(w->v, w->i));
		return true;
	case 0x80:
	case 0x81:
	case 0x83:
		*res = do_logic(w, insn_group(i), old, i->imm);
		return insn_group(i) == 1 || insn_group(i) == 4 || insn_group(i) == 6;
	case 0x0fab:
		*res = do_bit(w, 5, old, reg_operand(w->v, w->i));
		return true;
	case 0x0fb3:
		*res = do_bit(w, 6, old, reg_operand(w->v, w->i));
		return true;
	case 0x0fbb:
		*res = do_bit(w, 7, old, reg_operand(w->v, w->i));
		return true;
	case 0x0fba:
		*res = do_bit(w, insn_group(i), old, i->imm);
		return insn_group(i) >= 5;
	case 0x0fb0:
	case 0x0fb1:
		*res = do_cmpxchg(w, old);
		return true;
	default:
		return false;
	}
}

/* CMPXCHG8B: both halves in EDX:EAX and ECX:EBX. The 16-byte form spans two entries and is not offered. */
static bool cmpxchg8b(struct pte_write *w, uint64_t old, uint64_t *res)
{
	struct regs *r = &w->v->regs;
	uint64_t expect = (r->rdx << 32) | (uint32_t)r->rax;

	w->store = old == expect;
	w->out_reg = NULL;
	*res = (r->rcx << 32) | (uint32_t)r->rbx;
	if (w->store) {
		w->flags |= FLAG_ZF;
	} else {
		w->flags &= ~FLAG_ZF;
		r->rax = (uint32_t)old;
		r->rdx = old >> 32;
	}
	return true;
}

/* An entry is whole and private to this store: no need to look at the old one. */
static bool is_plain_store(const struct insn *i)
{
	return i->size == 8 && (i->opcode == 0x89 || (i->opcode == 0xc7 && insn_group(i) == 0));
}

static void set_out_reg(const struct pte_write *w, uint64_t old)
{
	if (w->out_reg == NULL) {
		return;
	}
	if (w->i->size == 4) {
		*w->out_reg = (uint32_t)old;
	} else {
		*w->out_reg = (*w->out_reg & ~w->mask) | (old & w->mask);
	}
}

/* Read, compute, swap, until the swap meets what was read. 0, or an error of mm/pagetype. */
static int pte_read_modify_write(struct pte_write *w, struct pt_cursor *c, const struct pv_walk *at)
{
	bool cx8 = w->i->opcode == 0x0fc7;
	uint64_t entry_old;

	if (pt_get_entry(c, at->table, at->index, &entry_old) != 0) {
		return -XEN_EINVAL;	/* no table any more: another vcpu's doing */
	}
	for (unsigned int n = 0; n < CAS_TRIES; n++) {
		uint64_t old = (entry_old >> w->shift) & w->mask, res, entry_new;
		int rc;

		w->flags = w->v->regs.rflags;
		if (!(cx8 ? cmpxchg8b(w, old, &res) : operand_new(w, old, &res))) {
			return -XEN_ENOSYS;
		}
		if (!w->store) {
			set_out_reg(w, old);
			return 0;
		}
		entry_new = (entry_old & ~(w->mask << w->shift)) | ((res & w->mask) << w->shift);
		rc = pt_cas_entry(c, at->table, at->index, &entry_old, entry_new);
		if (rc == 0) {
			set_out_reg(w, old);
			return 0;
		}
		if (rc != -XEN_EAGAIN) {
			return rc;
		}
	}
	return -ERESTART;
}

static int pte_write_do(struct pte_write *w, const struct pv_walk *at)
{
	struct domain *d = w->v->domain;
	struct pt_cursor c;
	uint64_t res;
	int rc;

	if (is_plain_store(w->i)) {
		(void)operand_new(w, 0, &res);
		return pt_set_entry_one(d, d, at->table, at->index, res, 0);
	}
	pt_begin(&c, d, d);
	rc = pte_read_modify_write(w, &c, at);
	pt_end(&c);
	return rc;
}

/* Does the address lie in a level-1 table of v's domain that is mapped read-only? at: the entry it is in. */
static bool pte_target(struct vcpu *v, unsigned long va, struct pv_walk *at)
{
	struct pv_walk map;
	struct frame *f;

	if (pv_walk_l1(v, va, &map) != 0 || (map.pte & (PTE_P | PTE_RW)) != PTE_P) {
		return false;
	}
	f = frame_lookup(pte_mfn(map.pte));
	if (f == NULL || frame_owner(f) != v->domain || frame_type(f) != TYPE_L1) {
		return false;
	}
	at->table = pte_mfn(map.pte);
	at->index = (unsigned int)(va & (PAGE_SIZE - 1)) / 8;
	return true;
}

bool pv_emulate_pte_write(struct vcpu *v, unsigned long va)
{
	uint8_t bytes[INSN_MAX];
	struct pv_walk at;
	struct pte_write w = { .v = v };
	struct insn i;
	int rc;

	if (!(v->domain->vm_assist & (1UL << VMASST_TYPE_writable_pagetables)) || !pte_target(v, va, &at) ||
	    !insn_decode(&i, bytes, emul_fetch(v, bytes)) || (i.has_modrm && !i.mem)) {
		return false;
	}
	if (i.opcode == 0x0fc7) {
		if (insn_group(&i) != 1 || (i.rex & 8)) {
			return false;
		}
		i.size = 8;
	}
	if ((va & 7) + i.size > 8) {
		return false;		/* spans two entries */
	}
	w.i = &i;
	w.flags = v->regs.rflags;
	w.shift = (unsigned int)(va & 7) * 8;
	w.mask = i.size == 8 ? ~0UL : (1UL << (i.size * 8)) - 1;
	rc = pte_write_do(&w, &at);
	if (rc == -ERESTART) {
		return true;		/* other work first; the instruction faults again */
	}
	if (rc != 0) {
		return false;
	}
	if (i.opcode == 0xab) {
		v->regs.rdi += v->regs.rflags & RFLAGS_DF ? -(uint64_t)i.size : i.size;
	}
	v->regs.rflags = w.flags & ~RFLAGS_RF;
	v->regs.rip += i.len;
	return true;
}
