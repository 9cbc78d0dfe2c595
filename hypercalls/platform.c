/* SPDX-License-Identifier: MIT */
/*
 * Doors of platform_op: what dom0 does for the whole machine. Privilege is in the hypercall's table row. The
 * operation is copied in whole and back where its row says so; one small function for each.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/efi.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/vtime.h>
#include <dais/cpuid.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/platform.h>
#include "platform_efi.h"

/* New wall clock: every domain's copy follows. */
static long set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_time)
{
	struct domain *d = NULL;

	time_set_wallclock(secs, nsecs, system_time);
	while ((d = domain_next(d)) != NULL) {
		vtime_update_wallclock(d);
	}
	return 0;
}

static long plat_settime32(struct xen_platform_op *op)
{
	const struct xenpf_settime32 *t = &op->u.settime32;

	return set_wallclock(t->secs, t->nsecs, t->system_time);
}

static long plat_settime64(struct xen_platform_op *op)
{
	const struct xenpf_settime64 *t = &op->u.settime64;

	return t->mbz != 0 ? -XEN_EINVAL : set_wallclock(t->secs, t->nsecs, t->system_time);
}

static long efi_vendor(union xenpf_efi_info *i)
{
	uint32_t n = min((efi.vendor_len + 1) * 2, i->vendor.bufsz & ~1U);

	i->vendor.revision = efi.vendor_revision;
	if (i->vendor.name == 0 || n == 0) {
		return -XEN_EINVAL;
	}
	if (copy_to_guest(i->vendor.name, efi.vendor, n) != 0) {
		return -XEN_EFAULT;
	}
	i->vendor.bufsz = n;
	return 0;
}

static long efi_info(uint32_t index, union xenpf_efi_info *i)
{
	const struct efi_mem_desc *e;

	if (!efi.present) {
		return -XEN_ENODEV;
	}
	switch (index) {
	case XEN_FW_EFI_VERSION:
	case XEN_FW_EFI_RT_VERSION:
		i->version = efi.version;
		return 0;
	case XEN_FW_EFI_CONFIG_TABLE:
		i->cfg.addr = efi.config_table;
		i->cfg.nent = efi.config_entries;
		return 0;
	case XEN_FW_EFI_VENDOR:
		return efi_vendor(i);
	case XEN_FW_EFI_MEM_INFO:
		e = efi_mem_find(i->mem.addr);
		if (e == NULL) {
			return -XEN_ESRCH;
		}
		i->mem.size = e->start + (e->pages << PAGE_SHIFT) - i->mem.addr;
		i->mem.attr = e->attribute;
		i->mem.type = e->type;
		return 0;
	default:
		return -XEN_EINVAL;
	}
}

/* BIOS facts (disks, monitor, keyboard) would need real-mode calls, which Dais does not make: "no more entries". */
static long plat_firmware_info(struct xen_platform_op *op)
{
	struct xenpf_firmware_info *f = &op->u.firmware_info;

	switch (f->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
		return -XEN_ESRCH;
	case XEN_FW_EFI_INFO:
		return efi_info(f->index, &f->u.efi_info);
	case XEN_FW_KBD_SHIFT_FLAGS:
		f->u.kbd_shift_flags = 0;
		return 0;
	default:
		return -XEN_EINVAL;
	}
}

static long plat_sleep(struct xen_platform_op *op)
{
	const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

	return acpi_enter_sleep(s->sleep_state, s->val_a, s->val_b);
}

/*
 * dom0 uploads C- and P-states. Dais idles with HLT and leaves frequencies to the firmware, so they are noted by
 * nobody; the _PDC bits go back unchanged.
 */
static long plat_pminfo(struct xen_platform_op *op)
{
	uint32_t type = op->u.set_pminfo.type;

	if (type == XEN_PM_TX) {
		return -XEN_EOPNOTSUPP;
	}
	return type == XEN_PM_PX || type == XEN_PM_CX || type == XEN_PM_PDC ? 0 : -XEN_EINVAL;
}

static long plat_cpuinfo(struct xen_platform_op *op)
{
	struct xenpf_pcpuinfo *p = &op->u.pcpu_info;
	unsigned long cpu = p->xen_cpuid;

	p->max_present = nr_cpus - 1;
	if (cpu >= nr_cpus) {
		p->flags = XEN_PCPU_FLAGS_INVALID;
		return 0;
	}
	cpu = array_index_nospec(cpu, (unsigned long)NR_CPUS);
	p->flags = cpumask_test(&cpu_online_mask, (unsigned int)cpu) ? XEN_PCPU_FLAGS_ONLINE : 0;
	p->apic_id = cpu_ptr((unsigned int)cpu)->apic_id;
	p->acpi_id = cpu_ptr((unsigned int)cpu)->acpi_id;
	return 0;
}

static long plat_cpu_version(struct xen_platform_op *op)
{
	struct xenpf_pcpu_version *p = &op->u.pcpu_version;
	struct cpuid_signature s = cpuid_signature(cpuid(1).eax);
	struct cpuid_regs id = cpuid(0);
	uint32_t vendor[3] = { id.ebx, id.edx, id.ecx };

	p->max_present = nr_cpus - 1;
	if (p->xen_cpuid >= nr_cpus) {
		memset(p->vendor_id, 0, sizeof(p->vendor_id));
		p->family = p->model = p->stepping = 0;
		return 0;
	}
	memcpy(p->vendor_id, vendor, sizeof(vendor));
	p->family = s.family;
	p->model = s.model;
	p->stepping = s.stepping;
	return 0;
}

/* Physical CPUs stay as they were found at boot. */
static long plat_fixed_cpus(struct xen_platform_op *op)
{
	return -XEN_EOPNOTSUPP;
}

static const struct {
	long (*fn)(struct xen_platform_op *op);
	bool out;
} platform_table[] = {
	[XENPF_settime32] = { plat_settime32, false },
	[XENPF_get_cpu_version] = { plat_cpu_version, true },
	[XENPF_efi_runtime_call] = { platform_efi_runtime_call, true },
	[XENPF_firmware_info] = { plat_firmware_info, true },
	[XENPF_enter_acpi_sleep] = { plat_sleep, false },
	[XENPF_set_processor_pminfo] = { plat_pminfo, false },
	[XENPF_get_cpuinfo] = { plat_cpuinfo, true },
	[XENPF_cpu_online] = { plat_fixed_cpus, false },
	[XENPF_cpu_offline] = { plat_fixed_cpus, false },
	[XENPF_cpu_hotadd] = { plat_fixed_cpus, false },
	[XENPF_mem_hotadd] = { plat_fixed_cpus, false },
	[XENPF_core_parking] = { plat_fixed_cpus, false },
	[XENPF_settime64] = { plat_settime64, false },
};

long do_platform_op(unsigned long va)
{
	struct xen_platform_op op;
	unsigned long cmd;
	long rc;

	if (copy_from_guest(&op, va, sizeof(op)) != 0) {
		return -XEN_EFAULT;
	}
	if (op.interface_version != XENPF_INTERFACE_VERSION) {
		return -XEN_EACCES;
	}
	cmd = op.cmd;
	if (cmd >= ARRAY_SIZE(platform_table)) {
		return -XEN_ENOSYS;
	}
	cmd = array_index_nospec(cmd, ARRAY_SIZE(platform_table));
	if (platform_table[cmd].fn == NULL) {
		return -XEN_ENOSYS;
	}
	rc = platform_table[cmd].fn(&op);
	if (rc == 0 && platform_table[cmd].out && copy_to_guest(va, &op, sizeof(op)) != 0) {
		return -XEN_EFAULT;
	}
	return rc;
}
