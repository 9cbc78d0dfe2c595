// SPDX-License-Identifier: MIT
/*
 * Interrupt descriptors, and the way from a vector to whoever handles it.
 *
 * Locks: desc->lock guards one descriptor and is taken with interrupts off; inside it
 * come vector_lock (vector.c) and the chips' own. alloc_lock only guards the search for
 * a free descriptor. An interrupt is moved to another CPU when it arrives, where the
 * device is not about to send the next one; the vector it had before is kept until the
 * move after, so that a message already on its way still finds its handler.
 */
#include <dais/apic.h>
#include <dais/atomic.h>
#include <dais/compiler.h>
#include <dais/ioapic.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/regs.h>
#include <dais/smp.h>
#include <xen/errno.h>

#include "irq_private.h"

static struct irq_desc descs[NR_IRQS];
static unsigned int nr_gsis;
static spinlock_t alloc_lock = SPINLOCK_INIT;
static void (*fixed_handlers[256 - VECTOR_DYN_LAST])(struct regs *regs);
static uint32_t spurious_count;

/* ---- the IO-APIC as an irq chip: irq number and GSI are the same ---- */

static void gsi_mask(struct irq_desc *desc)
{
	ioapic_mask(desc->irq);
}

static void gsi_unmask(struct irq_desc *desc)
{
	ioapic_unmask(desc->irq);
}

static void gsi_route(struct irq_desc *desc, uint32_t apic_id, uint8_t vector)
{
	ioapic_route(desc->irq, apic_id, vector);
}

static void gsi_eoi_level(struct irq_desc *desc, uint8_t vector)
{
	ioapic_eoi(desc->irq, vector);
}

static const struct irq_chip gsi_chip = {
	.name = "IO-APIC", .mask = gsi_mask, .unmask = gsi_unmask,
	.route = gsi_route, .eoi_level = gsi_eoi_level,
};

/* ---- descriptors ---- */

static void desc_reset(struct irq_desc *desc, const struct irq_chip *chip, void *data)
{
	desc->chip_data = data;
	desc->user = IRQ_FREE;
	desc->level = false;
	desc->masked = true;
	desc->share = false;
	desc->nr_guests = 0;
	desc->in_flight = 0;
	desc->vector = 0;
	desc->old_vector = 0;
	desc->move_cpu = -1;
	desc->count = 0;
	atomic_set_release(&desc->chip, chip);
}

void __init irq_init(void)
{
	nr_gsis = ioapic_nr_gsis();
	for (unsigned int i = 0; i < NR_IRQS; i++) {
		spin_lock_init(&descs[i].lock);
		descs[i].irq = i;
		desc_reset(&descs[i], NULL, NULL);
		if (ioapic_gsi_valid(i)) {
			desc_reset(&descs[i], &gsi_chip, NULL);
			descs[i].level = ioapic_is_level(i);
		}
	}
	irq_set_vector_handler(VECTOR_APIC_ERROR, apic_error_interrupt);
}

unsigned int irq_nr_gsis(void)
{
	return nr_gsis;
}

struct irq_desc *irq_desc(unsigned int irq)
{
	struct irq_desc *desc;

	if (irq >= NR_IRQS) {
		return NULL;
	}
	desc = &descs[array_index_nospec(irq, NR_IRQS)];
	return atomic_read_acquire(&desc->chip) ? desc : NULL;
}

int irq_alloc(const struct irq_chip *chip, void *chip_data)
{
	unsigned long flags = spin_lock_irqsave(&alloc_lock);
	int irq = -XEN_ENOSPC;

	for (unsigned int i = nr_gsis; i < NR_IRQS; i++) {
		if (!atomic_read(&descs[i].chip)) {
			desc_reset(&descs[i], chip, chip_data);
			irq = i;
			break;
		}
	}
	spin_unlock_irqrestore(&alloc_lock, flags);
	return irq;
}

void irq_free(unsigned int irq)
{
	struct irq_desc *desc = irq_desc(irq);
	unsigned long flags;

	if (!desc || irq < nr_gsis) {
		return;
	}
	flags = spin_lock_irqsave(&desc->lock);
	irq_shutdown(desc);
	desc_reset(desc, NULL, NULL);
	spin_unlock_irqrestore(&desc->lock, flags);
}

