/* SPDX-License-Identifier: MIT */
/*
 * Do the debug keys say what is the case?
 *
 * A guest binds ports, maps a page that is granted to itself, makes a domain, and presses the keys
 * that show these things; each answer is then in the ring of messages. The oracle takes the same
 * keys, but says it in its own words.
 *
 * Domain: dom0
 * Only: dais
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>

#include "domain.h"
#include "messages.h"

#define REF 9
#define WINDOW 0x600000000000UL

static struct domain other;

static void check_refused(void)
{
	static char many[1025];
	struct xen_sysctl op;

	memset(many, 'z', sizeof(many) - 1);
	CHECK_EQ(messages_press(many), 0);	/* means nothing */
	memset(&op, 0, sizeof(op));
	op.u.debug_keys.nr_keys = 1025;
	SET_HANDLE(op.u.debug_keys.keys, many);
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_debug_keys, &op), -kE2BIG);
	op.u.debug_keys.nr_keys = 1;
	SET_HANDLE(op.u.debug_keys.keys, ADDR_UNMAPPED);
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_debug_keys, &op), -kEFAULT);
}

static void check_ports(void)
{
	long ipi = event_bind_ipi(0), unbound = event_alloc_unbound(DOMID_SELF, 5);
	long one = event_alloc_unbound(DOMID_SELF, DOMID_SELF), virq = event_bind_virq(VIRQ_CONSOLE, 0);
	long two = event_bind_interdomain(DOMID_SELF, (unsigned int)one);

	event_mask((unsigned int)ipi);
	event_send((unsigned int)ipi);
	event_mask((unsigned int)unbound);
	event_clear((unsigned int)two);
	messages_forget();
	CHECK_EQ(messages_press("e"), 0);
	CHECK(messages_have("event channels of d0, by two levels of bits:\n"));
	CHECK(messages_have("d0v0: up, upcall "));
	CHECK(messages_have("d0 port %d: ipi 0, vcpu 0, last queued on 0; pending masked\n",
			    (int)ipi));
	CHECK(messages_have("d0 port %d: unbound 5, vcpu 0, last queued on 0; masked\n",
			    (int)unbound));
	CHECK(messages_have("d0 port %d: virq %d, vcpu 0,", (int)virq, VIRQ_CONSOLE));
	CHECK(messages_have("d0 port %d: interdomain %d, vcpu 0, last queued on 0;\n", (int)two,
			    (int)one));
	CHECK(messages_have("event channels of d%d, ", other.id));
	CHECK(messages_have("d%dv0: down, upcall not pending", other.id));
	CHECK_EQ(event_close((unsigned int)unbound), 0);
	messages_forget();
	CHECK_EQ(messages_press("e"), 0);
	CHECK(messages_have("d0 port %d: ", (int)ipi));
	CHECK(!messages_have("d0 port %d: ", (int)unbound));
}

static void check_grants(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct gnttab_map_grant_ref map = { .host_addr = WINDOW, .ref = REF,
					    .flags = GNTMAP_host_map | GNTMAP_readonly };
	struct gnttab_unmap_grant_ref unmap = { .host_addr = WINDOW };
	struct grant_entry_v1 *table = page_alloc();
	void *page = page_alloc();
	u64 frame;

	SET_HANDLE(setup.frame_list, &frame);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	CHECK_EQ(paging_set(table, PTE(frame, PTE_FLAGS_RW)), 0);
	table[REF].frame = (u32)paging_mfn(page);
	table[REF].flags = GTF_permit_access;	/* to domain 0 */
	paging_grow(WINDOW);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_map_grant_ref, &map, 1), 0);
	CHECK_EQ(map.status, GNTST_okay);
	messages_forget();
	CHECK_EQ(messages_press("g"), 0);
	CHECK(messages_have("grants of d0: version 1, 512 entries, 1 in use\n"));
	CHECK(messages_have("d0 ref %d to d0: ", REF));
	CHECK(messages_have(" reading; 1 readers, 0 writers for d0 of frame %lx\n",
			    (unsigned long)paging_mfn(page)));
	CHECK(messages_have("grants of d%d: version 1, ", other.id));
	unmap.handle = map.handle;
	CHECK_EQ(HC(grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
	CHECK_EQ(unmap.status, GNTST_okay);
	messages_forget();
	CHECK_EQ(messages_press("g"), 0);
	CHECK(messages_have("grants of d0: version 1, 512 entries, 0 in use\n"));
	CHECK(!messages_have("d0 ref %d ", REF));
}

static void check_memory(void)
{
	messages_forget();
	CHECK_EQ(messages_press("m"), 0);
	CHECK(messages_have(", free %lu KiB, guests' %lu KiB, ",
			    (unsigned long)domain_free_pages() * 4, other.pages * 4));
	CHECK(messages_have("more than at the end of boot, for 1 guests: "));
	CHECK_EQ(domain_destroy(&other), 0);
	messages_forget();
	CHECK_EQ(messages_press("m"), 0);
	CHECK(messages_have(", guests' 0 KiB, "));
	CHECK(messages_have(", for 0 guests: 0 KiB each\n"));
}

/* Registers are those of whoever pressed the key: the guest, in the middle of its hypercall. */
static void check_registers(void)
{
	struct xen_sysctl op;
	register u64 mark __asm__("r14") = 0x1122334455667788;
	u64 nr = __HYPERVISOR_sysctl;

	memset(&op, 0, sizeof(op));
	op.cmd = XEN_SYSCTL_debug_keys;
	op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	op.u.debug_keys.nr_keys = 1;
	SET_HANDLE(op.u.debug_keys.keys, "d");
	messages_forget();
	__asm__ volatile("syscall" : "+a"(nr) : "D"(&op), "r"(mark) : "rcx", "r11", "memory");
	CHECK_EQ(nr, 0);
	CHECK(messages_have("CPU 0:\n"));
	CHECK(messages_have("r14 1122334455667788 "));
	CHECK(messages_have("rdi %016lx ", (unsigned long)&op));
}

static u64 digits(const char *s)
{
	u64 v = 0;

	for (; *s >= '0' && *s <= '9'; s++) {
		v = v * 10 + (u64)(*s - '0');
	}
	return v;
}

static void check_clock(void)
{
	u64 before = clock_ns(), said;
	const char *line;

	messages_forget();
	CHECK_EQ(messages_press("t"), 0);
	line = messages_after("system time ");
	if (check_that(line != NULL, "no system time")) {
		said = digits(line);
		check_that(said >= before && said <= clock_ns(), "%lu is not now",
			   (unsigned long)said);
		CHECK(messages_have(" ns, kept by tsc, TSC "));
	}
}

void guest_main(void)
{
	kit_init();
	CHECK_EQ(domain_create_sized(&other, 64), 0);
	check_refused();
	check_ports();
	check_grants();
	check_memory();
	check_registers();
	check_clock();
	verdict();
}
