/* SPDX-License-Identifier: MIT */
/*
 * set_gdt and update_descriptor: what may a guest put into its GDT?
 *
 * Pages of a GDT are a type of their own: no writable mapping while they are one. Code and data
 * segments below ring 3 are raised to ring 3; present system segments other than call gates are
 * refused, so that no TSS or LDT of the guest's making exists. Edits go through
 * update_descriptor, which applies the same checks, and on an ordinary page is a plain 8-byte
 * write. The reserved tail stays the hypervisor's.
 */
#include "kit.h"

#define CODE64_DPL3 0x00affb000000ffffUL
#define DATA_DPL3 0x00cff3000000ffffUL
#define DATA_DPL0 0x00cf93000000ffffUL
#define LDT_DPL0 0x000082000000ffffUL
#define TSS_DPL0 0x0000890000000067UL

static u64 *gdt;
static u64 gdt_maddr;

static u16 load_ds(u16 sel)
{
	u16 out;

	__asm__ volatile("mov %1, %%ds\n"
			 "mov %%ds, %0\n"
			 "mov %2, %%ds\n" : "=r"(out) : "r"(sel), "r"(0));
	return out;
}

static long update(unsigned int index, u64 desc)
{
	return HC(update_descriptor, gdt_maddr + index * 8, desc);
}

static void check_set_gdt(void)
{
	unsigned long frames[14] = { paging_mfn(gdt) };

	gdt[2] = DATA_DPL0;
	CHECK_EQ(HC(set_gdt, frames, 512), -kEINVAL); /* writable mapping */
	CHECK_EQ(paging_protect(gdt), 0);
	CHECK_EQ(HC(set_gdt, frames, 7169), -kEINVAL);
	CHECK_EQ(HC(set_gdt, ADDR_UNMAPPED, 512), -kEFAULT);
	frames[1] = 0xffffffff;
	CHECK_EQ(HC(set_gdt, frames, 513), -kEINVAL);
	CHECK_EQ(HC(set_gdt, frames, 512), 0);
	CHECK_EQ(gdt[2], DATA_DPL3); /* raised while the page was validated */
	CHECK_EQ(paging_unprotect(gdt), -kEBUSY);
	CHECK_EQ(load_ds(2 * 8 + 3), 2 * 8 + 3);
	CHECK_EQ(TRAP_OF(load_ds(3 * 8 + 3)), TRAP_GP);
	CHECK_EQ(trap_last.error, 3 * 8);
	/* A page with a descriptor that is not allowed is not a GDT page at all. */
	{
		u64 *bad = page_alloc();

		bad[9] = TSS_DPL0;
		CHECK_EQ(paging_protect(bad), 0);
		frames[0] = paging_mfn(bad);
		CHECK_EQ(HC(set_gdt, frames, 512), -kEINVAL);
		CHECK_EQ(paging_unprotect(bad), 0);
	}
	CHECK_EQ(load_ds(2 * 8 + 3), 2 * 8 + 3); /* the old one is still loaded */
}

static void check_update(void)
{
	CHECK_EQ(update(3, DATA_DPL3), 0);
	CHECK_EQ(gdt[3], DATA_DPL3);
	CHECK_EQ(load_ds(3 * 8 + 3), 3 * 8 + 3);
	CHECK_EQ(update(4, DATA_DPL0), 0);
	CHECK_EQ(gdt[4], DATA_DPL3);
	CHECK_EQ(update(5, CODE64_DPL3), 0);
	CHECK_EQ(update(6, 0), 0);
	CHECK_EQ(update(7, LDT_DPL0), -kEINVAL);
	CHECK_EQ(update(7, TSS_DPL0), -kEINVAL);
	CHECK_EQ(gdt[7], 0);
	/* Not present: harmless, whatever the type. */
	CHECK_EQ(update(7, TSS_DPL0 & ~(1UL << 47)), 0);
	CHECK_EQ(HC(update_descriptor, gdt_maddr + 3, DATA_DPL3), -kEINVAL); /* not aligned */
	CHECK_EQ(HC(update_descriptor, 0xffffffffUL << 12, DATA_DPL3), -kEINVAL);
	/* A page table is not a descriptor page and cannot be written as one. */
	CHECK_EQ(HC(update_descriptor, paging_maddr((void *)start_info->pt_base), 0), -kEINVAL);
}

static void check_plain_page(void)
{
	u64 *plain = page_alloc();

	CHECK_EQ(HC(update_descriptor, paging_maddr(plain), DATA_DPL0), 0);
	CHECK(plain[0] == DATA_DPL0 || plain[0] == DATA_DPL3);
}

static void check_segments_work(void)
{
	u16 cs;

	/* Far return through the guest's own 64-bit code descriptor and back. */
	__asm__ volatile("pushq %1\n"
			 "leaq 1f(%%rip), %%rax\n"
			 "pushq %%rax\n"
			 "lretq\n"
			 "1: mov %%cs, %0\n"
			 "pushq %2\n"
			 "leaq 2f(%%rip), %%rax\n"
			 "pushq %%rax\n"
			 "lretq\n"
			 "2:\n"
			 : "=&r"(cs)
			 : "r"(5UL * 8 + 3), "r"((u64)FLAT_KERNEL_CS)
			 : "rax", "memory");
	CHECK_EQ(cs, 5 * 8 + 3);
	/* The flat data selector of the tail works; the slot the hypervisor keeps does not. */
	CHECK_EQ(load_ds(FLAT_KERNEL_DS32), FLAT_KERNEL_DS32);
	CHECK_EQ(TRAP_OF(load_ds(0xe013)), TRAP_GP);
	CHECK_EQ(HC(set_gdt, 0, 0), 0);
	CHECK_EQ(TRAP_OF(load_ds(2 * 8 + 3)), TRAP_GP);
	CHECK_EQ(paging_unprotect(gdt), 0); /* no longer a GDT page */
}

void guest_main(void)
{
	kit_init();
	gdt = page_alloc();
	gdt_maddr = paging_maddr(gdt);
	check_set_gdt();
	check_update();
	check_plain_page();
	check_segments_work();
	verdict();
}
