/* SPDX-License-Identifier: MIT */
/*
 * I/O ports of a PV domain. A mode may touch a port when its virtual IOPL or its I/O bitmap allows it; whether
 * the domain may is d->ioports. Ports that the hypervisor keeps for itself answer with all ones, a few are
 * virtual: the PCI configuration address latch, the CMOS index, and channel 2 of the timer, which calibration
 * loops of kernels use.
 */
#include <dais/cmos.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/io.h>
#include <dais/pci.h>
#include <dais/pv_emul.h>
#include <dais/rangeset.h>
#include <dais/x86.h>

#define PORT_PIT_CH2	0x42
#define PORT_PIT_MODE	0x43
#define PORT_SPEAKER	0x61
#define PORT_CMOS_INDEX	0x70
#define PORT_CMOS_DATA	0x71
#define PORT_PCI_ADDR	0xcf8
#define PORT_PCI_DATA	0xcfc

spinlock_t cmos_lock = SPINLOCK_INIT;

/* The bitmap is in the kernel's part of the guest, which the tables of its user mode do not show. */
static bool bitmap_byte(struct vcpu *v, unsigned long at, uint8_t *byte)
{
	bool ok;

	if (v->kernel_mode) {
		return copy_from_guest(byte, at, 1) == 0;
	}
	write_cr3(v->pv.kernel_cr3);
	ok = copy_from_guest(byte, at, 1) == 0;
	write_cr3(v->pv.user_cr3);
	return ok;
}

bool pv_port_allowed(struct vcpu *v, unsigned int port, unsigned int size)
{
	uint8_t bits[2] = { 0xff, 0xff };

	/* The guest's kernel counts as ring 1, its user mode as ring 3. */
	if (v->pv.iopl >= (v->kernel_mode ? 1 : 3)) {
		return true;
	}
	if (v->pv.iobmp == 0 || port + size > v->pv.iobmp_limit ||
	    !bitmap_byte(v, v->pv.iobmp + port / 8, &bits[0]) ||
	    ((port & 7) + size > 8 && !bitmap_byte(v, v->pv.iobmp + port / 8 + 1, &bits[1]))) {
		return false;
	}
	return !((((unsigned int)bits[1] << 8 | bits[0]) >> (port & 7)) & ((1U << size) - 1));
}

/*
 * What the hypervisor keeps for itself. Ones are what a read gives that reaches nothing.
 *
 * Timer channel 2 and its gate: nobody else uses them, so the owner of the hardware may. The mode
 * register cannot be read, and also reaches channels 0 and 1.
 */
static uint32_t timer2_access(unsigned int port, bool out, uint8_t val)
{
	if (!out) {
		return port == PORT_PIT_MODE ? ~0U : inb((uint16_t)port);
	}
	if (port == PORT_SPEAKER) {
		val = (uint8_t)((inb(PORT_SPEAKER) & ~3) | (val & 3));
	}
	if (port != PORT_PIT_MODE || (val >> 6) == 2) {
		outb(val, (uint16_t)port);
	}
	return 0;
}

/* The index the domain wrote is put back before each access: another domain's would mislead it. */
static uint32_t cmos_access(struct domain *d, unsigned int port, bool out, uint8_t val)
{
	if (port == PORT_CMOS_INDEX) {
		if (out) {
			d->cmos_index = val & 0x7f;
		}
		return d->cmos_index;
	}
	spin_lock(&cmos_lock);
	outb(d->cmos_index, PORT_CMOS_INDEX);
	if (out) {
		outb(val, PORT_CMOS_DATA);
	} else {
		val = inb(PORT_CMOS_DATA);
	}
	spin_unlock(&cmos_lock);
	return val;
}

/*
 * A port that is not the domain's, but there for the owner of the hardware. Returns what a read
 * gives.
 */
static uint32_t port_virtual(struct domain *d, unsigned int port, unsigned int size, bool out,
			     uint32_t val)
{
	if (!d->is_hardware) {
		return ~0U;
	}
	if (port == PORT_PCI_ADDR && size == 4) {
		if (out) {
			d->pci_cf8 = val;
		}
		return d->pci_cf8;
	}
	if (port >= PORT_PCI_DATA && port < PORT_PCI_DATA + 4) {
		if (out) {
			pci_dom0_write(d->pci_cf8, port - PORT_PCI_DATA, size, val);
			return 0;
		}
		return pci_dom0_read(d->pci_cf8, port - PORT_PCI_DATA, size);
	}
	if (size == 1 && (port == PORT_PIT_CH2 || port == PORT_PIT_MODE || port == PORT_SPEAKER)) {
		return timer2_access(port, out, (uint8_t)val);
	}
	if (size == 1 && (port == PORT_CMOS_INDEX || port == PORT_CMOS_DATA)) {
		return cmos_access(d, port, out, (uint8_t)val);
	}
	return ~0U;
}

uint32_t pv_port_read(struct vcpu *v, unsigned int port, unsigned int size)
{
	struct domain *d = v->domain;

	if (unlikely(!rangeset_contains(&d->ioports, port, port + size - 1))) {
		return port_virtual(d, port, size, false, 0);
	}
	return size == 1   ? inb((uint16_t)port)
	       : size == 2 ? inw((uint16_t)port)
			   : inl((uint16_t)port);
}

void pv_port_write(struct vcpu *v, unsigned int port, unsigned int size, uint32_t val)
{
	struct domain *d = v->domain;

	if (unlikely(!rangeset_contains(&d->ioports, port, port + size - 1))) {
		(void)port_virtual(d, port, size, true, val);
	} else if (size == 1) {
		outb((uint8_t)val, (uint16_t)port);
	} else if (size == 2) {
		outw((uint16_t)val, (uint16_t)port);
	} else {
		outl(val, (uint16_t)port);
	}
}
