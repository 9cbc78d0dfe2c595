/* SPDX-License-Identifier: MIT */
/*
 * What does a toolstack find out about, and do to, the frames and ports of another domain?
 *
 * Domain: dom0
 * Module: child_reach
 *
 * What a frame is used for, page table of which level, pinned, ordinary or not the domain's at all,
 * since a saved domain is rebuilt from that. The frames of its grant table, which are not in its
 * memory map, and how many there can be. All its event channels closed at once, while it is paused:
 * who was at the other end keeps a port that is unbound again.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

#include "domain.h"
#include "neighbour.h"

static struct domain child;
static struct xen_domctl op;
static char window[PAGE_SIZE] PAGE_ALIGNED;

/* --- types of frames --- */

static long types(u64 *frames, u64 nr)
{
	memset(&op, 0, sizeof(op));
	op.u.getpageframeinfo3.num = nr;
	SET_HANDLE(op.u.getpageframeinfo3.array, frames);
	return domain_ctl(XEN_DOMCTL_getpageframeinfo3, child.id, &op);
}

static u64 child_root(void)
{
	static struct vcpu_guest_context ctx;

	memset(&op, 0, sizeof(op));
	SET_HANDLE(op.u.vcpucontext.ctxt, &ctx);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_getvcpucontext, child.id, &op), 0);
	return ctx.ctrlreg[3] >> PAGE_SHIFT;
}

/* Frame of the table one level down on the way to VIRT_BASE. */
static u64 child_next(u64 table, unsigned int level)
{
	unsigned int slot = VIRT_BASE >> (level * 9 + 3) & 511;
	u64 next = 0;

	if (CHECK_EQ(HC(update_va_mapping_otherdomain, window, PTE(table, PTE_FLAGS_RO),
			UVMF_INVLPG | UVMF_ALL, child.id), 0)) {
		next = (((u64 *)window)[slot] & PTE_ADDR) >> PAGE_SHIFT;
		CHECK_EQ(paging_unmap(window), 0);
	}
	return next;
}

static void check_types(void)
{
	u64 l4 = child_root(), l3 = child_next(l4, 4), l2 = child_next(l3, 3);
	u64 l1 = child_next(l2, 2);
	u64 frames[] = { l4, l3, l2, l1, child.mfns[0], child.mfns[DOMAIN_PAGES - 1],
			 paging_mfn(window), 0xffffffffff, child.shared_info };
	static const u64 want[] = { XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB,
				    XEN_DOMCTL_PFINFO_L3TAB, XEN_DOMCTL_PFINFO_L2TAB,
				    XEN_DOMCTL_PFINFO_L1TAB, 0, 0, XEN_DOMCTL_PFINFO_XTAB,
				    XEN_DOMCTL_PFINFO_XTAB, XEN_DOMCTL_PFINFO_XTAB };

	CHECK_EQ(types(frames, ARRAY_SIZE(frames)), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(want); i++) {
		check_that(frames[i] == want[i], "frame %u is 0x%lx, expected 0x%lx", i,
			   (unsigned long)frames[i], (unsigned long)want[i]);
	}
	CHECK_EQ(types(frames, 0), 0);
	CHECK_EQ(types(frames, 1025), -kE2BIG);
	CHECK_EQ(types(frames, 1UL << 32 | 1), -kE2BIG);
	CHECK_EQ(types((u64 *)ADDR_UNMAPPED, 1), -kEFAULT);
	CHECK_EQ(paging_protect(window), 0);
	CHECK_EQ(types((u64 *)window, 1), -kEFAULT);	/* can be read only */
	CHECK_EQ(paging_unprotect(window), 0);
}

/* --- the grant table --- */

static struct xen_mem_acquire_resource acquired;

static long acquire(u16 type, u32 id, u64 frame, u32 nr, const u64 *list)
{
	acquired = (struct xen_mem_acquire_resource){ .domid = child.id, .type = type, .id = id,
						      .frame = frame, .nr_frames = nr };
	SET_HANDLE(acquired.frame_list, list);
	return HC(memory_op, XENMEM_acquire_resource, &acquired);
}

static void check_grants(void)
{
	static u64 frames[40];

	CHECK_EQ(acquire(XENMEM_resource_grant_table, 0, 0, 0, NULL), 0);
	CHECK_EQ(acquired.nr_frames, 8);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 0, 0, 1, NULL), -kEINVAL);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 0, 0, 8, frames), 0);
	for (unsigned int i = 0; i < 8; i++) {
		CHECK(frames[i] != 0);
		CHECK(i == 0 || frames[i] != frames[i - 1]);
	}
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, PTE(frames[7], PTE_FLAGS_RW),
		    UVMF_INVLPG | UVMF_ALL, child.id), 0);
	CHECK_EQ(*(u64 *)window, 0);
	CHECK_EQ(paging_unmap(window), 0);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 0, 7, 1, frames + 32), 0);
	CHECK_EQ(frames[32], frames[7]);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 0, 8, 1, frames), -kEINVAL);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 0, 0, 9, frames), -kEINVAL);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 0, 0, 1, (u64 *)ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 2, 0, 0, NULL), -kEINVAL);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 2, 0, 1, frames), -kEINVAL);
	/* The table is of version 1: no status, though there could be. */
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 1, 0, 0, NULL), 0);
	CHECK_EQ(acquired.nr_frames, 1);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 1, 0, 1, frames), -kEINVAL);
	CHECK_EQ(acquire(XENMEM_resource_ioreq_server, 0, 0, 1, frames), -kEINVAL);
	CHECK_EQ(acquire(XENMEM_resource_vmtrace_buf, 0, 0, 1, frames), -kEINVAL);
	CHECK_EQ(acquire(99, 0, 0, 1, frames), -kEOPNOTSUPP);
	acquire(XENMEM_resource_grant_table, 0, 0, 1, frames);
	acquired.pad = 1;
	CHECK_EQ(HC(memory_op, XENMEM_acquire_resource, &acquired), -kEINVAL);
	acquired.pad = 0;
	acquired.domid = 0;
	CHECK_EQ(HC(memory_op, XENMEM_acquire_resource, &acquired), -kEPERM);
}

