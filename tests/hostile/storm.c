/* SPDX-License-Identifier: MIT */
/*
 * Does a domain that storms slow others? How late, at worst, does a neighbour wake beside it?
 *
 * Module: storm
 *
 * As dom0 this plays warden: beside a neighbour that sleeps and wakes (kit/neighbour.h) it lets one
 * domU after the other do one thing without end, as much of it in one hypercall as there can be. On
 * one CPU the neighbour can only run when the storm's hypercall stops for it, so that the worst
 * lateness is the longest way between two such points, and what it costs to switch. The first storm
 * does nothing but compute, and shows what the scheduler alone costs. One line for each:
 * "STORM name us-at-worst"; under QEMU's -icount a microsecond is 1000 instructions. docs/limits.md
 * has the figures.
 */
#include "kit.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "domain.h"
#include "neighbour.h"

#define AREA 0x600000000000UL
#define SETTLE (20 * MS)	/* in which a new domain is a match for the neighbour */
#define LENGTH (60 * MS)
#define LATE (200 * MS / 1000)	/* beside a storm */
#define MAKING (10 * MS)	/* while dom0 makes or ends a domain: two slices */
#define ROWS 500
#define TABLES 16

static char data[PAGE_SIZE] PAGE_ALIGNED;
static u64 tables[TABLES][512] PAGE_ALIGNED;
static u64 upper[512] PAGE_ALIGNED;
static struct grant_entry_v1 *grants;
static domid_t self;
static union {
	struct mmu_update update[ROWS];
	struct gnttab_map_grant_ref map[ROWS];
	struct gnttab_unmap_grant_ref unmap[ROWS];
	struct gnttab_copy copy[ROWS];
	struct multicall_entry call[ROWS];
	struct mmuext_op ext[ROWS];
	u64 frames[ROWS];
} rows;

/* --- the storms; each is called again and again --- */

static void spin(void)
{
	for (volatile unsigned int i = 0; i < 10000; i++) {
	}
}

static void null_calls(void)
{
	HC(xen_version, 0, 0);
}

static void bad_calls(void)
{
	HC(memory_op, 77, ADDR_UNMAPPED);
	HC(event_channel_op, 4, ADDR_HOLE);
	kit_hypercall(~0UL, 0, 0, 0, 0, 0);
}

static void faults(void)
{
	(void)TRAP_OF(*(volatile char *)ADDR_UNMAPPED);
}

static void yields(void)
{
	HC(sched_op, SCHEDOP_yield, 0);
}

static void timers(void)
{
	HC(set_timer_op, clock_ns() + 1000);
	neighbour_sleep_until(clock_ns() + 2000);
}

/* dom0's end of the console's channel is bound by nobody, so there is a pair of its own as well. */
static void events(void)
{
	static long port;

	if (port == 0) {
		port = event_bind_interdomain(self, (u32)event_alloc_unbound(DOMID_SELF, self));
	}
	event_send((unsigned int)port);
	event_send(start_info->console.domU.evtchn);
}

static void updates(void)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		rows.update[i].ptr = paging_entry_maddr(AREA, 1) + 8 * (i % 64);
		rows.update[i].val = i / 64 & 1 ? 0 : PTE(paging_mfn(data), PTE_FLAGS_RW);
	}
	HC(mmu_update, &rows, ROWS, 0, DOMID_SELF);
}

/* An L2 over full L1 tables: pinning it validates TABLES * 512 entries, unpinning drops them. */
static void pins(void)
{
	static bool ready;

	if (!ready) {
		for (unsigned int t = 0; t < TABLES; t++) {
			for (unsigned int i = 0; i < 512; i++) {
				tables[t][i] = PTE(paging_mfn(data), PTE_FLAGS_RW);
			}
			upper[t] = PTE(paging_mfn(tables[t]), PTE_FLAGS_RW);
			paging_protect(tables[t]);
		}
		paging_protect(upper);
		ready = true;
	}
	CHECK_EQ(paging_ext(MMUEXT_PIN_L2_TABLE, paging_mfn(upper)), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, paging_mfn(upper)), 0);
}

static void flushes(void)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		rows.ext[i].cmd = i & 1 ? MMUEXT_TLB_FLUSH_ALL : MMUEXT_INVLPG_LOCAL;
		rows.ext[i].arg1.linear_addr = (unsigned long)data;
	}
	HC(mmuext_op, &rows, ROWS, 0, DOMID_SELF);
}

static void grant_ready(void)
{
	static u64 frames[8];
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 8 };

	if (grants == NULL) {
		SET_HANDLE(op.frame_list, frames);
		HC(grant_table_op, GNTTABOP_setup_table, &op, 1);
		grants = page_alloc();
		paging_set(grants, PTE(frames[0], PTE_FLAGS_RW));
		for (unsigned int ref = 8; ref < 512; ref++) {
			grants[ref] = (struct grant_entry_v1){ GTF_permit_access, self,
							       (u32)paging_mfn(data) };
		}
	}
}

