/* SPDX-License-Identifier: MIT */
/*
 * How does a fault of user mode come to the guest kernel?
 *
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * As bounce_kernel, but the frame lands on the stack registered by stack_switch, the saved CS
 * keeps RPL 3, a page fault's error code has the U bit, and the mode has changed: on entry the
 * kernel's page tables are active, and a hypercall is a hypercall again. User mode runs with IOPL
 * 0 and cannot reach the mask; the frame's IF is what the mask says (it was unmasked by the iret
 * that went there unless that frame had IF clear).
 */
#include "kit.h"

#include <xen/version.h>

static long user_ud(long arg)
{
	__asm__ volatile("ud2");
	return arg;
}

static long user_bp(long arg)
{
	__asm__ volatile("int3");
	return arg;
}

static long user_de(long arg)
{
	__asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0));
	return arg;
}

static long user_gp(long arg)
{
	__asm__ volatile("hlt");
	return arg;
}

static long user_read(long va)
{
	return *(volatile u8 *)va;
}

static long user_write(long va)
{
	*(volatile u8 *)va = 1;
	return 0;
}

static long user_cli(long arg)
{
	__asm__ volatile("cli");
	return arg;
}

static long user_cs(long arg)
{
	u16 cs;

	__asm__ volatile("mov %%cs, %0" : "=r"(cs));
	return cs + arg;
}

static void check_user(const char *what, unsigned int words, u8 mask)
{
	u64 base = (u64)user_kernel_stack_top - words * 8;

	check_that(trap_last_frame_rsp == base, "%s: frame at 0x%lx, expected 0x%lx", what,
		   (unsigned long)trap_last_frame_rsp, (unsigned long)base);
	check_that(trap_last.cs == FLAT_USER_CS, "%s: cs 0x%x", what, trap_last.cs);
	check_that(trap_last.ss == FLAT_USER_SS, "%s: ss 0x%lx", what,
		   (unsigned long)trap_last.ss);
	check_that(trap_last.mask == mask, "%s: mask 0x%x", what, trap_last.mask);
	check_that((trap_last.rflags & 0x3200) == (mask ? 0UL : 0x200UL), "%s: rflags 0x%lx", what,
		   (unsigned long)trap_last.rflags);
}

static void check_masks(void)
{
	struct iret_request req = user_request(user_ud, 0);

	req.rflags = 0x2; /* IF clear: upcalls stay masked in user mode */
	CHECK_EQ(TRAP_OF(user_switch(&req)), TRAP_UD);
	check_user("masked #UD", 7, 1);
	req = user_request(user_ud, 0);
	req.rflags = 0x3202; /* IOPL 3 asked for: not given */
	CHECK_EQ(TRAP_OF(user_switch(&req)), TRAP_UD);
	check_user("IOPL #UD", 7, 0);
}

void guest_main(void)
{
	static char page[PAGE_SIZE] PAGE_ALIGNED;

	kit_init();
	user_init();
	CHECK_EQ(user_call(user_cs, 0), FLAT_USER_CS);
	CHECK_EQ(TRAP_OF(user_call(user_ud, 0)), TRAP_UD);
	check_user("#UD", 7, 0);
	/* Kernel mode again: this would be a system call otherwise. */
	CHECK_EQ(HC(xen_version, XENVER_version, 0) >> 16, 4);
	CHECK_EQ(TRAP_OF(user_call(user_bp, 0)), TRAP_BP);
	check_user("#BP", 7, 0);
	CHECK_EQ(TRAP_OF(user_call(user_de, 0)), TRAP_DE);
	check_user("#DE", 7, 0);
	CHECK_EQ(TRAP_OF(user_call(user_gp, 0)), TRAP_GP);
	check_user("#GP", 8, 0);
	CHECK_EQ(trap_last.error, 0);
	CHECK_EQ(TRAP_OF(user_call(user_cli, 0)), TRAP_GP);
	CHECK_EQ(TRAP_OF(user_call(user_read, (long)ADDR_UNMAPPED)), TRAP_PF);
	check_user("#PF", 8, 0);
	CHECK_EQ(trap_last.error, 4);
	CHECK_EQ(trap_last_cr2, ADDR_UNMAPPED);
	CHECK_EQ(paging_protect(page), 0);
	CHECK_EQ(TRAP_OF(user_call(user_write, (long)page)), TRAP_PF);
	CHECK_EQ(trap_last.error, 7);
	CHECK_EQ(trap_last_cr2, (u64)page);
	/* The hypervisor's memory must not look present to user mode either. */
	CHECK_EQ(TRAP_OF(user_call(user_read, (long)ADDR_HOLE)), TRAP_PF);
	CHECK_EQ(trap_last.error & ~1UL, 4);
	check_masks();
	verdict();
}
