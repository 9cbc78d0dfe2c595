// SPDX-License-Identifier: MIT
/*
 * Finding and checking ACPI tables, and reading the fixed ones: FADT, MADT, HPET, MCFG.
 *
 * Owns `acpi`, filled once on the boot CPU and constant afterwards. A table counts only
 * when it lies where memory can be, its length is sane and its bytes sum to zero; fields
 * beyond a table's length read as zero, which is how older revisions show that they lack
 * something. A register out of reach counts as not there.
 */
#include <dais/acpi.h>
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/paging.h>
#include <dais/printk.h>
#include <dais/string.h>

#define HPET_LEN	1024
#define MADT_FIRST_ENTRY 44
#define CPU_ENABLED	1u
#define TABLE_MAX_LEN	(16 * MiB)
#define MAX_TABLES	128

struct acpi_info acpi;

static const struct acpi_header *tables[MAX_TABLES];
static unsigned int nr_tables;

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t ext_checksum;
	uint8_t reserved[3];
} __packed;

static bool acpi_sum_ok(const void *p, size_t len)
{
	uint8_t sum = 0;

	for (const uint8_t *b = p; len > 0; len--) {
		sum += *b++;
	}
	return sum == 0;
}

/* ---- fields of a table, zero when it is too short to have them ---- */

static uint64_t field(const struct acpi_header *h, unsigned int off, unsigned int size)
{
	uint64_t v = 0;

	if (off + size <= h->length) {
		memcpy(&v, (const uint8_t *)h + off, size);
	}
	return v;
}

/*
 * A register at its 64-bit description, or else, for those that have one, at the old I/O port.
 * Firmware is known to leave the width out or to give that of the whole block.
 */
static struct acpi_gas __init gas_read(const struct acpi_header *h, unsigned int off,
				       unsigned int port_off, unsigned int width)
{
	struct acpi_gas g = {
		.space = field(h, off, 1), .width = width, .address = field(h, off + 4, 8),
	};

	if (!g.address && port_off) {
		g.space = ACPI_SPACE_IO;
		g.address = field(h, port_off, 4);
	}
	if (g.space == ACPI_SPACE_MEMORY && g.address) {
		/* Now: in the last moments of a run nothing can be mapped any more. */
		g.va = map_mmio(g.address, 8);
		if (!g.va) {
			pr_warn("ACPI: register at %#lx is out of reach: ignored\n", g.address);
			g.address = 0;
		}
	}
	return g;
}

/* ---- RSDP and the root table ---- */

static bool __init rsdp_ok(const struct acpi_rsdp *r, size_t have)
{
	if (memcmp(r->signature, "RSD PTR ", 8) || !acpi_sum_ok(r, 20)) {
		return false;
	}
	return r->revision < 2 ||
	       (r->length >= sizeof(*r) && r->length <= have && acpi_sum_ok(r, r->length));
}

static paddr_t __init rsdp_scan(paddr_t from, paddr_t to)
{
	for (paddr_t pa = ROUND_UP(from, 16); pa + sizeof(struct acpi_rsdp) <= to; pa += 16) {
		if (rsdp_ok(map_phys(pa), PAGE_SIZE)) {
			return pa;
		}
	}
	return 0;
}

/* Where the ACPI specification has a BIOS put it: first KiB of the EBDA, or the ROM area. */
static paddr_t __init rsdp_find(void)
{
	uint16_t ebda_segment;
	paddr_t ebda, pa;

	memcpy(&ebda_segment, map_phys(0x40e), sizeof(ebda_segment));
	ebda = (paddr_t)ebda_segment << 4;
	pa = ebda >= 0x400 && ebda < 0xa0000 ? rsdp_scan(ebda, ebda + 1024) : 0;
	return pa ? pa : rsdp_scan(0xe0000, 0x100000);
}

