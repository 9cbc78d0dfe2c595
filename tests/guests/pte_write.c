/* SPDX-License-Identifier: MIT */
/*
 * Does writing straight into a read-only L1 table work, whatever the instruction?
 *
 * With vm_assist "writable page tables" a kernel-mode store to a read-only mapping of an L1 table
 * is carried out as a checked update: the width may be 1, 2, 4 or 8 bytes, the rest of the entry
 * is kept, LOCK means compare-and-exchange, and flags and registers come out as if the instruction
 * had run. Linux uses mov, xchg, lock and (one byte) and lock btr. What may not be: a value the
 * checks refuse, a store that touches two entries, a store to a higher level, a store by user
 * mode, a store without the assist. All of these arrive as the page fault they are, error code 3,
 * entry unchanged.
 */
#include "kit.h"

#define AREA 0x600000000000UL /* its own L4 slot: three fresh tables, nothing else in them */

/* Bits the hypervisor leaves alone; it adds Global or an available bit to user entries. */
#define SEEN(e) ((e) & (PTE_ADDR | 0xff | PTE_NX))

static volatile u64 *table; /* the L1 table for AREA, read-only */
static u64 frame_a, frame_b;

static void start_with(u64 value)
{
	table[0] = value;
	check_that(SEEN(table[0]) == SEEN(value), "start value 0x%lx reads 0x%lx",
		   (unsigned long)value, (unsigned long)table[0]);
}

#define EXPECT(want)                                                                        \
	check_that(SEEN(table[0]) == SEEN(want), "line %d: entry is 0x%lx, expected 0x%lx", \
		   __LINE__, (unsigned long)SEEN(table[0]), (unsigned long)SEEN(want))

/* Run one instruction of the given width on the entry; %[e] is the memory, %[v] a register. */
#define INSN(type, insn, val)                                                       \
	__asm__ volatile(insn                                                       \
			 : [e] "+m"(*(volatile type *)table)                        \
			 : [v] "q"((type)(val))                                     \
			 : "memory", "cc")

static void check_mov(void)
{
	start_with(0);
	INSN(u64, "movq %[v], %[e]", PTE(frame_a, PTE_FLAGS_RW));
	EXPECT(PTE(frame_a, PTE_FLAGS_RW));
	*(volatile u64 *)AREA = 0x1234; /* and it maps what it says */
	INSN(u64, "movq %[v], %[e]", PTE(frame_b, PTE_FLAGS_RO));
	EXPECT(PTE(frame_b, PTE_FLAGS_RO));
	INSN(u32, "movl %[v], %[e]", PTE(frame_a, PTE_FLAGS_RO));
	EXPECT(PTE(frame_a, PTE_FLAGS_RO));
	INSN(u16, "movw %[v], %[e]", (frame_a << 12 | PTE_FLAGS_RW) & 0xffff);
	EXPECT(PTE(frame_a, PTE_FLAGS_RW));
	INSN(u8, "movb %[v], %[e]", PTE_FLAGS_RO & 0xff);
	EXPECT(PTE(frame_a, PTE_FLAGS_RO));
	__asm__ volatile("movl $0x80000000, %0" : "+m"(((volatile u32 *)table)[1]));
	EXPECT(PTE(frame_a, PTE_FLAGS_RO | PTE_NX));
	__asm__ volatile("movb $0, %0" : "+m"(((volatile u8 *)table)[7]));
	EXPECT(PTE(frame_a, PTE_FLAGS_RO));
	__asm__ volatile("movq $0, %[e]" : [e] "+m"(*table));
	EXPECT(0);
	/* A not-present entry may hold anything. */
	INSN(u64, "movq %[v], %[e]", 0xdeadbeefcafe0000UL);
	check_that(table[0] == 0xdeadbeefcafe0000UL, "swap entry reads 0x%lx",
		   (unsigned long)table[0]);
}

static u64 xchg(u64 value)
{
	__asm__ volatile("xchgq %0, %1" : "+r"(value), "+m"(*table) : : "memory");
	return value;
}

