/* SPDX-License-Identifier: MIT */
/*
 * Which page-table updates does mmu_update accept, and with which error does it refuse the rest?
 *
 * A frame is never a page table and writable through a mapping at once; frames of others are not
 * mapped; flags the ABI does not know are refused; the hypervisor's slots are not touched. A batch
 * stops at the first refused row and the done count says how many rows took effect. Linux and
 * privcmd look at the errors, so they are compared exactly.
 */
#include "kit.h"

#define AREA 0x600000000000UL

#define SEEN(e) ((e) & (PTE_ADDR | 0xff | PTE_NX))

static volatile u64 *table;
static u64 slot, frame;
static char *page;

static long set(u64 pte)
{
	return paging_update(slot, pte);
}

static void check_leaf(void)
{
	u64 pt = paging_mfn((void *)table);

	CHECK_EQ(set(PTE(frame, PTE_FLAGS_RW)), 0);
	CHECK_EQ(SEEN(table[0]), PTE(frame, PTE_FLAGS_RW));
	CHECK_EQ(set(PTE(pt, PTE_FLAGS_RO)), 0);
	CHECK_EQ(SEEN(table[0]), PTE(pt, PTE_FLAGS_RO));
	CHECK_EQ(set(PTE(pt, PTE_FLAGS_RW)), -kEBUSY);
	CHECK_EQ(SEEN(table[0]), PTE(pt, PTE_FLAGS_RO));
	/* Without the user bit the hypervisor adds it: guest kernels run in ring 3. */
	CHECK_EQ(set(PTE(frame, PTE_P | PTE_RW)), 0);
	CHECK_EQ(table[0] & PTE_US, PTE_US);
	/*
	 * Frames past all memory count as I/O memory that nobody was given, or as flags that do
	 * not exist.
	 */
	CHECK_EITHER(set(PTE(frame, PTE_FLAGS_RW) | (1UL << 51)), -kEPERM, -kEINVAL);
	CHECK_EITHER(set(PTE(0xfffffffffUL, PTE_FLAGS_RW)), -kEPERM, -kEINVAL);
	/* Not present: anything goes. */
	CHECK_EQ(set(0xfffffffffffffffeUL), 0);
	CHECK_EQ(table[0], 0xfffffffffffffffeUL);
	CHECK_EQ(set(0), 0);
	CHECK_EQ(set(PTE(frame, PTE_FLAGS_RW | PTE_NX)), 0);
	CHECK_EQ(table[0] & PTE_NX, PTE_NX);
	/* Global and the three available bits are the guest's. */
	CHECK_EQ(set(PTE(frame, PTE_FLAGS_RW | PTE_G | 0xe00)), 0);
	CHECK_EQ(table[0] & 0xe00, 0xe00);
	CHECK_EQ(set(0), 0);
}

static void check_commands(void)
{
	u64 table_slot = slot;

	CHECK_EQ(set(PTE(frame, PTE_P | PTE_US)), 0);
	(void)*(volatile u8 *)AREA; /* the processor sets Accessed */
	CHECK_EQ(table[0] & PTE_A, PTE_A);
	CHECK_EQ(paging_update(table_slot | MMU_PT_UPDATE_PRESERVE_AD,
			       PTE(frame, PTE_P | PTE_US | PTE_RW)), 0);
	CHECK_EQ(table[0] & (PTE_A | PTE_D | PTE_RW), PTE_A | PTE_RW);
	*(volatile u8 *)AREA = 1;
	CHECK_EQ(paging_update(table_slot | MMU_PT_UPDATE_PRESERVE_AD, PTE(frame, PTE_P | PTE_US)),
		 0);
	CHECK_EQ(table[0] & (PTE_A | PTE_D | PTE_RW), PTE_A | PTE_D);
	CHECK_EQ(paging_update(table_slot, PTE(frame, PTE_P | PTE_US)), 0);
	CHECK_EQ(table[0] & (PTE_A | PTE_D), 0);
	CHECK_EQ(paging_update(table_slot | MMU_PT_UPDATE_NO_TRANSLATE, 0), 0);
	CHECK_EQ(table[0], 0);
	for (u64 cmd = 4; cmd < 8; cmd++) {
		CHECK_EQ(paging_update(table_slot | cmd, 0), -kENOSYS);
	}
}

static void check_machphys(void)
{
	u64 where = frame << PAGE_SHIFT | MMU_MACHPHYS_UPDATE;
	unsigned long old = paging_m2p[frame];

	CHECK_EQ(paging_update(where, 0x123456), 0);
	CHECK_EQ(paging_m2p[frame], 0x123456);
	CHECK_EQ(paging_update(where, old), 0);
	CHECK_EQ(paging_m2p[frame], old);
	CHECK_EQ(paging_update(0xffffffffUL << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 0), -kEINVAL);
}