/* ---- vectors, masks, moves: desc->lock held ---- */

void irq_mask_locked(struct irq_desc *desc)
{
	if (!desc->masked) {
		desc->masked = true;
		desc->chip->mask(desc);
	}
}

void irq_unmask_locked(struct irq_desc *desc)
{
	if (desc->masked) {
		desc->masked = false;
		desc->chip->unmask(desc);
	}
}

static bool assign_on(struct irq_desc *desc, unsigned int cpu)
{
	uint8_t v;

	if (!apic_id_addressable(cpu_ptr(cpu)->apic_id)) {
		return false;
	}
	/* The same number again makes the change a single write for an MSI. */
	v = vector_alloc(cpu, desc->irq, desc->vector);
	if (!v) {
		return false;
	}
	if (desc->old_vector) {
		vector_free(desc->old_cpu, desc->old_vector);
	}
	desc->old_vector = desc->vector;
	desc->old_cpu = desc->cpu;
	desc->vector = v;
	desc->cpu = cpu;
	desc->chip->route(desc, cpu_ptr(cpu)->apic_id, v);
	return true;
}

void irq_move_pending(struct irq_desc *desc)
{
	unsigned int cpu = desc->move_cpu;

	if (desc->move_cpu < 0) {
		return;
	}
	desc->move_cpu = -1;
	if (desc->vector && cpu != desc->cpu && !assign_on(desc, cpu)) {
		gpr_debug("irq %u: no free vector on CPU %u, stays\n", desc->irq, cpu);
	}
}

static int assign_any(struct irq_desc *desc)
{
	unsigned int cpu = desc->move_cpu >= 0 ? (unsigned int)desc->move_cpu : cpu_id();
	bool done;

	if (desc->vector) {
		return 0;
	}
	done = assign_on(desc, cpu);
	if (!done) {
		cpumask_for_each(cpu, &cpu_online_mask) {
			done = assign_on(desc, cpu);
			if (done) {
				break;
			}
		}
	}
	desc->move_cpu = -1;
	return done ? 0 : -XEN_ENOSPC;
}

int irq_start(struct irq_desc *desc)
{
	int rc = assign_any(desc);

	if (!rc) {
		irq_unmask_locked(desc);
	}
	return rc;
}