static const void *table_map(paddr_t pa, size_t len)
{
	const void *p = len <= MAP_PHYS_LEN ? map_phys(pa) : map_mmio(pa, len);

	if (!p) {
		pr_warn("ACPI: table at %#lx is out of reach: ignored\n", pa);
	}
	return p;
}

static const struct acpi_header *table_check(paddr_t pa)
{
	const struct acpi_header *h = pa ? table_map(pa, sizeof(*h)) : NULL;
	uint32_t len = h ? h->length : 0;

	if (!h) {
		return NULL;
	}
	if (len < sizeof(*h) || len > TABLE_MAX_LEN) {
		pr_warn("ACPI: table at %#lx has length %u: ignored\n", pa, len);
		return NULL;
	}
	h = table_map(pa, len);
	if (h && !acpi_sum_ok(h, len)) {
		pr_warn("ACPI: table %.4s at %#lx has a bad checksum: ignored\n", h->signature, pa);
		return NULL;
	}
	return h;
}

static const struct acpi_header *__init root_check(paddr_t pa, const char sig[4])
{
	const struct acpi_header *h = table_check(pa);

	return h && !memcmp(h->signature, sig, 4) ? h : NULL;
}

static bool __init root_read(const struct acpi_rsdp *r)
{
	const struct acpi_header *root = NULL, *h;
	unsigned int size = 8;

	if (r->revision >= 2 && r->xsdt) {
		root = root_check(r->xsdt, "XSDT");
	}
	if (!root) {
		size = 4;
		root = root_check(r->rsdt, "RSDT");
	}
	if (!root) {
		return false;
	}
	for (uint32_t off = sizeof(*root); off + size <= root->length; off += size) {
		h = nr_tables < MAX_TABLES ? table_check(field(root, off, size)) : NULL;
		if (h) {
			tables[nr_tables++] = h;
		}
	}
	return true;
}

static const struct acpi_header *table_next(const char sig[4], unsigned int *pos)
{
	while (*pos < nr_tables) {
		const struct acpi_header *h = tables[(*pos)++];

		if (!memcmp(h->signature, sig, 4)) {
			return h;
		}
	}
	return NULL;
}

/* ---- the fixed tables ---- */

static void __init s5_read(paddr_t dsdt)
{
	const struct acpi_header *h = table_check(dsdt);
	unsigned int pos = 0;

	if (!h) {
		h = table_next("SSDT", &pos);
	}
	for (; h && !acpi.has_s5; h = table_next("SSDT", &pos)) {
		acpi.has_s5 = acpi_aml_find_s5((const uint8_t *)(h + 1), h->length - sizeof(*h),
					       &acpi.s5_typ_a, &acpi.s5_typ_b);
	}
}

static void __init fadt_read(const struct acpi_header *h)
{
	uint64_t dsdt = field(h, 140, 8);

	acpi.smi_port = field(h, 48, 4);
	acpi.acpi_enable_cmd = field(h, 52, 1);
	acpi.boot_arch = field(h, 109, 2);
	acpi.fadt_flags = field(h, 112, 4);
	acpi.pm1a_cnt = gas_read(h, 172, 64, 16);
	acpi.pm1b_cnt = gas_read(h, 184, 68, 16);
	acpi.pm_timer = gas_read(h, 208, 76, 32);
	if (acpi.fadt_flags & ACPI_FADT_RESET_REG) {
		acpi.reset_reg = gas_read(h, 116, 0, 8);
		acpi.reset_value = field(h, 128, 1);
	}
	if (acpi.fadt_flags & ACPI_FADT_HW_REDUCED) {
		acpi.sleep_ctl = gas_read(h, 244, 0, 8);
	}
	s5_read(dsdt ? dsdt : field(h, 40, 4));
}

static void __init hpet_read(const struct acpi_header *h)
{
	paddr_t base = field(h, 44, 8);

	if (field(h, 40, 1) != ACPI_SPACE_MEMORY || !base) {
		return;
	}
	if (!paging_reaches(base, HPET_LEN)) {
		pr_warn("ACPI: HPET at %#lx is out of reach: ignored\n", base);
		return;
	}
	acpi.hpet_base = base;
}

