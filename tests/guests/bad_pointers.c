/* SPDX-License-Identifier: MIT */
/*
 * Does every hypercall that takes a pointer survive a bad one?
 *
 * Four kinds: an address of the guest with nothing behind it, the hypervisor's own range, a
 * non-canonical one, and for results a page that cannot be written. All must come back as -EFAULT
 * or as the call's own refusal, and nothing may be read from or written to where the guest could
 * not itself have. Memory next to the hole is checked to be untouched, and the machine lives on.
 */
#include "kit.h"

#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

static const unsigned long bad[] = { ADDR_UNMAPPED, ADDR_HOLE, HYPERVISOR_VIRT_START,
				     0xffff82d040200000UL, 0xffff828000000000UL,
				     ADDR_NONCANONICAL, 0x7ffffffffffcUL, 0xfffffffffffffffcUL };

struct row {
	const char *name;
	unsigned long nr; /* | PRIVILEGED: a domU may be told -EPERM before anything is read */
	unsigned long args[4]; /* POINTER marks the place of the address */
};

#define POINTER 0xbadbadbadUL
#define PRIVILEGED 0x1000UL

static const struct row rows[] = {
	{ "set_trap_table", __HYPERVISOR_set_trap_table, { POINTER } },
	{ "mmu_update", __HYPERVISOR_mmu_update, { POINTER, 1, 0, DOMID_SELF } },
	{ "set_gdt", __HYPERVISOR_set_gdt, { POINTER, 512 } },
	{ "platform_op", __HYPERVISOR_platform_op | PRIVILEGED, { POINTER } },
	{ "memory_op exchange", __HYPERVISOR_memory_op, { XENMEM_exchange, POINTER } },
	{ "memory_op map", __HYPERVISOR_memory_op | PRIVILEGED,
	  { XENMEM_machine_memory_map, POINTER } },
	{ "memory_op m2p", __HYPERVISOR_memory_op, { XENMEM_machphys_mapping, POINTER } },
	{ "multicall", __HYPERVISOR_multicall, { POINTER, 1 } },
	{ "version extra", __HYPERVISOR_xen_version, { XENVER_extraversion, POINTER } },
	{ "version features", __HYPERVISOR_xen_version, { XENVER_get_features, POINTER } },
	{ "version caps", __HYPERVISOR_xen_version, { XENVER_capabilities, POINTER } },
	{ "console write", __HYPERVISOR_console_io | PRIVILEGED, { CONSOLEIO_write, 8, POINTER } },
	{ "grant map", __HYPERVISOR_grant_table_op, { GNTTABOP_map_grant_ref, POINTER, 1 } },
	{ "grant unmap", __HYPERVISOR_grant_table_op, { GNTTABOP_unmap_grant_ref, POINTER, 1 } },
	{ "grant setup", __HYPERVISOR_grant_table_op, { GNTTABOP_setup_table, POINTER, 1 } },
	{ "grant copy", __HYPERVISOR_grant_table_op, { GNTTABOP_copy, POINTER, 1 } },
	{ "grant size", __HYPERVISOR_grant_table_op, { GNTTABOP_query_size, POINTER, 1 } },
	{ "vcpu runstate", __HYPERVISOR_vcpu_op, { VCPUOP_get_runstate_info, 0, POINTER } },
	{ "vcpu info", __HYPERVISOR_vcpu_op, { VCPUOP_register_vcpu_info, 0, POINTER } },
	{ "vcpu timer", __HYPERVISOR_vcpu_op, { VCPUOP_set_singleshot_timer, 0, POINTER } },
	{ "mmuext_op", __HYPERVISOR_mmuext_op, { POINTER, 1, 0, DOMID_SELF } },
	{ "sched poll", __HYPERVISOR_sched_op, { SCHEDOP_poll, POINTER } },
	{ "sched shutdown", __HYPERVISOR_sched_op, { SCHEDOP_shutdown, POINTER } },
	{ "callback", __HYPERVISOR_callback_op, { CALLBACKOP_register, POINTER } },
	{ "evtchn send", __HYPERVISOR_event_channel_op, { EVTCHNOP_send, POINTER } },
	{ "evtchn alloc", __HYPERVISOR_event_channel_op, { EVTCHNOP_alloc_unbound, POINTER } },
	{ "physdev", __HYPERVISOR_physdev_op | PRIVILEGED, { PHYSDEVOP_map_pirq, POINTER } },
	{ "physdev iopl", __HYPERVISOR_physdev_op, { PHYSDEVOP_set_iopl, POINTER } },
	{ "domctl", __HYPERVISOR_domctl | PRIVILEGED, { POINTER } },
	{ "sysctl", __HYPERVISOR_sysctl | PRIVILEGED, { POINTER } },
};

static void check_inputs(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		for (unsigned int b = 0; b < ARRAY_SIZE(bad); b++) {
			unsigned long a[4];
			bool may_deny = (rows[i].nr & PRIVILEGED) && !kit_is_dom0();
			long ret;

			for (unsigned int k = 0; k < 4; k++) {
				a[k] = rows[i].args[k] == POINTER ? bad[b] : rows[i].args[k];
			}
			ret = kit_hypercall(rows[i].nr & ~PRIVILEGED, a[0], a[1], a[2], a[3], 0);
			check_that(ret == -kEFAULT || (may_deny && ret == -kEPERM),
				   "%s at 0x%lx gives %ld", rows[i].name, bad[b], ret);
		}
	}
}

/* Results go through the page tables as the guest's own stores would. */
static void check_read_only_results(void)
{
	static char pages[2 * PAGE_SIZE] PAGE_ALIGNED;
	char *page = pages + PAGE_SIZE;

	memset(page, 0x5a, PAGE_SIZE);
	CHECK_EQ(paging_protect(page), 0);
	CHECK_EQ(HC(xen_version, XENVER_extraversion, page), -kEFAULT);
	CHECK_EQ(HC(memory_op, XENMEM_machphys_mapping, page), -kEFAULT);
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_runstate_info, 0, page), -kEFAULT);
	CHECK_EQ(HC(xen_version, XENVER_extraversion, MACH2PHYS_VIRT_START), -kEFAULT);
	for (unsigned int i = 0; i < PAGE_SIZE; i++) {
		if (page[i] != 0x5a) {
			CHECK(page[i] == 0x5a);
			break;
		}
	}
	CHECK_EQ(paging_unprotect(page), 0);
	/* A result that starts in a good page and ends in a missing one. */
	CHECK_EQ(paging_unmap(page), 0);
	CHECK_EQ(HC(xen_version, XENVER_extraversion, page - 4), -kEFAULT);
	CHECK_EQ(HC(xen_version, XENVER_extraversion, page), -kEFAULT);
	CHECK_EQ(paging_unprotect(page), 0);
}

void guest_main(void)
{
	kit_init();
	check_inputs();
	check_read_only_results();
	CHECK_EQ(HC(xen_version, XENVER_version, 0), 0x00040011);
	verdict();
}