static bool btr(unsigned long bit)
{
	bool carry;

	__asm__ volatile("lock btrq %2, %1" : "=@ccc"(carry), "+m"(*table) : "r"(bit) : "memory");
	return carry;
}

static bool bts(unsigned long bit)
{
	bool carry;

	__asm__ volatile("lock btsq %2, %1" : "=@ccc"(carry), "+m"(*table) : "r"(bit) : "memory");
	return carry;
}

static bool btr_imm4(void)
{
	bool carry;

	__asm__ volatile("lock btrl $5, %1" : "=@ccc"(carry), "+m"(*(volatile u32 *)table)
			 : : "memory");
	return carry;
}

static bool cmpxchg(u64 *old, u64 new)
{
	bool equal;

	__asm__ volatile("lock cmpxchgq %3, %1"
			 : "=@ccz"(equal), "+m"(*table), "+a"(*old)
			 : "r"(new)
			 : "memory");
	return equal;
}

static bool cmpxchg4(u32 *old, u32 new)
{
	bool equal;

	__asm__ volatile("lock cmpxchgl %3, %1"
			 : "=@ccz"(equal), "+m"(*(volatile u32 *)table), "+a"(*old)
			 : "r"(new)
			 : "memory");
	return equal;
}

static bool cmpxchg8b(u64 *old, u64 new)
{
	u32 lo = (u32)*old, hi = (u32)(*old >> 32);
	bool equal;

	__asm__ volatile("lock cmpxchg8b %1"
			 : "=@ccz"(equal), "+m"(*table), "+a"(lo), "+d"(hi)
			 : "b"((u32)new), "c"((u32)(new >> 32))
			 : "memory");
	*old = ((u64)hi << 32) | lo;
	return equal;
}

static void check_atomic(void)
{
	u64 rw = PTE(frame_a, PTE_FLAGS_RW), old;
	u32 old4;

	start_with(rw);
	CHECK_EQ(SEEN(xchg(0)), SEEN(rw));
	EXPECT(0);
	CHECK_EQ(xchg(rw), 0);
	EXPECT(rw);
	INSN(u8, "lock andb %[v], %[e]", 0xfd);
	EXPECT(rw & ~PTE_RW);
	__asm__ volatile("lock orb $2, %[e]" : [e] "+m"(*(volatile u8 *)table) : : "memory");
	EXPECT(rw);
	__asm__ volatile("lock andb $0xfd, %[e]" : [e] "+m"(*(volatile u8 *)table) : : "memory");
	EXPECT(rw & ~PTE_RW);
	INSN(u64, "lock orq %[v], %[e]", PTE_RW);
	EXPECT(rw);
	INSN(u32, "lock andl %[v], %[e]", ~(u32)PTE_D);
	EXPECT(rw & ~PTE_D);
	INSN(u16, "lock orw %[v], %[e]", PTE_D);
	EXPECT(rw);
	INSN(u64, "lock xorq %[v], %[e]", PTE_NX);
	EXPECT(rw | PTE_NX);
	CHECK(btr(63));
	EXPECT(rw);
	CHECK(btr(5));
	CHECK(!btr(5));
	EXPECT(rw & ~PTE_A);
	CHECK(!bts(5));
	CHECK(bts(5));
	EXPECT(rw);
	CHECK(btr_imm4());
	CHECK(!btr_imm4());
	CHECK(!bts(5));
	old = table[0];
	CHECK(cmpxchg(&old, PTE(frame_b, PTE_FLAGS_RO)));
	EXPECT(PTE(frame_b, PTE_FLAGS_RO));
	old = 1;
	CHECK(!cmpxchg(&old, 0));
	CHECK_EQ(old, table[0]);
	EXPECT(PTE(frame_b, PTE_FLAGS_RO));
	old4 = (u32)table[0];
	CHECK(cmpxchg4(&old4, (u32)PTE(frame_a, PTE_FLAGS_RO)));
	EXPECT(PTE(frame_a, PTE_FLAGS_RO));
	old = table[0];
	CHECK(cmpxchg8b(&old, rw));
	EXPECT(rw);
	old = 0;
	CHECK(!cmpxchg8b(&old, 0));
	CHECK_EQ(old, table[0]);
}