static void __init mcfg_read(const struct acpi_header *h)
{
	for (unsigned int off = 44; off + 16 <= h->length && acpi.nr_mcfg < ACPI_MAX_MCFG;
	     off += 16) {
		struct acpi_mcfg m = {
			.base = field(h, off, 8), .segment = field(h, off + 8, 2),
			.first_bus = field(h, off + 10, 1), .last_bus = field(h, off + 11, 1),
		};

		if (!m.base || !IS_ALIGNED(m.base, MiB) || m.first_bus > m.last_bus) {
			continue;
		}
		if (!paging_reaches(m.base, (m.last_bus + 1) * MiB)) {
			pr_warn("ACPI: config window at %#lx is out of reach: ignored\n", m.base);
			continue;
		}
		acpi.mcfg[acpi.nr_mcfg++] = m;
	}
}

/* ---- the MADT: CPUs and interrupt controllers, how ISA interrupts and NMI lines are wired ---- */

static void __init cpu_add(uint32_t apic_id, uint32_t acpi_id, uint32_t flags)
{
	if (!(flags & CPU_ENABLED)) {
		return;
	}
	/* Firmware may list a CPU both as a local APIC and as an x2APIC. */
	for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
		if (acpi.cpus[i].apic_id == apic_id) {
			return;
		}
	}
	if (acpi.nr_cpus < NR_CPUS) {
		acpi.cpus[acpi.nr_cpus++] = (struct acpi_cpu){ apic_id, acpi_id };
	} else {
		acpi.nr_cpus_dropped++;
	}
}

void __init acpi_cpus_limit(uint32_t max_apic_id)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
		if (acpi.cpus[i].apic_id <= max_apic_id) {
			acpi.cpus[kept++] = acpi.cpus[i];
		}
	}
	if (kept < acpi.nr_cpus) {
		pr_warn("ACPI: %u CPUs with APIC ids above %u left out: reaching them takes x2APIC, "
			"which this machine lacks or has switched off in its firmware\n",
			acpi.nr_cpus - kept, max_apic_id);
		acpi.nr_cpus = kept;
	}
}

static void __init nmi_add(uint32_t acpi_id, uint16_t flags, uint8_t lint)
{
	if (acpi.nr_lapic_nmis < ACPI_MAX_LAPIC_NMIS && lint < 2) {
		acpi.lapic_nmis[acpi.nr_lapic_nmis++] =
			(struct acpi_lapic_nmi){ acpi_id, flags, lint };
	}
}

/* Entries, by their offset in the table. */

static void __init read_lapic(const struct acpi_header *h, uint32_t e)
{
	if (field(h, e + 3, 1) != 0xff) {
		cpu_add(field(h, e + 3, 1), field(h, e + 2, 1), field(h, e + 4, 4));
	}
}

static void __init read_x2apic(const struct acpi_header *h, uint32_t e)
{
	if (field(h, e + 4, 4) != 0xffffffffu) {
		cpu_add(field(h, e + 4, 4), field(h, e + 12, 4), field(h, e + 8, 4));
	}
}

static void __init read_ioapic(const struct acpi_header *h, uint32_t e)
{
	if (acpi.nr_ioapics < ACPI_MAX_IOAPICS && field(h, e + 4, 4)) {
		acpi.ioapics[acpi.nr_ioapics++] = (struct acpi_ioapic){
			.id = field(h, e + 2, 1), .address = field(h, e + 4, 4),
			.gsi_base = field(h, e + 8, 4),
		};
	}
}

static void __init read_override(const struct acpi_header *h, uint32_t e)
{
	uint8_t bus = field(h, e + 2, 1), source = field(h, e + 3, 1);

	if (bus == 0 && source < 16 && acpi.nr_overrides < ACPI_MAX_OVERRIDES) {
		acpi.overrides[acpi.nr_overrides++] = (struct acpi_override){
			.source = source, .gsi = field(h, e + 4, 4), .flags = field(h, e + 8, 2),
		};
	}
}

