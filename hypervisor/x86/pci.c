// SPDX-License-Identifier: MIT
/*
 * PCI configuration space: by ports 0xcf8/0xcfc for the first 256 bytes of segment 0,
 * by the memory windows of the MCFG table for everything else, and for all of it on
 * machines without the ports.
 *
 * pci_lock guards the port pair; it is a leaf, taken with interrupts off. A window is mapped
 * one bus (1 MiB) at a time, when first used, and for good: two CPUs that do it at the same
 * time make two mappings that are as good as each other.
 */
#include <dais/acpi.h>
#include <dais/atomic.h>
#include <dais/compiler.h>
#include <dais/io.h>
#include <dais/msi.h>
#include <dais/paging.h>
#include <dais/pci.h>
#include <dais/printk.h>
#include <dais/spinlock.h>

#define CF8		0xcf8
#define CFC		0xcfc
#define CF8_ENABLE	0x80000000u
#define ECAM_BUS_SHIFT	20
#define ECAM_BUS_SIZE	(1UL << ECAM_BUS_SHIFT)
#define MAX_CAPS	48

static spinlock_t pci_lock = SPINLOCK_INIT;
static bool have_ports __ro_after_init;
static volatile uint8_t *ecam_bus[ACPI_MAX_MCFG][256];

/* The ports are there when the address latch keeps what is written to it. */
void __init pci_init(void)
{
	uint32_t old = inl(CF8);

	outl(CF8_ENABLE, CF8);
	have_ports = inl(CF8) == CF8_ENABLE;
	outl(old, CF8);
	if (!have_ports && !acpi.nr_mcfg) {
		pr_warn("PCI: no way to configuration space: MSI will not work\n");
	}
}

/* ---- the memory windows ---- */

static volatile uint8_t *ecam_addr(pci_sbdf_t sbdf, unsigned int reg)
{
	unsigned int bus = PCI_BUS(sbdf);

	for (unsigned int i = 0; i < acpi.nr_mcfg; i++) {
		const struct acpi_mcfg *m = &acpi.mcfg[i];
		volatile uint8_t *p = atomic_read_acquire(&ecam_bus[i][bus]);

		if (m->segment != PCI_SEG(sbdf) || bus < m->first_bus || bus > m->last_bus) {
			continue;
		}
		if (!p) {
			p = map_mmio(m->base + ((paddr_t)bus << ECAM_BUS_SHIFT), ECAM_BUS_SIZE);
		}
		if (p) {
			atomic_set_release(&ecam_bus[i][bus], p);
		}
		return p ? p + (PCI_DEVFN(sbdf) << 12) + reg : NULL;
	}
	return NULL;
}

bool pci_ecam_decode(paddr_t pa, pci_sbdf_t *sbdf, unsigned int *reg)
{
	for (unsigned int i = 0; i < acpi.nr_mcfg; i++) {
		const struct acpi_mcfg *m = &acpi.mcfg[i];
		paddr_t first = m->base + ((paddr_t)m->first_bus << ECAM_BUS_SHIFT);
		paddr_t end = m->base + (((paddr_t)m->last_bus + 1) << ECAM_BUS_SHIFT);

		if (pa >= first && pa < end) {
			*sbdf = PCI_SBDF(m->segment, (pa - m->base) >> ECAM_BUS_SHIFT,
					 (pa >> 12) & 0xff);
			*reg = pa & 0xfff;
			return true;
		}
	}
	return false;
}

/* ---- the ports ---- */

static uint32_t ports_read(uint32_t cf8, unsigned int offset, unsigned int size)
{
	unsigned long flags = spin_lock_irqsave(&pci_lock);
	uint32_t v;

	outl(cf8, CF8);
	v = port_read(CFC + offset, size);
	spin_unlock_irqrestore(&pci_lock, flags);
	return v;
}

