/* SPDX-License-Identifier: MIT */
/*
 * What Dais takes from the ACPI tables: CPUs, interrupt controllers, power and reset
 * registers, timers, PCI config windows. Everything is copied out of the tables once
 * at boot into `acpi`, and is read-only afterwards: no lock.
 *
 * Tables are only trusted when length and checksum fit. Without ACPI (have_acpi
 * false) Dais boots on one CPU with the conventional APIC addresses.
 */
#ifndef DAIS_ACPI_H
#define DAIS_ACPI_H

#include <dais/cpumask.h>
#include <dais/types.h>

#define ACPI_MAX_IOAPICS	16
#define ACPI_MAX_OVERRIDES	32
#define ACPI_MAX_LAPIC_NMIS	16
#define ACPI_MAX_MCFG		8
#define ACPI_ALL_PROCESSORS	0xffffffffu

enum acpi_space { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1, ACPI_SPACE_PCI = 2 };

/* A register as ACPI describes it; address 0 = not there. */
struct acpi_gas {
	uint8_t space, width;	/* 8, 16 or 32 bits */
	uint64_t address;
	volatile void *va;	/* where a memory register is mapped, which it is when it is there */
};

struct acpi_cpu {
	uint32_t apic_id;
	uint32_t acpi_id;	/* processor id or UID */
};

struct acpi_ioapic {
	uint8_t id;
	uint32_t gsi_base;
	paddr_t address;
};

/* ISA interrupt `source` arrives on `gsi` with MPS flags: 1 high 3 low; 4 edge 12 level. */
struct acpi_override {
	uint8_t source;
	uint16_t flags;
	uint32_t gsi;
};

struct acpi_lapic_nmi {
	uint32_t acpi_id;	/* ACPI_ALL_PROCESSORS for all */
	uint16_t flags;
	uint8_t lint;
};

/* ECAM window: config space of (segment, first..last bus) starts at `base` for bus 0. */
struct acpi_mcfg {
	paddr_t base;
	uint16_t segment;
	uint8_t first_bus, last_bus;
};

struct acpi_info {
	bool have_acpi;

	bool has_8259;
	unsigned int nr_cpus;	/* usable CPUs found, <= NR_CPUS */
	unsigned int nr_cpus_dropped;	/* found but beyond NR_CPUS */
	struct acpi_cpu cpus[NR_CPUS];
	unsigned int nr_ioapics, nr_overrides, nr_lapic_nmis;
	struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
	struct acpi_override overrides[ACPI_MAX_OVERRIDES];
	struct acpi_lapic_nmi lapic_nmis[ACPI_MAX_LAPIC_NMIS];

	uint16_t boot_arch;	/* IAPC_BOOT_ARCH; 0 when the table is too old to have it */
	uint32_t fadt_flags;
	struct acpi_gas pm1a_cnt, pm1b_cnt, pm_timer, reset_reg;
	struct acpi_gas sleep_ctl;	/* hardware-reduced machines only */
	uint8_t reset_value;
	bool has_s5;
	uint8_t s5_typ_a, s5_typ_b;
	uint16_t smi_port;
	uint8_t acpi_enable_cmd;

	paddr_t hpet_base;	/* 0 = none */
	unsigned int nr_mcfg;
	struct acpi_mcfg mcfg[ACPI_MAX_MCFG];
};

extern struct acpi_info acpi;

#define ACPI_FADT_RESET_REG	(1u << 10)
#define ACPI_FADT_TMR_VAL_EXT	(1u << 8)
#define ACPI_FADT_HW_REDUCED	(1u << 20)

/* Common header of every system description table. */
struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((__packed__));

struct boot_info;

/*
 * Find and read everything, from the loader's copy of the RSDP or by scanning low memory.
 * Never fails: says what is missing and leaves it out.
 */
void acpi_init(const struct boot_info *bi);

void acpi_parse_madt(const struct acpi_header *h);

/* Leave out the CPUs that this kind of APIC cannot name. Boot only, before they are started. */
void acpi_cpus_limit(uint32_t max_apic_id);

/* Look for the \_S5_ package in AML of `len` bytes; false when it is not there. Pure. */
bool acpi_aml_find_s5(const uint8_t *aml, size_t len, uint8_t *typ_a, uint8_t *typ_b);

/* Register access by generic address; width in bits from the structure. -XEN_ENODEV when absent. */
int acpi_gas_read(const struct acpi_gas *gas, uint32_t *value);
int acpi_gas_write(const struct acpi_gas *gas, uint32_t value);

/*
 * XENPF_enter_acpi_sleep: the values dom0 would have written to PM1a/b control (not used on a
 * hardware-reduced machine, which has neither).
 * S5 does not return; other states give -XEN_EOPNOTSUPP.
 */
int acpi_enter_sleep(unsigned int state, uint16_t pm1a, uint16_t pm1b);

#endif /* DAIS_ACPI_H */
