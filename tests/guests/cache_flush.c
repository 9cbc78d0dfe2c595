/* SPDX-License-Identifier: MIT */
/*
 * Who may flush the caches, of which CPUs?
 *
 * Needs: cpus=2
 *
 * Both forms of mmuext_op are for a domain that has rights to I/O memory or ports: dom0, not a domU
 * made without devices. Nobody flushes for another.
 */
#include "kit.h"

static long ext(u32 cmd, domid_t domid)
{
	struct mmuext_op op = { .cmd = cmd };

	return HC(mmuext_op, &op, 1, 0, domid);
}

void guest_main(void)
{
	bool dom0;

	kit_init();
	dom0 = kit_is_dom0();
	CHECK_EQ(ext(MMUEXT_FLUSH_CACHE, DOMID_SELF), dom0 ? 0 : -kEACCES);
	CHECK_EQ(ext(MMUEXT_FLUSH_CACHE_GLOBAL, DOMID_SELF), dom0 ? 0 : -kEINVAL);
	CHECK_EQ(ext(MMUEXT_FLUSH_CACHE, DOMID_IO), -kEPERM);
	CHECK_EQ(ext(MMUEXT_FLUSH_CACHE_GLOBAL, DOMID_IO), -kEPERM);
	CHECK_EQ(ext(MMUEXT_TLB_FLUSH_LOCAL, DOMID_IO), -kEPERM);
	/* The instruction is nothing where it is not allowed. */
	CHECK_EQ(TRAP_OF(__asm__ volatile("wbinvd")), -1);
	verdict();
}
