/* SPDX-License-Identifier: MIT */
/*
 * Is a hypercall page, when a kernel has one, filled with working stubs?
 *
 * Slot n, 32 bytes each, makes hypercall n; a caller may rely on every register but rax, rcx and
 * r11 -- and the stubs save even these two. Slot 23 is the iret form: it pushes rcx, r11 and rax
 * itself on top of the flags word and the hardware frame and does not return. Current Linux has
 * no such page; small kernels do.
 */
#include "kit.h"

#include <xen/version.h>

char hypercall_page[PAGE_SIZE] PAGE_ALIGNED;

static long stub_call(unsigned int nr, unsigned long a1, unsigned long a2, u64 *rcx, u64 *r11)
{
	register u64 fill __asm__("r11") = *r11;
	long ret;

	__asm__ volatile("call *%[stub]"
			 : "=a"(ret), "+c"(*rcx), "+r"(fill), "+D"(a1), "+S"(a2)
			 : [stub] "b"(hypercall_page + 32 * nr)
			 : "memory", "rdx", "r8", "r9", "r10");
	*r11 = fill;
	return ret;
}

/* Leave through stub 23 to the label after it; returns the carry flag the frame asked for. */
static u64 stub_iret(void)
{
	u64 flags;

	__asm__ volatile("mov %%rsp, %%rbx\n"
			 "push %[ss]\n"
			 "push %%rbx\n"
			 "push %[fl]\n"
			 "push %[cs]\n"
			 "push $1f\n"
			 "push $0\n"
			 "jmp *%[stub]\n"
			 "1: pushfq\n"
			 "pop %[out]\n"
			 : [out] "=&r"(flags)
			 : [stub] "r"(hypercall_page + 32 * 23), [ss] "r"((u64)FLAT_KERNEL_SS),
			   [fl] "r"(0x203UL), [cs] "r"((u64)FLAT_KERNEL_CS & ~3UL)
			 : "rax", "rbx", "rcx", "r11", "memory");
	return flags;
}

void guest_main(void)
{
	u64 rcx = 0x1111, r11 = 0x2222;

	kit_init();
	CHECK_EQ(stub_call(__HYPERVISOR_xen_version, XENVER_version, 0, &rcx, &r11) >> 16, 4);
	CHECK_EQ(rcx, 0x1111);
	CHECK_EQ(r11, 0x2222);
	CHECK_EQ(stub_call(11, 0, 0, &rcx, &r11), -kENOSYS);
	CHECK_EQ(stub_iret() & 1, 1);
	for (unsigned int nr = 0; nr < 64; nr++) {
		CHECK(hypercall_page[nr * 32] != 0);
	}
	verdict();
}
