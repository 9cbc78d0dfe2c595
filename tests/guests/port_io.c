/* SPDX-License-Identifier: MIT */
/*
 * Which I/O ports can dom0 reach, and who in it?
 *
 * Domain: dom0
 *
 * Kernel mode needs virtual IOPL 1, user mode IOPL 3 or a bit in the I/O bitmap; without that IN
 * and OUT fault. Then dom0 reaches everything except what the hypervisor drives itself: PIC, PIT,
 * the console's UART, which read as all ones or are answered from its own state. PCI
 * configuration space and the CMOS index are latched for each guest. Registers must come out as
 * the instruction says: IN to AL or AX keeps the rest of RAX, to EAX clears the upper half.
 */
#include "kit.h"

#include <xen/physdev.h>

#define KERNEL_ONLY 0x0000650000000000UL /* a top-level slot that the user tables do not have */

static long set_iopl(unsigned int level)
{
	struct physdev_set_iopl op = { .iopl = level };

	return HC(physdev_op, PHYSDEVOP_set_iopl, &op);
}

static u64 in1(u16 port)
{
	u64 v = 0x1122334455667788;

	__asm__ volatile("inb %%dx, %%al" : "+a"(v) : "d"(port));
	return v;
}

static u64 in2(u16 port)
{
	u64 v = 0x1122334455667788;

	__asm__ volatile("inw %%dx, %%ax" : "+a"(v) : "d"(port));
	return v;
}

static u64 in4(u16 port)
{
	u64 v = 0x1122334455667788;

	__asm__ volatile("inl %%dx, %%eax" : "+a"(v) : "d"(port));
	return v;
}

static void out1(u16 port, u8 v)
{
	__asm__ volatile("outb %%al, %%dx" : : "a"(v), "d"(port));
}

static void out4(u16 port, u32 v)
{
	__asm__ volatile("outl %%eax, %%dx" : : "a"(v), "d"(port));
}

static u64 in_imm(void)
{
	u64 v = 0;

	__asm__ volatile("inb $0x80, %%al" : "+a"(v));
	return v;
}

static long user_in(long port)
{
	return (long)in1((u16)port);
}

static void check_permission(void)
{
	CHECK_EQ(TRAP_OF(in1(0x80)), TRAP_GP);
	CHECK_EQ(trap_last.error, 0);
	CHECK_EQ(TRAP_OF(out1(0x80, 0)), TRAP_GP);
	CHECK_EQ(set_iopl(4), -kEINVAL);
	CHECK_EQ(set_iopl(1), 0);
	CHECK_EQ(TRAP_OF(in1(0x80)), -1);
	CHECK_EQ(TRAP_OF(in_imm()), -1);
	CHECK_EQ(TRAP_OF(out1(0x80, 0)), -1);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x80)), TRAP_GP);
	CHECK_EQ(set_iopl(3), 0);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x80)), -1);
	CHECK_EQ(set_iopl(1), 0);
}

static void check_bitmap(void)
{
	static u8 bitmap[8192] PAGE_ALIGNED;
	struct physdev_set_iobitmap op = { .nr_ports = 0x400 };

	memset(bitmap, 0xff, sizeof(bitmap));
	bitmap[0x80 / 8] = 0xfe;
	SET_HANDLE(op.bitmap, bitmap);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iobitmap, &op), 0);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x80)), -1);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x81)), TRAP_GP);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x3ff)), TRAP_GP);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x400)), TRAP_GP); /* past the bitmap */
	/* Where only the kernel's tables have it, as those of real kernels do. */
	paging_grow(KERNEL_ONLY);
	CHECK_EQ(paging_set((void *)KERNEL_ONLY, PTE(paging_mfn(bitmap), PTE_FLAGS_RW)), 0);
	SET_HANDLE(op.bitmap, (void *)KERNEL_ONLY);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iobitmap, &op), 0);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x80)), -1);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x81)), TRAP_GP);
	SET_HANDLE(op.bitmap, bitmap);
	op.nr_ports = 65537;
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iobitmap, &op), -kEINVAL);
	op.nr_ports = 0;
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iobitmap, &op), 0);
	CHECK_EQ(TRAP_OF(user_call(user_in, 0x80)), TRAP_GP);
}

static void check_devices(void)
{
	/* The host bridge: vendor 8086 on every machine the runner makes. */
	out4(0xcf8, 0x80000000);
	CHECK_EQ(in4(0xcfc) & 0xffff, 0x8086);
	CHECK_EQ(in4(0xcfc) >> 32, 0);
	CHECK_EQ(in2(0xcfc), 0x1122334455668086);
	CHECK_EQ(in1(0xcfd), 0x1122334455667780);
	CHECK_EQ(in4(0xcf8), 0x80000000);
	/* The clock's status register D says that its battery is good. */
	out1(0x70, 0x0d);
	CHECK_EQ(in1(0x71) & 0xff, 0x80);
	/* The interrupt controllers are not dom0's. */
	CHECK_EQ(in1(0x21), 0x11223344556677ff);
	CHECK_EQ(in2(0x20), 0x112233445566ffff);
	CHECK_EQ(in4(0x20), 0xffffffff);
	out1(0x21, 0);
	/* The console's UART, which the hypervisor keeps for itself. */
	CHECK_EQ(in1(0x3fd) & 0xff, 0xff);
}

static void check_strings(void)
{
	u8 data[4] = { 0, 0, 0, 0 };
	void *where = data;
	u64 count = 4;

	__asm__ volatile("rep insb" : "+D"(where), "+c"(count) : "d"(0x21) : "memory");
	CHECK_EQ(where, data + 4);
	CHECK_EQ(count, 0);
	CHECK_EQ(data[0] & data[3], 0xff);
	where = data;
	count = 4;
	__asm__ volatile("rep outsb" : "+S"(where), "+c"(count) : "d"(0x80) : "memory");
	CHECK_EQ(where, data + 4);
	CHECK_EQ(count, 0);
}

void guest_main(void)
{
	kit_init();
	user_init();
	check_permission();
	check_bitmap();
	check_devices();
	check_strings();
	verdict();
}
