/* SPDX-License-Identifier: MIT */
/*
 * Reads the UEFI system table once at boot, before other CPUs run, and runs the firmware's runtime
 * services (see dais/efi_runtime.h). The loader told the firmware that boot services are over.
 *
 * The page tables are made at boot from the firmware's memory map and never change: the
 * hypervisor's slots, which hold stack, buffers and code, and every region marked for use at run
 * time at its machine address. A call loads them, sets the FPU to what the specification promises
 * the firmware, and puts everything back; the vcpu's FPU state is saved before. Interrupts stay on,
 * since a write to flash takes its time: what handlers touch lies in the hypervisor's slots, and
 * nothing is switched before the way out to the guest.
 *
 * efi_lock is held from enter to leave. cmos_lock nests inside, around the services that use the
 * clock chip.
 */
#include <dais/boot_info.h>
#include <dais/cmos.h>
#include <dais/compiler.h>
#include <dais/efi.h>
#include <dais/efi_runtime.h>
#include <dais/fpu.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/spinlock.h>
#include <dais/string.h>
#include <dais/tlb.h>
#include <dais/x86.h>

#define RT_SIGNATURE          0x56524553544e5552UL /* "RUNTSERV" */
#define RT_HAS_INFO           0x20000u /* revision that brought QueryVariableInfo and capsules */
#define EFI_TYPE_RUNTIME_CODE 5
#define EFI_ATTR_WT           (1UL << 2)
#define EFI_ATTR_WB           (1UL << 3)
#define EFI_ATTR_XP           (1UL << 14)
#define EFI_ATTR_RO           (1UL << 17)
#define EFI_ATTR_RUNTIME      (1UL << 63)
#define LOW_HALF_END          (1UL << 47)
#define MXCSR_DEFAULT         0x1f80u

struct efi_system_table {
	uint64_t signature;
	uint32_t revision, header_size, crc, rsvd;
	uint64_t vendor;
	uint32_t vendor_revision, pad;
	uint64_t con_in_handle, con_in, con_out_handle, con_out, err_handle, err;
	uint64_t runtime, boot;
	uint64_t nr_tables;
	uint64_t tables;
};

#define EFI_SIGNATURE	0x5453595320494249UL	/* "IBI SYST" */
#define EFI_TABLES_MAX	1024

struct efi_runtime_table {
	uint64_t signature;
	uint32_t revision, header_size, crc, rsvd;
	uint64_t fn[EFI_NR_SERVICES];
};

/* Fewer parameters are fine: in this convention the caller clears the stack. */
typedef uint64_t (__attribute__((ms_abi)) *efi_fn)(uint64_t, uint64_t, uint64_t, uint64_t,
						   uint64_t);

static uint64_t efi_l4[512] __aligned(4096);
static uint64_t efi_cr3;                       /* 0: nothing to call */
static uint64_t efi_services[EFI_NR_SERVICES]; /* 0: not there */

static spinlock_t efi_lock = SPINLOCK_INIT;
static struct efi_runtime_buffers efi_buffers;

struct efi_facts efi;
static const struct boot_info *efi_bi;

/* ---- the memory map ---- */

static const struct efi_mem_desc *efi_mem_at(unsigned int i)
{
	uint64_t size = efi_bi->efi_desc_size, off = i * size;

	if (efi_bi->efi_map == 0 || size < sizeof(struct efi_mem_desc) ||
	    off + size > efi_bi->efi_map_len) {
		return NULL;
	}
	return direct_map(efi_bi->efi_map + off);
}

const struct efi_mem_desc *efi_mem_find(uint64_t addr)
{
	const struct efi_mem_desc *e;

	for (unsigned int i = 0; (e = efi_mem_at(i)) != NULL; i++) {
		if (addr >= e->start && (addr - e->start) >> PAGE_SHIFT < e->pages) {
			return e;
		}
	}
	return NULL;
}

/* ---- page tables ---- */

/* Number of regions, or 0 when the map cannot be right. */
static unsigned int __init regions_map(void)
{
	const struct efi_mem_desc *e;
	unsigned int n = 0;

	for (unsigned int i = 0; (e = efi_mem_at(i)) != NULL; i++) {
		uint64_t flags = PTE_P | PTE_A | PTE_D;

		if (!(e->attribute & EFI_ATTR_RUNTIME)) {
			continue;
		}
		if ((e->start & ~PAGE_MASK) || e->start >= LOW_HALF_END ||
		    e->pages > (LOW_HALF_END - e->start) >> PAGE_SHIFT) {
			return 0;
		}
		flags |= e->attribute & EFI_ATTR_RO ? 0 : PTE_RW;
		flags |= e->type != EFI_TYPE_RUNTIME_CODE || (e->attribute & EFI_ATTR_XP) ? PTE_NX : 0;
		if (!(e->attribute & EFI_ATTR_WB)) {
			flags |= e->attribute & EFI_ATTR_WT ? PTE_PWT : PTE_PCD | PTE_PWT;
		}
		paging_fill(efi_l4, 0, e->start, e->start + (e->pages << PAGE_SHIFT), flags);
		n++;
	}
	return n;
}