static void __init read_lapic_nmi(const struct acpi_header *h, uint32_t e)
{
	uint8_t id = field(h, e + 2, 1);

	nmi_add(id == 0xff ? ACPI_ALL_PROCESSORS : id, field(h, e + 3, 2), field(h, e + 5, 1));
}

static void __init read_x2apic_nmi(const struct acpi_header *h, uint32_t e)
{
	nmi_add(field(h, e + 4, 4), field(h, e + 2, 2), field(h, e + 8, 1));
}

/* The walk stops at the first entry that does not fit in the table. */
void __init acpi_parse_madt(const struct acpi_header *h)
{
	static const struct {
		uint8_t type, min_len;
		void (*read)(const struct acpi_header *h, uint32_t e);
	} readers[] = {
		{ 0, 8, read_lapic }, { 1, 12, read_ioapic }, { 2, 10, read_override },
		{ 4, 6, read_lapic_nmi }, { 9, 16, read_x2apic }, { 10, 12, read_x2apic_nmi },
	};
	uint32_t len, e = MADT_FIRST_ENTRY;

	if (h->length < MADT_FIRST_ENTRY) {
		pr_warn("ACPI: MADT too short: ignored\n");
		return;
	}
	acpi.has_8259 = field(h, 40, 4) & 1;
	for (; (len = field(h, e + 1, 1)) >= 2 && e + len <= h->length; e += len) {
		for (unsigned int i = 0; i < ARRAY_SIZE(readers); i++) {
			if (readers[i].type == field(h, e, 1) && len >= readers[i].min_len) {
				readers[i].read(h, e);
			}
		}
	}
	if (acpi.nr_cpus_dropped) {
		pr_warn("ACPI: %u CPUs left out: this build handles %u\n",
			acpi.nr_cpus_dropped, NR_CPUS);
	}
}

/* ---- all of them ---- */

static bool __init tables_find(const struct boot_info *bi)
{
	struct acpi_rsdp r = { 0 };
	paddr_t pa;

	memcpy(&r, bi->rsdp, min((size_t)bi->rsdp_len, sizeof(r)));
	if (!bi->rsdp_len || !rsdp_ok(&r, sizeof(r))) {
		pa = rsdp_find();
		if (!pa) {
			pr_warn("ACPI: no RSDP found: one CPU, no power-off\n");
			return false;
		}
		memcpy(&r, map_phys(pa), sizeof(r));
	}
	if (!root_read(&r)) {
		pr_warn("ACPI: the RSDP names no valid root table\n");
		return false;
	}
	return true;
}

void __init acpi_init(const struct boot_info *bi)
{
	static const struct {
		char sig[5];
		void (*read)(const struct acpi_header *h);
	} readers[] = {
		{ "FACP", fadt_read }, { "APIC", acpi_parse_madt },
		{ "HPET", hpet_read }, { "MCFG", mcfg_read },
	};

	acpi.has_8259 = true;
	nr_tables = 0;
	acpi.have_acpi = tables_find(bi);
	for (unsigned int i = 0; acpi.have_acpi && i < ARRAY_SIZE(readers); i++) {
		unsigned int pos = 0;
		const struct acpi_header *h = table_next(readers[i].sig, &pos);

		if (h) {
			readers[i].read(h);
		}
	}
	pr_info("ACPI: %u tables; %u CPUs, %u IO-APICs; S5 %s; PM timer %s; HPET %s; "
		"%u config windows\n", nr_tables, acpi.nr_cpus, acpi.nr_ioapics,
		acpi.has_s5 ? "yes" : "no", acpi.pm_timer.address ? "yes" : "no",
		acpi.hpet_base ? "yes" : "no", acpi.nr_mcfg);
}
