/* SPDX-License-Identifier: MIT */
/*
 * Privileged instructions of a guest kernel, which fault in ring 3 with #GP and error code 0. What the interface
 * lets a PV kernel use is done here; the rest becomes the fault it is. A table maps opcode to one small function;
 * each returns whether the instruction was carried out.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/msr.h>
#include <dais/preempt.h>
#include <dais/pv_emul.h>
#include <dais/pv_state.h>
#include <dais/pv_switch.h>
#include <dais/pv_trap.h>
#include <dais/pv_xstate.h>
#include <dais/string.h>
#include <dais/x86.h>

uint64_t *emul_reg(struct regs *r, unsigned int n)
{
	static const uint8_t slot[16] = {
		offsetof(struct regs, rax), offsetof(struct regs, rcx), offsetof(struct regs, rdx),
		offsetof(struct regs, rbx), offsetof(struct regs, rsp), offsetof(struct regs, rbp),
		offsetof(struct regs, rsi), offsetof(struct regs, rdi), offsetof(struct regs, r8),
		offsetof(struct regs, r9), offsetof(struct regs, r10), offsetof(struct regs, r11),
		offsetof(struct regs, r12), offsetof(struct regs, r13), offsetof(struct regs, r14),
		offsetof(struct regs, r15),
	};

	return (uint64_t *)((char *)r + slot[n & 15]);
}

bool emul_decode(const struct vcpu *v, struct insn *i)
{
	unsigned long rip = v->regs.rip;
	unsigned int in_page = (unsigned int)(PAGE_SIZE - (rip & (PAGE_SIZE - 1)));
	unsigned int n = min(in_page, (unsigned int)INSN_MAX);
	uint8_t bytes[INSN_MAX];

	if (copy_from_guest(bytes, rip, n) != 0) {
		return false;
	}
	if (n < INSN_MAX && copy_from_guest(bytes + n, rip + n, INSN_MAX - n) == 0) {
		n = INSN_MAX;
	}
	return insn_decode(i, bytes, n);
}

void emul_done(struct vcpu *v, const struct insn *i)
{
	v->regs.rip += i->len;
	v->regs.rflags &= ~RFLAGS_RF;
}

static bool emul_wrmsr(struct vcpu *v, const struct insn *i)
{
	return pv_msr_write(v, (uint32_t)v->regs.rcx, (v->regs.rdx << 32) | (uint32_t)v->regs.rax) == 0;
}

static bool emul_rdmsr(struct vcpu *v, const struct insn *i)
{
	uint64_t val;

	if (pv_msr_read(v, (uint32_t)v->regs.rcx, &val) != 0) {
		/* Very early code may read MSRs before it can take a fault: the interface has them read 0. */
		if (v->pv.traps[13].address != 0) {
			return false;
		}
		val = 0;
	}
	v->regs.rax = (uint32_t)val;
	v->regs.rdx = val >> 32;
	return true;
}

/* CLI and STI change nothing: events have a mask of their own. They need IOPL, as on hardware. */
static bool emul_cli_sti(struct vcpu *v, const struct insn *i)
{
	return v->pv.iopl >= (v->kernel_mode ? 1 : 3);
}

static bool emul_clts(struct vcpu *v, const struct insn *i)
{
	pv_fpu_taskswitch(false);
	return true;
}

static bool emul_wbinvd(struct vcpu *v, const struct insn *i)
{
	if (domain_has_io(v->domain)) {
		__asm__ volatile("wbinvd" : : : "memory");
	}
	return true;
}

static bool emul_read_cr(struct vcpu *v, const struct insn *i)
{
	uint64_t *out = emul_reg(&v->regs, insn_rm(i));

	switch (insn_reg(i)) {
	case 0:
		*out = (read_cr0() & ~CR0_TS) | v->pv.cr0_ts;
		return true;
	case 2:
		*out = v->info->arch.cr2;
		return true;
	case 3:
		*out = v->pv.kernel_cr3;
		return true;
	case 4:
		*out = v->pv.cr4 | CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT;
		return true;
	default:
		return false;
	}
}

