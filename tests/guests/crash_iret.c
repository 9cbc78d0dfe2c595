/* SPDX-License-Identifier: MIT */
/*
 * Does an iret whose frame cannot be read end the domain, and only that?
 *
 * Expect: crash
 *
 * There is no place to go back to, so there is no error to return either.
 */
#include "kit.h"

void guest_main(void)
{
	kit_init();
	kprintf("EXPECT crash\n");
	__asm__ volatile("mov %0, %%rsp\n"
			 "mov $23, %%eax\n"
			 "syscall\n" : : "r"(ADDR_UNMAPPED) : "rax", "rcx", "r11", "memory");
	verdict_fail("went on after an iret from nowhere");
}
