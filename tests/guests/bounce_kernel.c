/* SPDX-License-Identifier: MIT */
/*
 * How does a fault of the guest kernel come back to it?
 *
 * The bounce frame is, from low to high addresses, rcx, r11, the error code if the vector has
 * one, rip, cs with the old upcall mask in bits 32-39, rflags, rsp, ss. It begins 7 or 8 words
 * below the interrupted stack pointer rounded down to 16. The saved CS has RPL 0 because the
 * kernel was interrupted, the saved rflags have IF = not masked and IOPL 0. On entry CS and SS are
 * the flat selectors whatever the table row says, TF is clear, DF untouched. A row with flag 4
 * masks events on the way in, others leave the mask alone. The U bit of a page fault's error code
 * is clear for the kernel even though the hardware ran it in ring 3, and the address is in this
 * vCPU's arch.cr2.
 */
#include "kit.h"

static volatile u16 entry_cs, entry_ss;
static volatile u64 entry_flags;
static volatile u8 entry_mask;

static void fault_ud(void)
{
	__asm__ volatile("ud2");
}

static void fault_de(void)
{
	__asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0));
}

static void fault_bp(void)
{
	__asm__ volatile("int3");
}

static void fault_gp(void)
{
	__asm__ volatile("hlt");
}

static void fault_read(unsigned long va)
{
	(void)*(volatile u8 *)va;
}

static void fault_write(unsigned long va)
{
	*(volatile u8 *)va = 0;
}

static void fault_jump(unsigned long va)
{
	((void (*)(void))va)();
}

/* What every kernel frame has in common, whatever the vector. */
static void check_frame(const char *what, unsigned int words, u8 mask)
{
	u64 base = (trap_last.rsp & ~15UL) - words * 8;

	check_that(trap_last_frame_rsp == base, "%s: frame at 0x%lx, expected 0x%lx", what,
		   (unsigned long)trap_last_frame_rsp, (unsigned long)base);
	check_that(trap_last.cs == (FLAT_KERNEL_CS & ~3U), "%s: cs 0x%x", what, trap_last.cs);
	check_that(trap_last.ss == FLAT_KERNEL_SS, "%s: ss 0x%lx", what,
		   (unsigned long)trap_last.ss);
	check_that(trap_last.mask == mask, "%s: mask 0x%x", what, trap_last.mask);
	check_that((trap_last.rflags & 0x200) == (mask ? 0 : 0x200), "%s: rflags 0x%lx", what,
		   (unsigned long)trap_last.rflags);
	check_that((trap_last.rflags & 0x3000) == 0, "%s: IOPL in rflags 0x%lx", what,
		   (unsigned long)trap_last.rflags);
}

static void check_vectors(u8 mask)
{
	event_vcpu_info()->evtchn_upcall_mask = mask;
	CHECK_EQ(TRAP_OF(fault_ud()), TRAP_UD);
	check_frame("#UD", 7, mask);
	CHECK_EQ(*(u16 *)trap_last.rip, 0x0b0f);
	event_vcpu_info()->evtchn_upcall_mask = mask;
	CHECK_EQ(TRAP_OF(fault_de()), TRAP_DE);
	check_frame("#DE", 7, mask);
	event_vcpu_info()->evtchn_upcall_mask = mask;
	CHECK_EQ(TRAP_OF(fault_bp()), TRAP_BP);
	check_frame("#BP", 7, mask);
	CHECK_EQ(*(u8 *)(trap_last.rip - 1), 0xcc);
	event_vcpu_info()->evtchn_upcall_mask = mask;
	CHECK_EQ(TRAP_OF(fault_gp()), TRAP_GP);
	check_frame("#GP", 8, mask);
	CHECK_EQ(trap_last.error, 0);
	event_vcpu_info()->evtchn_upcall_mask = mask;
	CHECK_EQ(TRAP_OF(fault_read(ADDR_UNMAPPED + 0x123)), TRAP_PF);
	check_frame("#PF", 8, mask);
	CHECK_EQ(trap_last.error, 0);
	CHECK_EQ(trap_last_cr2, ADDR_UNMAPPED + 0x123);
}