int irq_reserve_vector(unsigned int irq)
{
	struct irq_desc *desc = irq_desc(irq);
	unsigned long flags;
	int rc = -XEN_EBUSY;

	if (!desc) {
		return -XEN_ENODEV;
	}
	flags = spin_lock_irqsave(&desc->lock);
	if (desc->user == IRQ_FREE) {
		rc = assign_any(desc);
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

void irq_shutdown(struct irq_desc *desc)
{
	irq_mask_locked(desc);
	if (desc->vector) {
		vector_free(desc->cpu, desc->vector);
	}
	if (desc->old_vector) {
		vector_free(desc->old_cpu, desc->old_vector);
	}
	desc->vector = 0;
	desc->old_vector = 0;
	desc->in_flight = 0;
	desc->user = IRQ_FREE;
}

int irq_set_affinity(unsigned int irq, unsigned int cpu)
{
	struct irq_desc *desc = irq_desc(irq);
	unsigned long flags;

	if (!desc || cpu >= NR_CPUS || !cpumask_test(&cpu_online_mask, cpu)) {
		return -XEN_EINVAL;
	}
	flags = spin_lock_irqsave(&desc->lock);
	desc->move_cpu = desc->vector && desc->cpu == cpu ? -1 : (int)cpu;
	spin_unlock_irqrestore(&desc->lock, flags);
	return 0;
}

/* ---- arrival ---- */

static bool in_service(unsigned int vector)
{
	return (apic_read(APIC_ISR + (vector / 32) * 16) >> (vector % 32)) & 1;
}

static void irq_spurious(unsigned int vector)
{
	if (in_service(vector)) {
		apic_eoi();
	}
	atomic_inc(&spurious_count);
	gpr_debug("CPU %u: interrupt vector %#x has no owner\n", cpu_id(), vector);
}

/* A level source would interrupt again at once: it stays masked while it is handled. */
static void irq_ack(struct irq_desc *desc, unsigned int vector)
{
	if (desc->level) {
		irq_mask_locked(desc);
		apic_eoi();
		if (desc->chip->eoi_level) {
			desc->chip->eoi_level(desc, vector);
		}
	} else {
		irq_move_pending(desc);
		apic_eoi();
	}
}

static void irq_hypervisor_arrived(struct irq_desc *desc, struct regs *regs)
{
	irq_handler_t handler = desc->handler;
	void *arg = desc->arg;

	spin_unlock(&desc->lock);
	handler(desc->irq, arg, regs);
	spin_lock(&desc->lock);
	if (desc->level && desc->user == IRQ_HYPERVISOR) {
		irq_move_pending(desc);
		irq_unmask_locked(desc);
	}
	spin_unlock(&desc->lock);
}

static void irq_device(unsigned int vector, struct regs *regs)
{
	int irq = vector_lookup(cpu_id(), vector);
	struct irq_desc *desc = irq < 0 ? NULL : &descs[irq];

	if (!desc) {
		irq_spurious(vector);
		return;
	}
	spin_lock(&desc->lock);
	if (!desc->chip || desc->user == IRQ_FREE) {
		spin_unlock(&desc->lock);
		irq_spurious(vector);
		return;
	}
	desc->count++;
	irq_ack(desc, vector);
	if (desc->user == IRQ_GUEST) {
		irq_guest_arrived(desc);
	} else {
		irq_hypervisor_arrived(desc, regs);
	}
}

void irq_set_vector_handler(unsigned int vector, void (*fn)(struct regs *regs))
{
	fixed_handlers[vector - VECTOR_DYN_LAST - 1] = fn;
}

void irq_dispatch(unsigned int vector, struct regs *regs)
{
	void (*fn)(struct regs *regs);

	if (vector <= VECTOR_DYN_LAST) {
		irq_device(vector, regs);
		return;
	}
	if (vector == VECTOR_SPURIOUS) {
		apic_spurious_interrupt();
		return;
	}
	apic_eoi();
	fn = fixed_handlers[vector - VECTOR_DYN_LAST - 1];
	if (fn) {
		fn(regs);
	}
}

/* ---- hypervisor-owned interrupts, set-up of lines ---- */

int irq_request(unsigned int irq, irq_handler_t handler, void *arg, const char *name)
{
	struct irq_desc *desc = irq_desc(irq);
	unsigned long flags;
	int rc = -XEN_EBUSY;

	if (!desc) {
		return -XEN_ENODEV;
	}
	flags = spin_lock_irqsave(&desc->lock);
	if (desc->user == IRQ_FREE) {
		desc->handler = handler;
		desc->arg = arg;
		desc->name = name;
		desc->user = IRQ_HYPERVISOR;
		rc = irq_start(desc);
		if (rc) {
			desc->user = IRQ_FREE;
		}
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

int irq_setup_gsi(unsigned int gsi, bool level, bool active_low)
{
	struct irq_desc *desc = irq_desc(gsi);
	unsigned long flags;
	int rc = 0;

	if (!desc || gsi >= nr_gsis) {
		return -XEN_EINVAL;
	}
	flags = spin_lock_irqsave(&desc->lock);
	if (desc->user == IRQ_FREE) {
		ioapic_set_mode(gsi, level, active_low);
		desc->level = level;
	} else if (ioapic_is_level(gsi) != level || ioapic_is_low(gsi) != active_low) {
		rc = -XEN_EEXIST;
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

void irq_dump(void)
{
	for (unsigned int i = 0; i < NR_IRQS; i++) {
		const struct irq_desc *d = irq_desc(i);

		if (d && d->user != IRQ_FREE) {
			pr_info("irq %3u: %-7s CPU %u vector %#04x %s%s %s count %lu owed %u\n", i,
				d->chip->name, d->cpu, d->vector, d->level ? "level" : "edge",
				d->masked ? " masked" : "",
				d->user == IRQ_HYPERVISOR ? d->name : "guest", d->count,
				d->in_flight);
		}
	}
	pr_info("spurious interrupts: %u\n", atomic_read(&spurious_count));
	ioapic_dump();
}
