// SPDX-License-Identifier: MIT
/*
 * The MADT: which CPUs and interrupt controllers there are, and how ISA interrupts and
 * NMI lines are wired. Fills its part of `acpi`; boot CPU only.
 *
 * A row per entry type says the least length the entry must have and who reads it.
 * The walk stops at the first entry that does not fit in the table.
 */
#include <dais/acpi.h>
#include <dais/compiler.h>
#include <dais/printk.h>
#include <dais/string.h>

#define MADT_FIRST_ENTRY	44
#define CPU_ENABLED		1u

static uint32_t get(const uint8_t *e, unsigned int off, unsigned int size)
{
	uint32_t v = 0;

	memcpy(&v, e + off, size);
	return v;
}

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
	if (acpi.nr_cpus == NR_CPUS) {
		acpi.nr_cpus_dropped++;
		return;
	}
	acpi.cpus[acpi.nr_cpus++] = (struct acpi_cpu){ apic_id, acpi_id };
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
		pr_warn("ACPI: %u CPUs with APIC ids above %u left out: reaching them takes x2APIC, which this "
			"machine lacks or has switched off in its firmware\n", acpi.nr_cpus - kept, max_apic_id);
		acpi.nr_cpus = kept;
	}
}

static void __init read_lapic(const uint8_t *e)
{
	if (e[3] != 0xff) {
		cpu_add(e[3], e[2], get(e, 4, 4));
	}
}

static void __init read_x2apic(const uint8_t *e)
{
	if (get(e, 4, 4) != 0xffffffffu) {
		cpu_add(get(e, 4, 4), get(e, 12, 4), get(e, 8, 4));
	}
}

static void __init read_ioapic(const uint8_t *e)
{
	if (acpi.nr_ioapics < ACPI_MAX_IOAPICS && get(e, 4, 4)) {
		acpi.ioapics[acpi.nr_ioapics++] = (struct acpi_ioapic){
			.id = e[2], .address = get(e, 4, 4), .gsi_base = get(e, 8, 4),
		};
	}
}

static void __init read_override(const uint8_t *e)
{
	if (e[2] == 0 && e[3] < 16 && acpi.nr_overrides < ACPI_MAX_OVERRIDES) {
		acpi.overrides[acpi.nr_overrides++] = (struct acpi_override){
			.source = e[3], .gsi = get(e, 4, 4), .flags = get(e, 8, 2),
		};
	}
}

static void __init nmi_add(uint32_t acpi_id, uint16_t flags, uint8_t lint)
{
	if (acpi.nr_lapic_nmis < ACPI_MAX_LAPIC_NMIS && lint < 2) {
		acpi.lapic_nmis[acpi.nr_lapic_nmis++] =
			(struct acpi_lapic_nmi){ acpi_id, flags, lint };
	}
}

static void __init read_lapic_nmi(const uint8_t *e)
{
	nmi_add(e[2] == 0xff ? ACPI_ALL_PROCESSORS : e[2], get(e, 3, 2), e[5]);
}

static void __init read_x2apic_nmi(const uint8_t *e)
{
	nmi_add(get(e, 4, 4), get(e, 2, 2), e[8]);
}

static const struct {
	uint8_t type, min_len;
	void (*read)(const uint8_t *e);
} readers[] = {
	{ 0, 8, read_lapic }, { 1, 12, read_ioapic }, { 2, 10, read_override },
	{ 4, 6, read_lapic_nmi }, { 9, 16, read_x2apic }, { 10, 12, read_x2apic_nmi },
};

static void __init entry_read(const uint8_t *e)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(readers); i++) {
		if (readers[i].type == e[0] && e[1] >= readers[i].min_len) {
			readers[i].read(e);
		}
	}
}

void __init acpi_parse_madt(const struct acpi_header *h)
{
	const uint8_t *base = (const uint8_t *)h;
	uint32_t off = MADT_FIRST_ENTRY;

	if (h->length < MADT_FIRST_ENTRY) {
		pr_warn("ACPI: MADT too short: ignored\n");
		return;
	}
	acpi.has_8259 = get(base, 40, 4) & 1;
	while (off + 2 <= h->length && base[off + 1] >= 2 && off + base[off + 1] <= h->length) {
		entry_read(base + off);
		off += base[off + 1];
	}
	if (acpi.nr_cpus_dropped) {
		pr_warn("ACPI: %u CPUs left out: this build handles %u\n",
			acpi.nr_cpus_dropped, NR_CPUS);
	}
}