static void check_page_faults(void)
{
	static char page[PAGE_SIZE] PAGE_ALIGNED;

	CHECK_EQ(TRAP_OF(fault_write(ADDR_UNMAPPED)), TRAP_PF);
	CHECK_EQ(trap_last.error, 2);
	CHECK_EQ(paging_protect(page), 0);
	CHECK_EQ(TRAP_OF(fault_write((unsigned long)page + 5)), TRAP_PF);
	CHECK_EQ(trap_last.error, 3);
	CHECK_EQ(trap_last_cr2, (unsigned long)page + 5);
	CHECK_EQ(paging_set(page, PTE(paging_mfn(page), PTE_FLAGS_RO | PTE_NX)), 0);
	CHECK_EQ(TRAP_OF(fault_jump((unsigned long)page)), TRAP_PF);
	CHECK_EQ(trap_last.error, 0x11);
	CHECK_EQ(trap_last.rip, (unsigned long)page);
	CHECK_EQ(TRAP_OF(fault_jump(ADDR_UNMAPPED)), TRAP_PF);
	CHECK_EQ(trap_last.error, 0x10);
	/* The hypervisor's own memory: present for the hardware, never for the guest's eyes. */
	CHECK_EQ(TRAP_OF(fault_read(ADDR_HOLE)), TRAP_PF);
	CHECK_EQ(trap_last.error & ~1UL, 0);
	CHECK_EQ(TRAP_OF(fault_read(ADDR_NONCANONICAL)), TRAP_GP);
	CHECK_EQ(trap_last.error, 0);
	CHECK_EQ(paging_unprotect(page), 0);
}

/* A handler in assembly would see these before C changes anything; C sees the same selectors. */
static void record_entry(struct trap_frame *frame)
{
	u64 flags;

	__asm__ volatile("pushfq; pop %0" : "=r"(flags));
	__asm__ volatile("mov %%cs, %0" : "=r"(entry_cs));
	__asm__ volatile("mov %%ss, %0" : "=r"(entry_ss));
	entry_flags = flags;
	entry_mask = event_vcpu_info()->evtchn_upcall_mask;
	frame->rip += 2;
	frame->rflags &= ~0x100UL;
}

static void check_entry_state(void)
{
	trap_handle(TRAP_UD, record_entry);
	event_vcpu_info()->evtchn_upcall_mask = 0;
	fault_ud();
	CHECK_EQ(entry_mask, 0);
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_mask, 0);

	/* Flag 4 masks; the selector of the row is not used for a kernel in ring 3. */
	trap_set(TRAP_UD, 4, FLAT_RING3_CS32, TRAP_STUB(TRAP_UD));
	fault_ud();
	CHECK_EQ(entry_mask, 1);
	CHECK_EQ(entry_cs, FLAT_KERNEL_CS);
	CHECK_EQ(entry_ss, FLAT_KERNEL_SS);
	/* The iret restored it. */
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_mask, 0);
	trap_set(TRAP_UD, 0, FLAT_KERNEL_CS, TRAP_STUB(TRAP_UD));
	event_disable();
	CHECK_EQ(entry_flags & 0x4500, 0);
	trap_handle(TRAP_UD, NULL);
}

static volatile unsigned int steps;
static volatile u64 step_frame_flags, step_flags;

static void count_step(struct trap_frame *frame)
{
	__asm__ volatile("pushfq; pop %0" : "=r"(step_flags));
	step_frame_flags = frame->rflags;
	steps++;
	if (steps == 3) {
		frame->rflags &= ~0x100UL;
	}
}

/* TF is shown in the frame and off in the handler, or the handler would step itself. */
static void check_single_step(void)
{
	trap_handle(TRAP_DB, count_step);
	__asm__ volatile("pushfq\n"
			 "orq $0x100, (%%rsp)\n"
			 "popfq\n"
			 "nop\nnop\nnop\nnop\nnop\n" : : : "memory");
	CHECK_EQ(steps, 3);
	CHECK_EQ(step_frame_flags & 0x100, 0x100);
	CHECK_EQ(step_flags & 0x100, 0);
	trap_handle(TRAP_DB, NULL);
}

static u64 rcx_r11[2];

static void take_rcx(struct trap_frame *frame)
{
	rcx_r11[0] = frame->rcx;
	rcx_r11[1] = frame->r11;
	frame->rcx = 0x3333;
	frame->r11 = 0x4444;
	frame->rip += 2;
}

static void check_rcx_r11(void)
{
	register u64 r11 __asm__("r11");
	u64 rcx = 0x1111;

	trap_handle(TRAP_UD, take_rcx);
	r11 = 0x2222;
	__asm__ volatile("ud2" : "+c"(rcx), "+r"(r11) : : "memory");
	trap_handle(TRAP_UD, NULL);
	CHECK_EQ(rcx, 0x3333);
	CHECK_EQ(rcx_r11[0], 0x1111);
	CHECK_EQ(rcx_r11[1], 0x2222);
}

void guest_main(void)
{
	kit_init();
	check_vectors(1);
	check_vectors(0);
	event_disable();
	check_page_faults();
	check_entry_state();
	check_single_step();
	check_rcx_r11();
	verdict();
}
