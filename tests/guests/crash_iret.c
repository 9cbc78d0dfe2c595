/* SPDX-License-Identifier: MIT */
/*
 * Does an iret whose frame cannot be read to its end end the domain, and only that?
 *
 * Expect: crash
 *
 * There is no place to go back to, so there is no error to return either: not even where the stack
 * itself would do for going on.
 */
#include "kit.h"

static char stack[2 * PAGE_SIZE] PAGE_ALIGNED;

static void went_on(long rax)
{
	verdict_fail("went on after an iret from nowhere: %ld", rax);
}

void guest_main(void)
{
	kit_init();
	CHECK_EQ(paging_unmap(stack + PAGE_SIZE), 0);
	kprintf("EXPECT crash\n");
	__asm__ volatile("mov %0, %%rsp\n"
			 "mov $23, %%eax\n"
			 "syscall\n"
			 "mov %%rax, %%rdi\n"
			 "call *%1\n"
			 : : "r"(stack + PAGE_SIZE - 16), "b"(went_on)
			 : "rax", "rcx", "r11", "rdi", "memory");
}
