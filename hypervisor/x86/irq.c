// SPDX-License-Identifier: MIT
/*
 * Interrupt descriptors, and the way from a vector to whoever handles it.
 *
 * Locks: desc->lock guards one descriptor and is taken with interrupts off; inside it
 * come vector_lock, for handing out and taking back vectors, and the chips' own; the lookup
 * on the way in is one read of the CPU's own row. An interrupt is moved to another CPU
 * when it arrives, where the device is not about to send the next one; the vector it had
 * before is kept until the move after, so that a message already on its way still finds
 * its handler.
 */
#include <dais/apic.h>
#include <dais/atomic.h>
#include <dais/compiler.h>
#include <dais/ioapic.h>
#include <dais/keys.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/pt_env.h>
#include <dais/smp.h>
#include <xen/errno.h>

#include "irq_private.h"

static struct irq_desc descs[NR_IRQS];
static unsigned int nr_gsis;
static uint32_t spurious_count;

/* VECTOR_EVENT_CHECK has none: the way out of any interrupt is all that is wanted. */
static void (*const fixed_handlers[256])(void) = {
	[VECTOR_TIMER] = apic_timer_interrupt,
	[VECTOR_CALL] = smp_call_interrupt,
	[VECTOR_TLB_FLUSH] = tlb_answer,
	[VECTOR_APIC_ERROR] = apic_error_interrupt,
};

/* For each CPU and vector irq + 1, 0 for a vector nobody has. */
static uint16_t vector_irq[NR_CPUS][256];
static uint8_t vector_next[NR_CPUS];	/* where the search goes on, to spread priorities */
static spinlock_t vector_lock = SPINLOCK_INIT;

/* ---- descriptors ---- */

static void desc_init(struct irq_desc *desc, const struct irq_chip *chip, void *data)
{
	desc->irq = desc - descs;
	desc->chip_data = data;
	desc->masked = true;
	desc->move_cpu = -1;
	desc->count = 0;
	atomic_set_release(&desc->chip, chip);
}

