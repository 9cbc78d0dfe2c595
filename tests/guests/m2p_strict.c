/* SPDX-License-Identifier: MIT */
/*
 * Can a guest's kernel keep the machine-to-phys table from its programs?
 *
 * By default both see it. With VMASST_TYPE_m2p_strict, page tables that are given for user mode do
 * not show it any more, and those given for the kernel still do.
 */
#include "kit.h"

static long read_m2p(long arg)
{
	return (long)paging_m2p[arg];
}

static long set_user_root(void)
{
	return paging_ext(MMUEXT_NEW_USER_BASEPTR, user_root_mfn);
}

void guest_main(void)
{
	long mfn;

	kit_init();
	user_init();
	mfn = (long)paging_mfn(guest_main);
	CHECK_EQ(user_call(read_m2p, mfn), read_m2p(mfn));
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_m2p_strict), 0);
	CHECK_EQ(set_user_root(), 0);
	CHECK_EQ(TRAP_OF(user_call(read_m2p, mfn)), TRAP_PF);
	CHECK_EQ(trap_last_cr2, &paging_m2p[mfn]);
	CHECK_EQ(read_m2p(mfn), paging_pfn(guest_main));
	/* A root that has served user mode shows it again once it is a kernel's. */
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, user_root_mfn), 0);
	CHECK_EQ(read_m2p(mfn), paging_pfn(guest_main));
	verdict();
}