static long version(void)
{
	struct gnttab_get_version v = { .dom = child.id };

	return HC(grant_table_op, GNTTABOP_get_version, &v, 1) ? -1 : (long)v.version;
}

/* The child, for whom it is to use the second form of the table. */
static void NORETURN child_main(void)
{
	struct gnttab_set_version v = { .version = 2 };

	HC(grant_table_op, GNTTABOP_set_version, &v, 1);
	for (;;) {
		neighbour_sleep_until(clock_ns() + 100 * MS);
	}
}

/* One frame of status words is enough for the eight of entries. */
static void check_status_frames(void)
{
	u64 end = clock_ns() + 5000 * MS, frames[2] = { 0, 0 };

	while (version() != 2 && clock_ns() < end) {
		neighbour_sleep_until(clock_ns() + MS);
	}
	CHECK_EQ(version(), 2);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 1, 0, 0, NULL), 0);
	CHECK_EQ(acquired.nr_frames, 1);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 1, 0, 1, frames), 0);
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, PTE(frames[0], PTE_FLAGS_RO),
		    UVMF_INVLPG | UVMF_ALL, child.id), 0);
	CHECK_EQ(*(u64 *)window, 0);
	CHECK_EQ(paging_unmap(window), 0);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 1, 1, 1, frames), -kEINVAL);
	CHECK_EQ(acquire(XENMEM_resource_grant_table, 1, 0, 2, frames), -kEINVAL);
}

/* A PV domain has no memory that is there on demand only. */
static void check_pod(void)
{
	struct xen_pod_target pod = { .domid = child.id, .target_pages = 100 };

	CHECK_EQ(HC(memory_op, XENMEM_set_pod_target, &pod), -kEINVAL);
	CHECK_EQ(HC(memory_op, XENMEM_get_pod_target, &pod), -kEINVAL);
	pod.domid = 4321;
	CHECK_EQ(HC(memory_op, XENMEM_set_pod_target, &pod), -kESRCH);
	CHECK_EQ(HC(memory_op, XENMEM_get_pod_target, &pod), -kESRCH);
}

/* --- event channels --- */

static u32 port_state(domid_t dom, u32 port)
{
	struct evtchn_status st = { .dom = dom, .port = port };

	CHECK_EQ(HC(event_channel_op, EVTCHNOP_status, &st), 0);
	return st.status;
}

static long reset(domid_t dom)
{
	struct evtchn_reset r = { .dom = dom };

	return HC(event_channel_op, EVTCHNOP_reset, &r);
}

static void check_ports(void)
{
	long own = event_bind_interdomain(child.id, child.console_port);

	CHECK(own > 0);
	CHECK_EQ(port_state(child.id, child.console_port), EVTCHNSTAT_interdomain);
	CHECK_EQ(port_state(child.id, child.store_port), EVTCHNSTAT_unbound);
	CHECK_EQ(reset(child.id), 0);
	CHECK_EQ(port_state(child.id, child.console_port), EVTCHNSTAT_closed);
	CHECK_EQ(port_state(child.id, child.store_port), EVTCHNSTAT_closed);
	CHECK_EQ(port_state(DOMID_SELF, (u32)own), EVTCHNSTAT_unbound);
	CHECK_EQ(event_alloc_unbound(child.id, DOMID_SELF), 1);
	CHECK_EQ(reset(4321), -kESRCH);
	CHECK_EQ(domain_unpause(&child), 0);
	CHECK_EQ(reset(child.id), -kEINVAL);	/* it may use them this moment */
	CHECK_EQ(port_state(child.id, 1), EVTCHNSTAT_unbound);
	memset(&op, 0, sizeof(op));
	CHECK_EQ(domain_ctl(XEN_DOMCTL_pausedomain, child.id, &op), 0);
	CHECK_EQ(reset(child.id), 0);
	CHECK_EQ(port_state(child.id, 1), EVTCHNSTAT_closed);
}

void guest_main(void)
{
	kit_init();
	if (neighbour_told("second")) {
		child_main();
	}
	neighbour_make(&child, "second form");
	check_types();
	check_grants();
	check_pod();
	check_ports();
	CHECK_EQ(domain_unpause(&child), 0);
	check_status_frames();
	CHECK_EQ(domain_destroy(&child), 0);
	verdict();
}