static void __init efi_runtime_init(paddr_t rt_table)
{
	const struct efi_runtime_table *rt = map_phys(rt_table);
	unsigned int n;

	if (rt_table == 0 || rt == NULL || rt->signature != RT_SIGNATURE) {
		pr_warn("EFI: the table of runtime services is damaged: no variables for dom0\n");
		return;
	}
	if (regions_map() == 0) {
		pr_warn("EFI: no usable memory map from the loader: no variables for dom0\n");
		return;
	}
	n = rt->revision < RT_HAS_INFO ? EFI_UPDATE_CAPSULE : EFI_NR_SERVICES;
	for (unsigned int i = 0; i < n; i++) {
		const struct efi_mem_desc *e = efi_mem_find(rt->fn[i]);

		if (e != NULL && e->type == EFI_TYPE_RUNTIME_CODE &&
		    (e->attribute & EFI_ATTR_RUNTIME)) {
			efi_services[i] = rt->fn[i];
		}
	}
	memcpy(&efi_l4[HV_SLOT_FIRST], &hv_l4[HV_SLOT_FIRST],
	       (HV_SLOT_LAST - HV_SLOT_FIRST + 1) * sizeof(efi_l4[0]));
	efi_cr3 = paging_walk((unsigned long)efi_l4);
}

void __init efi_init(const struct boot_info *bi)
{
	const struct efi_system_table *st;
	const uint16_t *vendor;

	if (bi->efi_system_table == 0) {
		return;
	}
	st = map_phys(bi->efi_system_table);
	if (st == NULL || st->signature != EFI_SIGNATURE || st->nr_tables > EFI_TABLES_MAX) {
		pr_warn("EFI: the system table at %#lx is damaged: dom0 will not know that this is UEFI\n",
			bi->efi_system_table);
		return;
	}
	efi_bi = bi;
	efi.version = st->revision;
	efi.config_table = st->tables;
	efi.config_entries = (uint32_t)st->nr_tables;
	efi.vendor_revision = st->vendor_revision;
	vendor = map_phys(st->vendor);
	while (vendor != NULL && efi.vendor_len < EFI_VENDOR_MAX - 1 && vendor[efi.vendor_len] != 0) {
		efi.vendor[efi.vendor_len] = vendor[efi.vendor_len];
		efi.vendor_len++;
	}
	efi.present = true;
	efi_runtime_init(st->runtime);
}

/* ---- calls ---- */

struct efi_runtime_buffers *efi_runtime_enter(void)
{
	if (efi_cr3 == 0) {
		return NULL;
	}
	spin_lock(&efi_lock);
	return &efi_buffers;
}

void efi_runtime_leave(void)
{
	spin_unlock(&efi_lock);
}

static void tables_load(uint64_t cr3)
{
	unsigned long flags = irq_save();

	tlb_load_cr3(cr3);
	irq_restore(flags);
}

/* The firmware counts on a stack aligned to 16 bytes: it stores SSE registers there. */
static uint64_t __noinline __attribute__((force_align_arg_pointer))
firmware_call(uint64_t fn, const uint64_t arg[5])
{
	static const uint32_t mxcsr = MXCSR_DEFAULT;
	uint64_t cr3 = read_cr3(), status;

	__asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(mxcsr));
	tables_load(efi_cr3);
	status = ((efi_fn)fn)(arg[0], arg[1], arg[2], arg[3], arg[4]);
	__asm__ volatile("cld");
	tables_load(cr3);
	return status;
}

uint64_t efi_runtime_call(enum efi_service s, const uint64_t arg[5])
{
	struct vcpu *v = current_vcpu();
	bool uses_clock = s <= EFI_SET_WAKEUP_TIME;
	uint64_t status;

	if (s >= EFI_NR_SERVICES || efi_services[s] == 0) {
		return EFI_UNSUPPORTED;
	}
	fpu_save(v);
	if (uses_clock) {
		spin_lock(&cmos_lock);
	}
	status = firmware_call(efi_services[s], arg);
	if (uses_clock) {
		spin_unlock(&cmos_lock);
	}
	this_cpu()->fpu_owner = NULL;
	fpu_load(v);
	return status;
}