static void ports_write(uint32_t cf8, unsigned int offset, unsigned int size, uint32_t value)
{
	unsigned long flags = spin_lock_irqsave(&pci_lock);

	outl(cf8, CF8);
	port_write(CFC + offset, size, value);
	spin_unlock_irqrestore(&pci_lock, flags);
}

static bool by_ports(pci_sbdf_t sbdf, unsigned int reg)
{
	return have_ports && PCI_SEG(sbdf) == 0 && reg < 256;
}

static uint32_t cf8_of(pci_sbdf_t sbdf, unsigned int reg)
{
	return CF8_ENABLE | (sbdf & 0xffff) << 8 | (reg & 0xfc);
}

/* ---- access ---- */

uint32_t pci_read(pci_sbdf_t sbdf, unsigned int reg, unsigned int size)
{
	volatile uint8_t *p;

	if (by_ports(sbdf, reg)) {
		return ports_read(cf8_of(sbdf, reg), reg & 3, size);
	}
	p = ecam_addr(sbdf, reg);
	return p ? mmio_read(p, size) : 0xffffffffu >> (32 - 8 * size);
}

void pci_write(pci_sbdf_t sbdf, unsigned int reg, unsigned int size, uint32_t value)
{
	volatile uint8_t *p;

	if (by_ports(sbdf, reg)) {
		ports_write(cf8_of(sbdf, reg), reg & 3, size, value);
		return;
	}
	p = ecam_addr(sbdf, reg);
	if (p) {
		mmio_write(p, size, value);
	}
}

static bool access_sane(uint32_t cf8, unsigned int offset, unsigned int size)
{
	return have_ports && (cf8 & CF8_ENABLE) && offset + size <= 4 &&
	       (size == 1 || (size == 2 && !(offset & 1)) || size == 4);
}

uint32_t pci_dom0_read(uint32_t cf8, unsigned int offset, unsigned int size)
{
	return access_sane(cf8, offset, size) ? ports_read(cf8, offset, size) : 0xffffffffu;
}

void pci_dom0_write(uint32_t cf8, unsigned int offset, unsigned int size, uint32_t value)
{
	pci_sbdf_t sbdf = (cf8 >> 8) & 0xffff;

	if (access_sane(cf8, offset, size) &&
	    !msi_cfg_write_filter(sbdf, (cf8 & 0xfc) + offset, size, &value)) {
		ports_write(cf8, offset, size, value);
	}
}

/* ---- what a function looks like ---- */

bool pci_device_present(pci_sbdf_t sbdf)
{
	uint32_t id = pci_read(sbdf, PCI_VENDOR_ID, 4);

	return (id & 0xffff) != 0xffff && id != 0;
}

unsigned int pci_find_cap(pci_sbdf_t sbdf, uint8_t id)
{
	unsigned int pos;

	if (!pci_device_present(sbdf) || !(pci_read(sbdf, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST)) {
		return 0;
	}
	pos = pci_read(sbdf, PCI_CAP_PTR, 1) & 0xfc;
	for (unsigned int n = 0; n < MAX_CAPS && pos >= 0x40; n++) {
		uint32_t head = pci_read(sbdf, pos, 2);

		if ((head & 0xff) == id) {
			return pos;
		}
		pos = (head >> 8) & 0xfc;
	}
	return 0;
}

paddr_t pci_bar_base(pci_sbdf_t sbdf, unsigned int bar)
{
	unsigned int type = pci_read(sbdf, PCI_HEADER_TYPE, 1) & 0x7f;
	unsigned int nr_bars = type == 0 ? 6 : type == 1 ? 2 : 0;
	uint32_t lo, hi = 0;

	if (bar >= nr_bars) {
		return 0;
	}
	lo = pci_read(sbdf, PCI_BAR0 + 4 * bar, 4);
	if (lo & 1) {
		return 0;
	}
	if ((lo & 6) == 4 && bar + 1 < nr_bars) {
		hi = pci_read(sbdf, PCI_BAR0 + 4 * bar + 4, 4);
	}
	return ((paddr_t)hi << 32) | (lo & ~0xfu);
}