static void check_done(void)
{
	struct mmu_update rows[4];
	unsigned int done = 77;
	long err;

	for (unsigned int i = 0; i < 4; i++) {
		rows[i].ptr = slot + i * 8;
		rows[i].val = PTE(frame, PTE_FLAGS_RW);
	}
	CHECK_EQ(HC(mmu_update, rows, 4, &done, DOMID_SELF), 0);
	CHECK_EQ(done, 4);
	rows[2].val = PTE(paging_mfn((void *)table), PTE_FLAGS_RW);
	for (unsigned int i = 0; i < 4; i++) {
		rows[i].val &= ~PTE_D;
	}
	CHECK_EQ(HC(mmu_update, rows, 4, &done, DOMID_SELF), -kEBUSY);
	CHECK_EQ(done, 2);
	CHECK_EQ(table[1] & PTE_D, 0);
	CHECK_EQ(table[3] & PTE_D, PTE_D);
	CHECK_EQ(HC(mmu_update, rows, 0, &done, DOMID_SELF), 0);
	CHECK_EQ(done, 0);
	CHECK_EQ(HC(mmu_update, rows, 4, &done, 4321), -kESRCH);
	CHECK_EQ(HC(mmu_update, rows, 4, &done, DOMID_SELF | (4321U << 16)), -kESRCH);
	CHECK_EQ(HC(mmu_update, ADDR_UNMAPPED, 1, &done, DOMID_SELF), -kEFAULT);
	CHECK_EQ(HC(mmu_update, ADDR_HOLE, 1, &done, DOMID_SELF), -kEFAULT);
	for (unsigned int i = 0; i < 4; i++) {
		rows[i].val = 0;
	}
	/* The oracle does not notice that the count could not be written; either is right. */
	err = HC(mmu_update, rows, 4, ADDR_UNMAPPED, DOMID_SELF);
	CHECK(err == 0 || err == -kEFAULT);
}

static void check_targets(void)
{
	u64 *l2 = page_alloc();
	u64 own = paging_maddr(page);

	/* A page that is no page table is simply written, when it can be writable. */
	page[0] = 0;
	CHECK_EQ(paging_update(own, 0x1122334455667788), 0);
	CHECK_EQ(*(u64 *)page, 0x1122334455667788);
	/* Nobody's frame, and a frame that cannot exist. */
	CHECK_EQ(paging_update(0xffffffffUL << PAGE_SHIFT, 0), -kEINVAL);
	/* The hypervisor's M2P frame: owned, but not by this domain. */
	CHECK_EQ(paging_update(paging_entry_maddr(VIRT_BASE, 4) & 0xfff, 0), -kEINVAL);

	/* Level 2: a fresh table becomes an L1 only if nothing maps it writable. */
	CHECK_EQ(paging_update(paging_entry_maddr(AREA + (2UL << 20), 2),
			       PTE(paging_mfn(l2), PTE_FLAGS_RW)), -kEINVAL);
	l2[5] = PTE(paging_mfn(l2), PTE_FLAGS_RW); /* entry that maps the table itself writable */
	CHECK_EQ(paging_protect(l2), 0);
	CHECK_EQ(paging_update(paging_entry_maddr(AREA + (2UL << 20), 2),
			       PTE(paging_mfn(l2), PTE_FLAGS_RW)), -kEBUSY);
	CHECK_EQ(paging_unprotect(l2), 0); /* the refusal left no type behind */
	l2[5] = 0;
	CHECK_EQ(paging_protect(l2), 0);
	CHECK_EQ(paging_update(paging_entry_maddr(AREA + (2UL << 20), 2),
			       PTE(paging_mfn(l2), PTE_FLAGS_RW | PTE_PSE)), -kEINVAL);
	CHECK_EQ(paging_update(paging_entry_maddr(AREA + (2UL << 20), 2),
			       PTE(paging_mfn(l2), PTE_FLAGS_RW)), 0);
	CHECK_EQ(paging_unprotect(l2), -kEBUSY);
	CHECK_EQ(paging_update(paging_entry_maddr(AREA + (2UL << 20), 2), 0), 0);
	CHECK_EQ(paging_unprotect(l2), 0);
}

static void check_top_level(void)
{
	u64 l4 = paging_maddr((void *)start_info->pt_base);

	for (unsigned int i = 256; i < 272; i++) {
		CHECK_EQ(paging_update(l4 + i * 8, 0), -kEINVAL);
	}
	CHECK_EQ(paging_update(l4 + 100 * 8, PTE(frame, PTE_FLAGS_RW | PTE_PSE)), -kEINVAL);
	CHECK_EQ(paging_update(l4 + 100 * 8, PTE(frame, PTE_FLAGS_RW)), -kEINVAL);
}

void guest_main(void)
{
	kit_init();
	page = page_alloc();
	frame = paging_mfn(page);
	table = paging_grow(AREA);
	slot = paging_maddr((void *)table);
	check_leaf();
	check_commands();
	check_machphys();
	check_done();
	check_targets();
	check_top_level();
	verdict();
}