void __init irq_add_gsi(unsigned int gsi, const struct irq_chip *chip, void *chip_data)
{
	desc_init(&descs[gsi], chip, chip_data);
	nr_gsis = max(nr_gsis, gsi + 1);
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

/* ---- vectors, masks, moves: desc->lock held ---- */

static bool vector_usable(unsigned int cpu, unsigned int v)
{
	return v >= VECTOR_DYN_FIRST && v <= VECTOR_DYN_LAST && v != VECTOR_GUEST_INT80 &&
	       v != VECTOR_GUEST_INT82 && !vector_irq[cpu][v];
}

/* A free vector of `cpu`, `prefer` if that one is free; 0 when there is none. */
static uint8_t vector_alloc(unsigned int cpu, unsigned int irq, uint8_t prefer)
{
	const unsigned int span = VECTOR_DYN_LAST - VECTOR_DYN_FIRST + 1;
	unsigned long flags = spin_lock_irqsave(&vector_lock);
	unsigned int pos = vector_next[cpu], v = prefer;

	/* Neighbouring requests land in different priority classes of 16 vectors. */
	for (unsigned int i = 0; i < span && !vector_usable(cpu, v); i++) {
		pos = pos + 16 < span ? pos + 16 : (pos + 17) % 16;
		v = VECTOR_DYN_FIRST + pos;
	}
	if (vector_usable(cpu, v)) {
		vector_next[cpu] = pos;
		atomic_set_release(&vector_irq[cpu][v], (uint16_t)(irq + 1));
	} else {
		v = 0;
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return v;
}

/* 0, which no interrupt has, may be given back, too. */
static void vector_free(unsigned int cpu, uint8_t vector)
{
	atomic_set_release(&vector_irq[cpu][vector], (uint16_t)0);
}

void irq_set_masked(struct irq_desc *desc, bool masked)
{
	if (desc->masked != masked) {
		desc->masked = masked;
		desc->chip->set_mask(desc, masked);
	}
}

static bool assign_on(struct irq_desc *desc, unsigned int cpu)
{
	uint32_t apic_id = cpu_ptr(cpu)->apic_id;
	/* The same number again makes the change a single write for an MSI. */
	uint8_t v = apic_id <= XAPIC_MAX_ID ? vector_alloc(cpu, desc->irq, desc->vector) : 0;

	if (!v) {
		return false;
	}
	vector_free(desc->old_cpu, desc->old_vector);
	desc->old_vector = desc->vector;
	desc->old_cpu = desc->cpu;
	desc->vector = v;
	desc->cpu = cpu;
	desc->chip->route(desc, apic_id, v);
	return true;
}

void irq_move_pending(struct irq_desc *desc)
{
	int cpu = desc->move_cpu;

	desc->move_cpu = -1;
	if (cpu >= 0 && desc->vector && cpu != desc->cpu && !assign_on(desc, (unsigned int)cpu)) {
		gpr_debug("irq %u: no free vector on CPU %u, stays\n", desc->irq, cpu);
	}
}

static int assign_any(struct irq_desc *desc)
{
	unsigned int cpu = desc->move_cpu >= 0 ? (unsigned int)desc->move_cpu : cpu_id();

	if (desc->vector) {
		return 0;
	}
	if (!assign_on(desc, cpu)) {
		cpumask_for_each(cpu, &cpu_online_mask) {
			if (assign_on(desc, cpu)) {
				break;
			}
		}
	}
	desc->move_cpu = -1;
	return desc->vector ? 0 : -XEN_ENOSPC;
}

int irq_start(struct irq_desc *desc, enum irq_user user)
{
	int rc = assign_any(desc);

	if (!rc) {
		desc->user = user;
		irq_set_masked(desc, false);
	}
	return rc;
}

void irq_shutdown(struct irq_desc *desc)
{
	irq_set_masked(desc, true);
	vector_free(desc->cpu, desc->vector);
	vector_free(desc->old_cpu, desc->old_vector);
	desc->vector = 0;
	desc->old_vector = 0;
	desc->in_flight = 0;
	desc->user = IRQ_FREE;
}

void irq_set_affinity(struct irq_desc *desc, unsigned int cpu)
{
	unsigned long flags = spin_lock_irqsave(&desc->lock);

	desc->move_cpu = desc->vector && desc->cpu == cpu ? -1 : (int)cpu;
	spin_unlock_irqrestore(&desc->lock, flags);
}

/* ---- numbers that are handed out ---- */

struct irq_desc *irq_alloc(const struct irq_chip *chip, void *chip_data)
{
	struct irq_desc *desc = &descs[nr_gsis];
	unsigned long flags;
	int rc;

	while (desc < &descs[NR_IRQS] && desc->chip) {
		desc++;
	}
	if (desc == &descs[NR_IRQS]) {
		return NULL;
	}
	flags = spin_lock_irqsave(&desc->lock);
	desc_init(desc, chip, chip_data);
	rc = assign_any(desc);
	if (rc) {
		desc->chip = NULL;
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc ? NULL : desc;
}

void irq_free(struct irq_desc *desc)
{
	unsigned long flags = spin_lock_irqsave(&desc->lock);

	irq_shutdown(desc);
	desc->nr_guests = 0;
	atomic_set_release(&desc->chip, NULL);
	spin_unlock_irqrestore(&desc->lock, flags);
}

/* ---- arrival ---- */

static void irq_spurious(unsigned int vector)
{
	/* Only what is in service wants an end. */
	if ((apic_read(APIC_ISR + (vector / 32) * 16) >> (vector % 32)) & 1) {
		apic_eoi();
	}
	atomic_inc(&spurious_count);
	gpr_debug("CPU %u: interrupt vector %#x has no owner\n", cpu_id(), vector);
}

static void irq_device(unsigned int vector, struct regs *regs)
{
	unsigned int irq = atomic_read_acquire(&vector_irq[cpu_id()][vector]);
	struct irq_desc *desc;

	if (!irq) {
		irq_spurious(vector);
		return;
	}
	desc = &descs[irq - 1];
	spin_lock(&desc->lock);
	if (desc->user == IRQ_FREE) {
		spin_unlock(&desc->lock);
		irq_spurious(vector);
		return;
	}
	desc->count++;
	if (desc->level) {
		/* It would interrupt again at once: masked while it is handled. */
		irq_set_masked(desc, true);
		apic_eoi();
		ioapic_eoi(desc, vector);
	} else {
		irq_move_pending(desc);
		apic_eoi();
	}
	if (desc->user == IRQ_GUEST) {
		pirq_arrived(desc);
		return;
	}
	spin_unlock(&desc->lock);
	desc->handler(desc->irq, desc->arg, regs);	/* for good: nobody gives it back */
	if (desc->level) {
		spin_lock(&desc->lock);
		irq_move_pending(desc);
		irq_set_masked(desc, false);
		spin_unlock(&desc->lock);
	}
}

void irq_dispatch(unsigned int vector, struct regs *regs)
{
	if (vector <= VECTOR_DYN_LAST) {
		irq_device(vector, regs);
		return;
	}
	if (vector == VECTOR_SPURIOUS) {
		/* Not an interrupt that was taken: there must be no EOI for it. */
		gpr_debug("APIC: spurious interrupt on CPU %u\n", cpu_id());
		return;
	}
	apic_eoi();
	if (fixed_handlers[vector]) {
		fixed_handlers[vector]();
	}
}

/* ---- hypervisor-owned interrupts ---- */

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
		rc = irq_start(desc, IRQ_HYPERVISOR);
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

static void irq_dump(struct regs *regs)
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
DEBUG_KEY('i', irq_dump, "show interrupts");
