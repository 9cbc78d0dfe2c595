/* SPDX-License-Identifier: MIT */
/*
 * Owns the user L4, the user stack and the stack on which entries from user mode land. No lock.
 */
#include "user.h"

#include "hypercall.h"
#include "paging.h"
#include "trap.h"
#include "verdict.h"

u64 user_root_mfn;

static char user_stack[8192] PAGE_ALIGNED;

__asm__(".section .bss, \"aw\", @nobits\n"
	".balign 4096\n"
	".skip 8192\n"
	".globl user_kernel_stack_top\n"
	"user_kernel_stack_top:\n"
	".previous\n");

void user_init(void)
{
	u64 *l4 = page_alloc();
	const u64 *kernel = (const u64 *)start_info->pt_base;
	struct mmuext_op op = { .cmd = MMUEXT_NEW_USER_BASEPTR };

	for (unsigned int i = 0; i < 512; i++) {
		l4[i] = i >= 256 && i < 272 ? 0 : kernel[i];
	}
	user_root_mfn = paging_mfn(l4);
	if (!CHECK_EQ(paging_protect(l4), 0) ||
	    !CHECK_EQ(paging_ext(MMUEXT_PIN_L4_TABLE, user_root_mfn), 0)) {
		verdict();
	}
	op.arg1.mfn = user_root_mfn;
	if (!CHECK_EQ(HC(mmuext_op, &op, 1, 0, DOMID_SELF), 0) ||
	    !CHECK_EQ(HC(stack_switch, FLAT_KERNEL_SS, user_kernel_stack_top), 0)) {
		verdict();
	}
}

struct iret_request user_request(long (*fn)(long), long arg)
{
	u64 *sp = (u64 *)(user_stack + sizeof(user_stack)) - 2;
	struct iret_request req = {
		.rdi = (u64)arg,
		.rip = (u64)fn,
		.cs = FLAT_USER_CS,
		.rflags = 0x202,
		.ss = FLAT_USER_SS,
	};

	sp--; /* as after a call: rsp + 8 is 16-byte aligned */
	*sp = (u64)user_return;
	req.rsp = (u64)sp;
	return req;
}

long user_call(long (*fn)(long), long arg)
{
	struct iret_request req = user_request(fn, arg);

	return user_switch(&req);
}