static bool emul_write_cr(struct vcpu *v, const struct insn *i)
{
	uint64_t val = *emul_reg(&v->regs, insn_rm(i));
	int rc;

	switch (insn_reg(i)) {
	case 0:
		if ((val ^ read_cr0()) & ~CR0_TS) {
			return false;
		}
		pv_fpu_taskswitch(val & CR0_TS);
		return true;
	case 2:
		v->info->arch.cr2 = val;
		return true;
	case 3:
		/* A root that takes long is validated in turns: other work, and this again. */
		rc = pv_set_kernel_root(v, paddr_to_mfn(val));
		if (rc == -ERESTART) {
			v->regs.rip -= i->len;	/* the caller moves on by as much */
		}
		return rc == 0 || rc == -ERESTART;
	case 4:
		v->pv.cr4 = val & pv_cr4_settable();
		pv_cr4_load(v);
		return true;
	default:
		return false;
	}
}

static bool emul_read_dr(struct vcpu *v, const struct insn *i)
{
	return pv_debugreg_get(v, insn_reg(i), emul_reg(&v->regs, insn_rm(i))) == 0;
}

static bool emul_write_dr(struct vcpu *v, const struct insn *i)
{
	return pv_debugreg_set(v, insn_reg(i), *emul_reg(&v->regs, insn_rm(i))) == 0;
}

/* RDTSC and RDTSCP fault only under CR4.TSD, which is meant for programs. */
static bool emul_rdtsc(struct vcpu *v, const struct insn *i)
{
	uint64_t tsc = rdtsc();

	v->regs.rax = (uint32_t)tsc;
	v->regs.rdx = tsc >> 32;
	return true;
}

/* Group 7: XSETBV is the one of interest. */
static bool emul_group7(struct vcpu *v, const struct insn *i)
{
	uint64_t val = (v->regs.rdx << 32) | (uint32_t)v->regs.rax;

	if (i->modrm == 0xf9) {
		v->regs.rcx = (uint32_t)v->pv.tsc_aux;
		return emul_rdtsc(v, i);
	}
	if (i->modrm != 0xd1 || (uint32_t)v->regs.rcx != 0 || !(v->pv.cr4 & CR4_OSXSAVE) ||
	    !pv_xcr0_ok(val, x86_features.xcr0)) {
		return false;
	}
	v->pv.xcr0 = val;
	xsetbv(0, val);
	return true;
}

static bool emul_cpuid(struct vcpu *v, const struct insn *i)
{
	struct cpuid_regs r = pv_cpuid(v, (uint32_t)v->regs.rax, (uint32_t)v->regs.rcx);

	v->regs.rax = r.eax;
	v->regs.rbx = r.ebx;
	v->regs.rcx = r.ecx;
	v->regs.rdx = r.edx;
	return true;
}

static bool emul_in_out(struct vcpu *v, const struct insn *i)
{
	unsigned int size = min(i->size, (uint8_t)4);
	unsigned int port = i->opcode & 8 ? (uint16_t)v->regs.rdx : (uint8_t)i->imm;
	/* 32 bits clear the upper half. */
	uint64_t mask = size == 4 ? ~0UL : (1UL << (size * 8)) - 1;

	if (!pv_port_allowed(v, port, size)) {
		return false;
	}
	if (i->opcode & 2) {
		pv_port_write(v, port, size, (uint32_t)v->regs.rax);
	} else {
		v->regs.rax = (v->regs.rax & ~mask) | (pv_port_read(v, port, size) & mask);
	}
	return true;
}

