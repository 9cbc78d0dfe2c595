/* SPDX-License-Identifier: MIT */
/*
 * What is an unprivileged domain refused, and how?
 *
 * As a domU every call about the machine or about other domains is -EPERM (or, where a foreign
 * number is looked up first, -ESRCH for one that does not exist), and foreign memory cannot be
 * mapped, whether through a domain number or by guessing frames. As dom0 the same calls get past
 * this check, which is what is asked of them here.
 */
#include "kit.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>

#include "domain.h"

static char window[PAGE_SIZE] PAGE_ALIGNED;

/* -EPERM exactly when this is a domU. */
#define CHECK_DENIED(call)                                                                  \
	do {                                                                                \
		long err_ = (call);                                                         \
		check_that((err_ == -kEPERM) == !kit_is_dom0(), "line %d: %s gives %ld",     \
			   __LINE__, #call, err_);                                          \
	} while (0)

static void check_control(void)
{
	struct xen_domctl d;
	struct xen_sysctl s;
	struct xen_platform_op p = { .cmd = XENPF_get_cpuinfo,
				     .interface_version = XENPF_INTERFACE_VERSION };
	char text[4] = "";

	memset(&d, 0, sizeof(d));
	CHECK_DENIED(domain_ctl(XEN_DOMCTL_getdomaininfo, 0, &d));
	memset(&s, 0, sizeof(s));
	CHECK_DENIED(domain_sysctl(XEN_SYSCTL_physinfo, &s));
	CHECK_DENIED(HC(platform_op, &p));
	CHECK_DENIED(HC(console_io, CONSOLEIO_write, 0, text));
}

static void check_machine(void)
{
	struct xen_memory_map map = { .nr_entries = 0 };
	struct physdev_pci_device dev = { .bus = 0, .devfn = 0xff };
	struct physdev_apic apic = { .apic_physbase = 0xfec00000, .reg = 1 };

	CHECK_DENIED(HC(memory_op, XENMEM_machine_memory_map, &map));
	CHECK_DENIED(HC(physdev_op, PHYSDEVOP_pci_device_remove, &dev));
	CHECK_DENIED(HC(physdev_op, PHYSDEVOP_apic_read, &apic));
	CHECK_DENIED(paging_set(window, PTE(0xb8, PTE_FLAGS_RW)));
	CHECK_EQ(paging_set(window, PTE(0xfee00, PTE_FLAGS_RW)), -kEPERM);
	CHECK_EQ(paging_unmap(window), 0);
}

static void check_others(void)
{
	struct xen_memory_domain d = { .domid = 0 };
	struct sched_remote_shutdown kill = { .domain_id = 0, .reason = SHUTDOWN_poweroff };
	u64 mine = PTE(paging_mfn(window), PTE_FLAGS_RW);

	if (kit_is_dom0()) {
		return; /* every one of these would succeed or be about itself */
	}
	CHECK_EQ(HC(memory_op, XENMEM_current_reservation, &d), -kEPERM);
	CHECK_EQ(HC(sched_op, SCHEDOP_remote_shutdown, &kill), -kEPERM);
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, mine, 0, 0), -kEPERM);
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, mine, 0, 4321), -kESRCH);
	CHECK_EQ(HC(update_va_mapping_otherdomain, window, mine, 0, DOMID_XEN), -kEPERM);
	{
		struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
		struct gnttab_query_size size = { .dom = 0 };

		CHECK_EQ(HC(mmuext_op, &op, 1, 0, 0), -kEPERM);
		CHECK_EQ(HC(mmuext_op, &op, 0, 0, DOMID_IO), -kEPERM);
		op.cmd = 99;
		CHECK_EQ(HC(mmuext_op, &op, 1, 0, DOMID_IO), -kEPERM);
		CHECK_EQ(HC(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
		CHECK(size.status == GNTST_permission_denied || size.status == GNTST_bad_domain);
	}
}

/*
 * Map every frame number up to the top of memory that is neither a page of the domain nor its
 * shared info or grant table page: not one may succeed.
 */
static void check_guessing(void)
{
	u64 shared = start_info->shared_info >> PAGE_SHIFT;
	u64 top = (u64)HC(memory_op, XENMEM_maximum_ram_page, 0), grant_frame = 0;
	struct gnttab_setup_table table = { .dom = DOMID_SELF, .nr_frames = 1 };
	const u64 *p2m = (const u64 *)start_info->mfn_list;
	unsigned long mapped = 0, tried = 0;

	if (kit_is_dom0()) {
		return; /* dom0 may map I/O memory among them */
	}
	SET_HANDLE(table.frame_list, &grant_frame);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &table, 1), 0);
	for (u64 mfn = 0; mfn < top; mfn++) {
		u64 pfn = paging_m2p[mfn];
		bool own = (pfn < start_info->nr_pages && p2m[pfn] == mfn) || mfn == shared ||
			   mfn == grant_frame;

		if (!own) {
			tried++;
			mapped += paging_set(window, PTE(mfn, PTE_FLAGS_RO)) == 0;
		}
	}
	CHECK(tried > 1000);
	CHECK_EQ(mapped, 0);
}

void guest_main(void)
{
	kit_init();
	check_control();
	check_machine();
	check_others();
	check_guessing();
	verdict();
}
