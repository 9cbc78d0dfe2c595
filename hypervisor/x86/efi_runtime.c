/* SPDX-License-Identifier: MIT */
/*
 * Runs the UEFI firmware's runtime services (see dais/efi_runtime.h).
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
#define EFI_ATTR_UC           (1UL << 0)
#define EFI_ATTR_WT           (1UL << 2)
#define EFI_ATTR_WB           (1UL << 3)
#define EFI_ATTR_XP           (1UL << 14)
#define EFI_ATTR_RO           (1UL << 17)
#define EFI_ATTR_RUNTIME      (1UL << 63)
#define LOW_HALF_END          (1UL << 47)
#define TWO_MIB               (2UL << 20)
#define MXCSR_DEFAULT         0x1f80u

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

/* ---- page tables ---- */

/*
 * The entry for pa at `level`, making the tables above it; NULL when a larger page is there
 * already.
 */
static uint64_t *__init identity_entry(paddr_t pa, unsigned int level)
{
	uint64_t *table = efi_l4;

	for (unsigned int l = 4; l > level; l--) {
		uint64_t *e = &table[(pa >> (12 + 9 * (l - 1))) & 511];

		if (!(*e & PTE_P)) {
			*e = early_pages(1) | PTE_P | PTE_RW | PTE_A;
		} else if (*e & PTE_PS) {
			return NULL;
		}
		table = direct_map(*e & PTE_ADDR);
	}
	return &table[(pa >> (12 + 9 * (level - 1))) & 511];
}

static uint64_t __init region_flags(const struct efi_mem_desc *e)
{
	uint64_t flags = PTE_P | PTE_A | PTE_D;

	flags |= e->attribute & EFI_ATTR_RO ? 0 : PTE_RW;
	flags |= e->type != EFI_TYPE_RUNTIME_CODE || (e->attribute & EFI_ATTR_XP) ? PTE_NX : 0;
	if (e->attribute & EFI_ATTR_WB) {
		return flags;
	}
	if (e->attribute & EFI_ATTR_WT) {
		return flags | PTE_PWT;
	}
	return flags | PTE_PCD | PTE_PWT;
}

static void __init region_map(const struct efi_mem_desc *r)
{
	paddr_t pa = r->start, end = r->start + (r->pages << PAGE_SHIFT);
	uint64_t flags = region_flags(r);

	while (pa < end) {
		bool large = IS_ALIGNED(pa, TWO_MIB) && end - pa >= TWO_MIB;
		uint64_t *e = identity_entry(pa, large ? 2 : 1);

		if (e != NULL && !(*e & PTE_P)) {
			*e = pa | flags | (large ? PTE_PS : 0);
		}
		pa += large ? TWO_MIB : PAGE_SIZE;
	}
}

/* Number of regions, or 0 when the map cannot be right. */
static unsigned int __init regions_map(const struct boot_info *bi)
{
	unsigned int n = 0;

	if (bi->efi_map == 0 || bi->efi_desc_size < sizeof(struct efi_mem_desc)) {
		return 0;
	}
	for (uint32_t off = 0; off + bi->efi_desc_size <= bi->efi_map_len;
	     off += bi->efi_desc_size) {
		const struct efi_mem_desc *e = direct_map(bi->efi_map + off);

		if (!(e->attribute & EFI_ATTR_RUNTIME)) {
			continue;
		}
		if ((e->start & ~PAGE_MASK) || e->start >= LOW_HALF_END ||
		    e->pages > (LOW_HALF_END - e->start) >> PAGE_SHIFT) {
			return 0;
		}
		region_map(e);
		n++;
	}
	return n;
}

static bool __init is_runtime_code(uint64_t addr)
{
	const struct efi_mem_desc *e = efi_mem_find(addr);

	return e != NULL && e->type == EFI_TYPE_RUNTIME_CODE && (e->attribute & EFI_ATTR_RUNTIME);
}

void __init efi_runtime_init(const struct boot_info *bi, paddr_t rt_table)
{
	const struct efi_runtime_table *rt = map_phys(rt_table);
	unsigned int n;

	if (rt_table == 0 || rt == NULL || rt->signature != RT_SIGNATURE) {
		pr_warn("EFI: the table of runtime services is damaged: no variables for dom0\n");
		return;
	}
	n = regions_map(bi);
	if (n == 0) {
		pr_warn("EFI: no usable memory map from the loader: no variables for dom0\n");
		return;
	}
	for (unsigned int i = 0; i < EFI_NR_SERVICES; i++) {
		if (i >= EFI_UPDATE_CAPSULE && rt->revision < RT_HAS_INFO) {
			break;
		}
		efi_services[i] = is_runtime_code(rt->fn[i]) ? rt->fn[i] : 0;
	}
	memcpy(&efi_l4[HV_SLOT_FIRST], &hv_l4[HV_SLOT_FIRST],
	       (HV_SLOT_LAST - HV_SLOT_FIRST + 1) * sizeof(efi_l4[0]));
	efi_cr3 = paging_walk((unsigned long)efi_l4);
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

static bool uses_clock(enum efi_service s)
{
	return s <= EFI_SET_WAKEUP_TIME;
}

uint64_t efi_runtime_call(enum efi_service s, const uint64_t arg[5])
{
	struct vcpu *v = current_vcpu();
	uint64_t status;

	if (s >= EFI_NR_SERVICES || efi_services[s] == 0) {
		return EFI_UNSUPPORTED;
	}
	fpu_save(v);
	if (uses_clock(s)) {
		spin_lock(&cmos_lock);
	}
	status = firmware_call(efi_services[s], arg);
	if (uses_clock(s)) {
		spin_unlock(&cmos_lock);
	}
	this_cpu()->fpu_owner = NULL;
	fpu_load(v);
	return status;
}
