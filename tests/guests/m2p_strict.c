/* SPDX-License-Identifier: MIT */
/*
 * Can a guest's kernel keep the machine-to-phys table from its programs?
 *
 * Page tables for user mode do not show it, unless they have served the kernel before. With
 * VMASST_TYPE_m2p_strict not even then: it goes when they are given for user mode.
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
	u64 kernel = paging_mfn((void *)start_info->pt_base);
	long mfn;

	kit_init();
	user_init();
	mfn = (long)paging_mfn(guest_main);
	CHECK_EQ(read_m2p(mfn), paging_pfn(guest_main));
	CHECK_EQ(TRAP_OF(user_call(read_m2p, mfn)), TRAP_PF);
	CHECK_EQ(trap_last_cr2, &paging_m2p[mfn]);
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, user_root_mfn), 0);
	CHECK_EQ(read_m2p(mfn), paging_pfn(guest_main));
	CHECK_EQ(paging_ext(MMUEXT_NEW_BASEPTR, kernel), 0);
	CHECK_EQ(user_call(read_m2p, mfn), paging_pfn(guest_main));
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_m2p_strict), 0);
	CHECK_EQ(paging_ext(MMUEXT_NEW_USER_BASEPTR, 0), 0);
	CHECK_EQ(set_user_root(), 0);
	CHECK_EQ(TRAP_OF(user_call(read_m2p, mfn)), TRAP_PF);
	CHECK_EQ(read_m2p(mfn), paging_pfn(guest_main));
	verdict();
}