/* One element of INS or OUTS; a repeated one comes back for the next until RCX is 0, so it can be interrupted. */
static bool emul_ins_outs(struct vcpu *v, const struct insn *i)
{
	struct regs *r = &v->regs;
	unsigned int size = min(i->size, (uint8_t)4), port = (uint16_t)r->rdx;
	bool rep = i->prefixes & (INSN_REP | INSN_REPNE), out = i->opcode & 2;
	int64_t step = r->rflags & RFLAGS_DF ? -(int64_t)size : (int64_t)size;
	uint32_t val = 0;

	if (rep && r->rcx == 0) {
		return true;
	}
	if ((i->prefixes & (INSN_ADDR32 | INSN_SEG)) || !pv_port_allowed(v, port, size)) {
		return false;
	}
	if (out) {
		if (copy_from_guest(&val, r->rsi, size) != 0) {
			return false;
		}
		pv_port_write(v, port, size, val);
		r->rsi += (uint64_t)step;
	} else {
		val = pv_port_read(v, port, size);
		if (copy_to_guest(r->rdi, &val, size) != 0) {
			return false;
		}
		r->rdi += (uint64_t)step;
	}
	if (rep && --r->rcx != 0) {
		r->rip -= i->len;	/* the caller moves on by as much */
	}
	return true;
}

struct emul_row {
	uint16_t first, last;	/* opcodes */
	bool (*fn)(struct vcpu *v, const struct insn *i);
	bool user;		/* guest user mode may do this too (subject to fn's own checks) */
};

static const struct emul_row emul_rows[] = {
	{ 0x0f30, 0x0f30, emul_wrmsr, false }, { 0x0f32, 0x0f32, emul_rdmsr, false },
	{ 0xe4, 0xe7, emul_in_out, true }, { 0xec, 0xef, emul_in_out, true },
	{ 0x0f20, 0x0f20, emul_read_cr, false }, { 0x0f22, 0x0f22, emul_write_cr, false },
	{ 0x0f21, 0x0f21, emul_read_dr, false }, { 0x0f23, 0x0f23, emul_write_dr, false },
	{ 0x0f06, 0x0f06, emul_clts, false }, { 0x0f08, 0x0f09, emul_wbinvd, false },
	{ 0x0f01, 0x0f01, emul_group7, false }, { 0x0f31, 0x0f31, emul_rdtsc, false },
	{ 0x0fa2, 0x0fa2, emul_cpuid, true }, { 0xfa, 0xfb, emul_cli_sti, true },
	{ 0x6c, 0x6f, emul_ins_outs, true },
};

bool pv_emulate_privileged(struct vcpu *v)
{
	struct insn i;

	if ((v->regs.cs & 0xffff) != FLAT_RING3_CS64 && !v->kernel_mode) {
		return false;	/* compatibility-mode programs have no business here */
	}
	if (!emul_decode(v, &i) || (i.prefixes & INSN_LOCK)) {
		return false;
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(emul_rows); k++) {
		const struct emul_row *row = &emul_rows[k];

		if (i.opcode >= row->first && i.opcode <= row->last) {
			if ((!v->kernel_mode && !row->user) || !row->fn(v, &i)) {
				return false;
			}
			emul_done(v, &i);
			return true;
		}
	}
	return false;
}

bool pv_emulate_int(struct vcpu *v)
{
	uint8_t bytes[2];

	return copy_from_guest(bytes, v->regs.rip, sizeof(bytes)) == 0 && bytes[0] == 0xcd &&
	       pv_int_n(v, bytes[1], sizeof(bytes));
}

bool pv_emulate_cpuid_prefix(struct vcpu *v)
{
	static const uint8_t marker[7] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };
	uint8_t bytes[sizeof(marker)];

	if (copy_from_guest(bytes, v->regs.rip, sizeof(bytes)) != 0 ||
	    memcmp(bytes, marker, sizeof(bytes)) != 0) {
		return false;
	}
	v->regs.rip += sizeof(marker);
	return emul_cpuid(v, NULL);
}
