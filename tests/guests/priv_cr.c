/* SPDX-License-Identifier: MIT */
/*
 * Control registers and the other privileged instructions of a PV kernel.
 *
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * Reads of CR0, CR2, CR3, CR4 and writes of CR0.TS, CR2, CR3 and CR4 are emulated; CR3 reads as
 * the kernel root and not as what is loaded. WBINVD, CLTS and debug-register moves work. CLI and
 * STI fault while the virtual IOPL is 0 and are ignored at 1. What PV kernels never issue (HLT,
 * LGDT, LIDT, LTR, INVLPG, SWAPGS, SYSRET, IN without IOPL) is #GP. None of it works in user mode.
 */
#include "kit.h"

#include <xen/physdev.h>

#define READER(name, insn)                                      \
	static u64 name(void)                                   \
	{                                                       \
		u64 v;                                          \
		__asm__ volatile(insn : "=a"(v) : : "memory"); \
		return v;                                       \
	}
#define WRITER(name, insn)                                     \
	static void name(u64 v)                                \
	{                                                      \
		__asm__ volatile(insn : : "a"(v) : "memory"); \
	}

READER(read_cr0, "mov %%cr0, %0")
READER(read_cr2, "mov %%cr2, %0")
READER(read_cr3, "mov %%cr3, %0")
READER(read_cr4, "mov %%cr4, %0")
WRITER(write_cr2, "mov %0, %%cr2")
WRITER(write_cr3, "mov %0, %%cr3")
WRITER(write_cr4, "mov %0, %%cr4")
WRITER(do_lgdt, "lgdt (%0)")
WRITER(do_lidt, "lidt (%0)")
WRITER(do_lldt, "lldt %w0")
WRITER(do_ltr, "ltr %w0")
WRITER(do_invlpg, "invlpg (%0)")
WRITER(do_swapgs, "swapgs")
WRITER(do_sysret, "sysretq")
WRITER(do_hlt, "hlt")
WRITER(do_cli, "cli")
WRITER(do_sti, "sti")

static long user_cr0(long arg)
{
	return (long)read_cr0() + arg;
}

static long user_cr3(long arg)
{
	return (long)read_cr3() + arg;
}

static long user_wbinvd(long arg)
{
	__asm__ volatile("wbinvd");
	return arg;
}

static void check_control(void)
{
	u64 root = paging_mfn((void *)start_info->pt_base) << PAGE_SHIFT, cr4;

	CHECK_EQ(read_cr0() & 0x80050033, 0x80050033); /* PG AM WP NE ET MP PE */
	CHECK_EQ(read_cr3(), root);
	write_cr2(0x123456);
	CHECK_EQ(read_cr2(), 0x123456);
	CHECK_EQ(event_vcpu_info()->arch.cr2, 0x123456);
	write_cr3(root);
	CHECK_EQ(read_cr3(), root);
	CHECK_EQ(TRAP_OF(write_cr3(0xffffffffUL << 12)), TRAP_GP);
	cr4 = read_cr4();
	CHECK_EQ(cr4 & 0x620, 0x620); /* PAE, OSFXSR, OSXMMEXCPT */
	CHECK_EQ(cr4 & 0x300090, 0x200090 & cr4 & 0); /* no PSE, PGE, SMEP, SMAP shown */
	write_cr4(cr4);
	write_cr4(cr4 | 0x8); /* DE */
	CHECK_EQ(read_cr4() & 0x8, 0x8);
	write_cr4(cr4 | 0x1); /* VME: dropped without a word */
	CHECK_EQ(read_cr4() & 0x1, 0);
	write_cr4(cr4);
	CHECK_EQ(read_cr4(), cr4);
}

static void check_time_stamp_disable(void)
{
	u64 cr4 = read_cr4(), before = clock_tsc(), after;

	write_cr4(cr4 | 4); /* TSD: the guest kernel can still read the counter */
	CHECK_EQ(read_cr4() & 4, 4);
	after = clock_tsc();
	CHECK(after > before);
	write_cr4(cr4);
}

static void check_others(void)
{
	static u8 table[16];

	__asm__ volatile("wbinvd");
	CHECK_EQ(TRAP_OF(do_hlt(0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_lgdt((u64)table)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_lidt((u64)table)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_lldt(0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_ltr(0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_invlpg((u64)table)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_swapgs(0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_sysret(0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_cli(0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(do_sti(0)), TRAP_GP);
	{
		struct physdev_set_iopl op = { .iopl = 1 };
		u64 flags;

		CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &op), 0);
		CHECK_EQ(TRAP_OF(do_cli(0)), -1);
		CHECK_EQ(TRAP_OF(do_sti(0)), -1);
		__asm__ volatile("pushfq; pop %0" : "=r"(flags));
		CHECK_EQ(flags & 0x200, 0x200);
	}
	CHECK_EQ(TRAP_OF(user_call(user_cr0, 0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(user_call(user_cr3, 0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(user_call(user_wbinvd, 0)), TRAP_GP);
}

void guest_main(void)
{
	kit_init();
	user_init();
	check_control();
	check_time_stamp_disable();
	check_others();
	verdict();
}
