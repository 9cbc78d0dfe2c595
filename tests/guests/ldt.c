/* SPDX-License-Identifier: MIT */
/*
 * Does an LDT of the guest's own work, and is it checked when first used?
 *
 * MMUEXT_SET_LDT names a page-aligned virtual address and a number of entries; the pages are looked
 * at when a selector first needs them. A page that is mapped writable, absent, or holds a
 * descriptor that is not allowed makes the selector load fail in the guest, and nothing else. A page
 * of an LDT that was set anew is no longer one.
 */
#include "kit.h"

#define DATA_DPL3 0x00cff3000000ffffUL
#define TSS_DPL0 0x0000890000000067UL

static u64 ldt[1024] PAGE_ALIGNED; /* two pages */
static u64 other[512] PAGE_ALIGNED;

static long set_ldt(const void *va, unsigned int entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT };

	op.arg1.linear_addr = (unsigned long)va;
	op.arg2.nr_ents = entries;
	return HC(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static u16 load_ds(unsigned int index)
{
	u16 sel = (u16)(index * 8 + 7), out;

	__asm__ volatile("mov %1, %%ds\n"
			 "mov %%ds, %0\n"
			 "mov %2, %%ds\n" : "=r"(out) : "r"(sel), "r"(0));
	return out;
}

static bool refused(unsigned int index)
{
	volatile int vector = TRAP_OF(load_ds(index));

	/* The fault is of the selector (#GP, #NP) or of the page behind it (#PF). */
	return vector == TRAP_GP || vector == TRAP_PF || vector == TRAP_NP;
}

void guest_main(void)
{
	kit_init();
	ldt[1] = DATA_DPL3;
	ldt[513] = DATA_DPL3;
	other[3] = DATA_DPL3;
	CHECK(refused(1)); /* no LDT yet */
	CHECK_EQ(set_ldt((char *)ldt + 8, 16), -kEINVAL);
	CHECK_EQ(set_ldt(ldt, 8193), -kEINVAL);
	CHECK_EQ(set_ldt((void *)ADDR_HOLE, 16), -kEINVAL);
	CHECK_EQ(set_ldt(ldt, 1024), 0);
	CHECK(refused(1)); /* still writable */
	CHECK_EQ(paging_protect(ldt), 0);
	CHECK_EQ(load_ds(1), 1 * 8 + 7);
	CHECK(refused(2));
	CHECK(refused(513)); /* second page: still writable */
	CHECK_EQ(paging_protect(&ldt[512]), 0);
	CHECK_EQ(load_ds(513), 513 * 8 + 7);
	CHECK_EQ(paging_unprotect(ldt), -kEBUSY);
	CHECK_EQ(HC(update_descriptor, paging_maddr(&ldt[2]), DATA_DPL3), 0);
	CHECK_EQ(load_ds(2), 2 * 8 + 7);
	CHECK_EQ(HC(update_descriptor, paging_maddr(&ldt[2]), TSS_DPL0), -kEINVAL);
	CHECK_EQ(set_ldt(other, 512), 0);
	CHECK_EQ(paging_protect(other), 0);
	CHECK(refused(1)); /* another page, not what the first one said */
	CHECK_EQ(load_ds(3), 3 * 8 + 7);
	CHECK_EQ(set_ldt(other, 256), 0); /* set anew: its pages are let go */
	CHECK_EQ(paging_unprotect(other), 0);
	CHECK(refused(3)); /* and are not used while the guest can write them */
	CHECK_EQ(set_ldt(ldt, 1), 0);
	CHECK(refused(1)); /* beyond the limit now */
	CHECK_EQ(set_ldt(0, 0), 0);
	CHECK(refused(0));
	CHECK_EQ(paging_unprotect(ldt), 0);
	CHECK_EQ(paging_unprotect(&ldt[512]), 0);
	verdict();
}