static u64 *stos(u64 value, bool back)
{
	u64 *to = (u64 *)table;

	if (back) {
		__asm__ volatile("std\n"
				 "stosq\n"
				 "cld" : "+D"(to) : "a"(value) : "memory");
	} else {
		__asm__ volatile("stosq" : "+D"(to) : "a"(value) : "memory");
	}
	return to;
}

static void check_string(void)
{
	start_with(0);
	CHECK_EQ(stos(PTE(frame_a, PTE_FLAGS_RW), false), table + 1);
	EXPECT(PTE(frame_a, PTE_FLAGS_RW));
	CHECK_EQ(stos(PTE(frame_b, PTE_FLAGS_RO), true), table - 1);
	EXPECT(PTE(frame_b, PTE_FLAGS_RO));
}

static void check_plain_rmw(void)
{
	u64 rw = PTE(frame_a, PTE_FLAGS_RW);

	start_with(rw);
	INSN(u64, "andq %[v], %[e]", ~PTE_RW);
	EXPECT(rw & ~PTE_RW);
	INSN(u32, "orl %[v], %[e]", PTE_RW);
	EXPECT(rw);
	__asm__ volatile("btrq $6, %[e]" : [e] "+m"(*table) : : "memory");
	EXPECT(rw & ~PTE_D);
	__asm__ volatile("btsq $6, %[e]" : [e] "+m"(*table) : : "memory");
	EXPECT(rw);
}

static void store(volatile u64 *where, u64 value)
{
	*where = value;
}

/* Four bytes that belong to two entries. */
static void store_across(u64 value)
{
	volatile u32 *where = (volatile u32 *)((char *)table + 6);

	__asm__ volatile("movl %1, %0" : "+m"(*where) : "r"((u32)value));
}

static void cmpxchg16b(void)
{
	__asm__ volatile("lock cmpxchg16b %0"
			 : "+m"(*table)
			 : "a"(table[0]), "d"(table[1]), "b"(0UL), "c"(0UL)
			 : "memory");
}

static long user_store(long value)
{
	table[0] = (u64)value;
	return 0;
}

static volatile int vector;

#define REFUSED(stmt)                                                              \
	do {                                                                       \
		u64 before_ = table[0];                                            \
		vector = TRAP_OF(stmt);                                            \
		check_that(vector == TRAP_PF && (trap_last.error & 3) == 3,        \
			   "line %d: vector %d error 0x%lx", __LINE__, vector,     \
			   (unsigned long)trap_last.error);                        \
		check_that(table[0] == before_, "line %d: entry changed", __LINE__); \
	} while (0)

static void check_refused(void)
{
	volatile u64 *l2 = paging_entry(AREA, 2);

	start_with(PTE(frame_a, PTE_FLAGS_RW));
	/* writable mapping of a page table */
	REFUSED(store(table, PTE(paging_mfn((void *)table), PTE_FLAGS_RW)));
	CHECK_EQ(trap_last_cr2, (u64)table);
	CHECK_EQ(trap_last.error, 3);
	/* a frame far outside memory, with address bits the processor lacks */
	REFUSED(store(table, PTE(0xfffffffffUL, PTE_FLAGS_RW)));
	REFUSED(store_across(0x12345678));
	REFUSED(cmpxchg16b());
	REFUSED(store(l2, 0));
	REFUSED(user_call(user_store, 0));
	/* For dom0 the oracle emulates without the assist too; only a domU shows the rule. */
	if (!kit_is_dom0()) {
		CHECK_EQ(HC(vm_assist, VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0);
		REFUSED(store(table, 0));
		CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	}
	store(table, 0);
	EXPECT(0);
}

void guest_main(void)
{
	kit_init();
	frame_a = paging_mfn(page_alloc());
	frame_b = paging_mfn(page_alloc());
	table = paging_grow(AREA);
	user_init();
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	check_mov();
	check_atomic();
	check_plain_rmw();
	check_string();
	check_refused();
	verdict();
}
