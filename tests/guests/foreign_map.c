/* SPDX-License-Identifier: MIT */
/*
 * Mapping another domain's memory, as tools do, and what must not be possible on the way.
 *
 * Domain: dom0
 *
 * dom0 names the owner with the update: right frame and right owner map, a right frame with the
 * wrong owner does not. A frame of the other domain that is a page table can be mapped only
 * read-only. A mapping keeps the frame alive: a destroyed domain stays until the last mapping
 * goes. DOMID_XEN owns the machine-to-physical table, which may be read but not written.
 */
#include "kit.h"

#include <xen/memory.h>

#include "domain.h"

static struct domain child;
static char window[2 * PAGE_SIZE] PAGE_ALIGNED;

static long map_as(domid_t owner, u64 mfn, u64 flags)
{
	return HC(update_va_mapping_otherdomain, window, PTE(mfn, flags), UVMF_INVLPG | UVMF_ALL,
		  owner);
}

static void check_owner(void)
{
	u64 mfn = child.mfns[100];

	CHECK_EQ(paging_m2p[mfn], 100);
	CHECK_EQ(map_as(DOMID_SELF, mfn, PTE_FLAGS_RW), -kEBUSY);
	CHECK_EQ(map_as(child.id, mfn, PTE_FLAGS_RW), 0);
	window[9] = 'x';
	CHECK_EQ(map_as(child.id, paging_mfn(window + PAGE_SIZE), PTE_FLAGS_RW), -kEBUSY);
	CHECK_EQ(window[9], 'x'); /* the refusal left the old mapping */
	CHECK_EQ(map_as(child.id + 1, mfn, PTE_FLAGS_RW), -kESRCH);
	CHECK_EQ(paging_unmap(window), 0);
}

static void check_tables(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE };
	u64 mfn = child.mfns[200];

	/* New memory is clean unless it was this domain's own: make it an empty table first. */
	CHECK_EQ(map_as(child.id, mfn, PTE_FLAGS_RW), 0);
	memset(window, 0, PAGE_SIZE);
	CHECK_EQ(paging_unmap(window), 0);
	op.arg1.mfn = mfn;
	CHECK_EQ(HC(mmuext_op, &op, 1, 0, DOMID_SELF), -kEINVAL); /* not ours to pin */
	CHECK_EQ(HC(mmuext_op, &op, 1, 0, child.id), 0);
	CHECK_EQ(map_as(child.id, mfn, PTE_FLAGS_RW), -kEBUSY);
	CHECK_EQ(map_as(child.id, mfn, PTE_FLAGS_RO), 0);
	CHECK_EQ(paging_unmap(window), 0);
	op.cmd = MMUEXT_UNPIN_TABLE;
	CHECK_EQ(HC(mmuext_op, &op, 1, 0, child.id), 0);
}

static void check_hypervisor_pages(void)
{
	struct xen_machphys_mfn_list list = { .max_extents = 1 };
	u64 mfn = 0;

	SET_HANDLE(list.extent_start, &mfn);
	CHECK_EQ(HC(memory_op, XENMEM_machphys_mfn_list, &list), 0);
	CHECK_EQ(map_as(DOMID_XEN, mfn, PTE_FLAGS_RO), 0);
	CHECK_EQ(((volatile u64 *)window)[1], paging_m2p[1]);
	CHECK(map_as(DOMID_XEN, mfn, PTE_FLAGS_RW) < 0);
	CHECK_EQ(paging_unmap(window), 0);
}

/* A domain whose page is mapped here lives on as a shell that owns that page. */
static void check_lifetime(void)
{
	struct xen_domctl_getdomaininfo info;
	struct xen_domctl op;
	u64 end = clock_ns() + 300000000;

	CHECK_EQ(map_as(child.id, child.mfns[300], PTE_FLAGS_RW), 0);
	window[0] = 'k';
	memset(&op, 0, sizeof(op));
	CHECK_EQ(domain_ctl(XEN_DOMCTL_destroydomain, child.id, &op), 0);
	while (clock_ns() < end) {
		HC(sched_op, 0, 0);
	}
	CHECK_EQ(domain_info(&child, &info), 0);
	CHECK(info.flags & XEN_DOMINF_dying);
	CHECK_EQ(info.tot_pages, 1);
	CHECK_EQ(window[0], 'k');
	CHECK_EQ(paging_unmap(window), 0);
	end = clock_ns() + 5000000000UL;
	while (domain_info(&child, &info) == 0 && clock_ns() < end) {
		HC(sched_op, 0, 0);
	}
	CHECK_EQ(domain_info(&child, &info), -kESRCH);
}

void guest_main(void)
{
	kit_init();
	CHECK_EQ(domain_create(&child), 0);
	check_owner();
	check_tables();
	check_hypervisor_pages();
	check_lifetime();
	verdict();
}