static void grant_maps(void)
{
	static u32 handles[ROWS];

	grant_ready();
	for (unsigned int i = 0; i < ROWS; i++) {
		rows.map[i] = (struct gnttab_map_grant_ref){ .flags = GNTMAP_device_map,
							     .ref = 8 + i % 500, .dom = self };
	}
	HC(grant_table_op, GNTTABOP_map_grant_ref, &rows, ROWS);
	for (unsigned int i = 0; i < ROWS; i++) {
		handles[i] = rows.map[i].status ? ~0U : rows.map[i].handle;
	}
	for (unsigned int i = 0; i < ROWS; i++) {
		rows.unmap[i] = (struct gnttab_unmap_grant_ref){
			.dev_bus_addr = paging_mfn(data) << PAGE_SHIFT, .handle = handles[i] };
	}
	HC(grant_table_op, GNTTABOP_unmap_grant_ref, &rows, ROWS);
}

static void grant_copies(void)
{
	grant_ready();
	for (unsigned int i = 0; i < ROWS; i++) {
		rows.copy[i] = (struct gnttab_copy){ .len = PAGE_SIZE,
						     .flags = GNTCOPY_source_gref };
		rows.copy[i].source.domid = self;
		rows.copy[i].source.u.ref = 8 + i % 500;
		rows.copy[i].dest.domid = DOMID_SELF;
		rows.copy[i].dest.u.gmfn = paging_mfn(tables[0]);
	}
	HC(grant_table_op, GNTTABOP_copy, &rows, ROWS);
}

/* All of the table cleared, each time. */
static void grant_versions(void)
{
	static u32 version = 1;
	struct gnttab_set_version op;

	grant_ready();
	op.version = version = 3 - version;
	HC(grant_table_op, GNTTABOP_set_version, &op, 1);
}

static void multicalls(void)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		rows.call[i] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version };
	}
	HC(multicall, &rows, ROWS);
}

/* The same pages given back and taken again. */
static void memory(void)
{
	static u64 pfns[256];
	struct xen_memory_reservation r = { .nr_extents = 256, .domid = DOMID_SELF };

	if (pfns[0] == 0) {
		for (unsigned int i = 0; i < 256; i++) {
			unsigned long pfn = DOMAIN_PAGES - 1 - i;

			pfns[i] = ((u64 *)start_info->mfn_list)[pfn];
		}
	}
	SET_HANDLE(r.extent_start, pfns);
	HC(memory_op, XENMEM_decrease_reservation, &r);
	for (unsigned int i = 0; i < 256; i++) {
		pfns[i] = DOMAIN_PAGES - 1 - i;
	}
	HC(memory_op, XENMEM_populate_physmap, &r);
}

static const struct {
	const char *name;
	void (*call)(void);
} storms[] = {
	{ "spin", spin },
	{ "null-calls", null_calls },
	{ "bad-calls", bad_calls },
	{ "faults", faults },
	{ "yields", yields },
	{ "timers", timers },
	{ "events", events },
	{ "mmu-updates", updates },
	{ "pins", pins },
	{ "tlb-flushes", flushes },
	{ "grant-maps", grant_maps },
	{ "grant-copies", grant_copies },
	{ "grant-versions", grant_versions },
	{ "multicalls", multicalls },
	{ "memory", memory },
};

/* --- the warden --- */

static struct domain wild;
static u64 made, ended;		/* worst lateness while domains were made, and ended */

/* Else whoever has just begun to run goes on for a millisecond, and that is all there is to see. */
static void no_rate_limit(void)
{
	struct xen_sysctl s;

	memset(&s, 0, sizeof(s));
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_sched_id, &s), 0);
	s.u.scheduler_op = (struct xen_sysctl_scheduler_op){
		.sched_id = s.u.sched_id.sched_id,
		.cmd = XEN_SYSCTL_SCHEDOP_putinfo,
	};
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_scheduler_op, &s), 0);
}

static void one_storm(unsigned int n)
{
	static char cmdline[] = "storm=00";
	struct xen_domctl_getdomaininfo info;

	cmdline[6] = (char)('0' + n / 10);
	cmdline[7] = (char)('0' + n % 10);
	neighbour_make(&wild, cmdline);
	made = neighbour_worst() > made ? neighbour_worst() : made;
	CHECK_EQ(domain_unpause(&wild), 0);
	neighbour_sleep_until(clock_ns() + SETTLE);
	neighbour_forget();
	neighbour_sleep_until(clock_ns() + LENGTH);
	CHECK_EQ(domain_info(&wild, &info), 0);
	check_that(!(info.flags & XEN_DOMINF_shutdown) && info.cpu_time > LENGTH / 100,
		   "%s: the storm did not go on", storms[n].name);
	kprintf("STORM %s %lu\n", storms[n].name, neighbour_worst() / 1000);
	check_that(neighbour_worst() < LATE, "%s: the neighbour woke %lu us late", storms[n].name,
		   neighbour_worst() / 1000);
	neighbour_forget();
	CHECK_EQ(domain_destroy(&wild), 0);
	ended = neighbour_worst() > ended ? neighbour_worst() : ended;
	neighbour_forget();
}

void guest_main(void)
{
	kit_init();
	if (neighbour_told("beat")) {
		neighbour_beat();
	}
	if (kit_is_dom0()) {
		no_rate_limit();
		neighbour_start();
		for (unsigned int n = 0; n < ARRAY_SIZE(storms); n++) {
			one_storm(n);
		}
		neighbour_stop();
		kprintf("STORM creation %lu\nSTORM destruction %lu\n", made / 1000, ended / 1000);
		CHECK(made < MAKING && ended < MAKING);
		verdict();
	}
	self = kit_domid();
	paging_grow(AREA);
	for (;;) {
		storms[neighbour_option("storm=", 0)].call();
	}
}
