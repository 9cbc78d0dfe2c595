// SPDX-License-Identifier: MIT
/*
 * Local APIC: choosing xAPIC or x2APIC, bringing it up on each CPU, EOI, IPIs, and the
 * timer.
 *
 * The mode is fixed on the boot CPU. Destinations are always physical APIC ids, one
 * message for each CPU: simple, the same in both modes, and right with any id.
 * No lock: each CPU has its own APIC; the two-part xAPIC command register is written
 * with interrupts off.
 */
#include <dais/acpi.h>
#include <dais/apic.h>
#include <dais/barrier.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/io.h>
#include <dais/ioapic.h>
#include <dais/irq.h>
#include <dais/msr.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/time.h>
#include <dais/timer.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define ICR_INIT	0x00000500u
#define ICR_STARTUP	0x00000600u
#define ICR_NMI		0x00000400u
#define ICR_BUSY	0x00001000u
#define ICR_ASSERT	0x00004000u
#define ICR_LEVEL	0x00008000u
#define SVR_ENABLE	0x00000100u
#define LVT_MASKED	0x00010000u
#define LVT_NMI		0x00000400u
#define LVT_ACTIVE_LOW	0x00002000u
#define LVT_TSC_DEADLINE 0x00040000u
#define DIVIDE_BY_1	0x0bu
#define COUNT_MAX	0xffffffffu
#define MEASURE_MS	10

static volatile uint8_t *apic_mmio __ro_after_init;
static bool x2apic __ro_after_init;
static bool opt_x2apic __initdata = true;
CMDLINE_BOOL("x2apic", opt_x2apic, "x2apic=off: use the older memory-mapped APIC mode");

uint32_t apic_read(unsigned int reg)
{
	if (x2apic) {
		return rdmsr(MSR_X2APIC_FIRST + (reg >> 4));
	}
	return mmio_read32(apic_mmio + reg);
}

void apic_write(unsigned int reg, uint32_t value)
{
	if (x2apic) {
		wrmsr(MSR_X2APIC_FIRST + (reg >> 4), value);
	} else {
		mmio_write32(apic_mmio + reg, value);
	}
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

uint32_t apic_read_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return x2apic ? id : id >> 24;
}

/* ---- interprocessor interrupts ---- */

static void icr_write(uint32_t apic_id, uint32_t command)
{
	unsigned long flags;

	if (x2apic) {
		/* This register write is not ordered after earlier stores by itself. */
		__asm__ volatile("mfence\n\tlfence" ::: "memory");
		wrmsr(MSR_X2APIC_FIRST + (APIC_ICR >> 4), ((uint64_t)apic_id << 32) | command);
		return;
	}
	flags = irq_save();
	while (mmio_read32(apic_mmio + APIC_ICR) & ICR_BUSY) {
		cpu_relax();
	}
	mmio_write32(apic_mmio + APIC_ICR_HI, apic_id << 24);
	mmio_write32(apic_mmio + APIC_ICR, command);
	irq_restore(flags);
}

void apic_send_ipi(unsigned int cpu, uint8_t vector)
{
	icr_write(cpu_ptr(cpu)->apic_id, ICR_ASSERT | vector);
}

void apic_send_ipi_mask(const cpumask_t *mask, uint8_t vector)
{
	unsigned int cpu;

	cpumask_for_each(cpu, mask) {
		apic_send_ipi(cpu, vector);
	}
}

void apic_send_nmi(unsigned int cpu)
{
	icr_write(cpu_ptr(cpu)->apic_id, ICR_ASSERT | ICR_NMI);
}

/* Wait until the last message has left; in x2APIC mode there is nothing to wait for. */
static int icr_wait(void)
{
	unsigned int tries = 1000;

	while (!x2apic && (mmio_read32(apic_mmio + APIC_ICR) & ICR_BUSY) && --tries > 0) {
		time_udelay(100);
	}
	return tries > 0 ? 0 : -XEN_ETIMEDOUT;
}

int apic_send_init(uint32_t apic_id)
{
	int rc;

	icr_write(apic_id, ICR_INIT | ICR_ASSERT | ICR_LEVEL);
	rc = icr_wait();
	time_udelay(10000);
	if (!x2apic && !rc) {
		icr_write(apic_id, ICR_INIT | ICR_LEVEL);
		rc = icr_wait();
	}
	return rc;
}

int apic_send_sipi(uint32_t apic_id, uint8_t page)
{
	icr_write(apic_id, ICR_STARTUP | page);
	return icr_wait();
}

static uint32_t esr_read(void)
{
	apic_write(APIC_ESR, 0);	/* latches, and clears, what happened since the last time */
	return apic_read(APIC_ESR);
}

void apic_error_interrupt(void)
{
	static const char *const reasons[8] = {
		"send checksum", "receive checksum", "send accept", "receive accept",
		"redirectable IPI", "send illegal vector", "received illegal vector",
		"illegal register",
	};
	uint32_t esr = esr_read();

	for (unsigned int i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (esr & (1u << i)) {
			gpr_warn("APIC: error on CPU %u: %s\n", cpu_id(), reasons[i]);
		}
	}
}

/* ---- bringing one APIC up ---- */

/* Interrupts left in service by whoever ran before would block all lower ones for ever. */
static void isr_drain(void)
{
	for (unsigned int tries = 0; tries < 256; tries++) {
		uint32_t in_service = 0;

		for (unsigned int i = 0; i < 8; i++) {
			in_service |= apic_read(APIC_ISR + i * 16);
		}
		if (!in_service) {
			return;
		}
		apic_eoi();
	}
}

static void lint_setup(void)
{
	uint32_t id = apic_read_id(), acpi_id = 0;

	/* The boot CPU comes here before its struct cpu knows who it is. */
	for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
		acpi_id = acpi.cpus[i].apic_id == id ? acpi.cpus[i].acpi_id : acpi_id;
	}
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_MASKED);
	for (unsigned int i = 0; i < acpi.nr_lapic_nmis; i++) {
		const struct acpi_lapic_nmi *n = &acpi.lapic_nmis[i];

		if (n->acpi_id == ACPI_ALL_PROCESSORS || n->acpi_id == acpi_id) {
			apic_write(n->lint ? APIC_LVT_LINT1 : APIC_LVT_LINT0,
				   LVT_NMI | ((n->flags & 3) == 3 ? LVT_ACTIVE_LOW : 0));
		}
	}
}

void apic_init_ap(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	if (!x2apic && (base & APIC_BASE_EXTD)) {
		/* The only way back from x2APIC is through "off". */
		base &= ~APIC_BASE_EXTD;
		wrmsr(MSR_APIC_BASE, base & ~APIC_BASE_ENABLE);
	}
	wrmsr(MSR_APIC_BASE, base);
	if (x2apic) {
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_EXTD);
	}
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	if (((apic_read(APIC_VERSION) >> 16) & 0xff) >= 4) {
		apic_write(APIC_LVT_PMC, LVT_MASKED);
	}
	lint_setup();
	isr_drain();
	(void)esr_read();
	apic_write(APIC_LVT_ERROR, VECTOR_APIC_ERROR);
	(void)esr_read();
}

/*
 * x2APIC is kept when firmware turned it on, taken when an id needs it, and preferred
 * under a hypervisor, where an MSR is cheaper than emulated memory.
 */
static bool __init x2apic_wanted(void)
{
	bool needed = false, on = rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD;

	if (!cpuid_has(CPU_X2APIC)) {
		return false;
	}
	for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
		needed |= acpi.cpus[i].apic_id > XAPIC_MAX_ID;
	}
	if (!opt_x2apic && needed) {
		pr_warn("APIC: x2apic=off ignored: a CPU has an id above %u\n", XAPIC_MAX_ID);
	}
	return needed || (opt_x2apic && (on || cpuid_has(CPU_HYPERVISOR)));
}

void __init apic_init_bsp(void)
{
	if (!cpuid_has(CPU_APIC) || !cpuid_has(CPU_MSR)) {
		panic("this CPU has no local APIC, or firmware has switched it off");
	}
	/* While its line still comes through: a request it had up would hang in mid-air later. */
	i8259_disable();
	x2apic = x2apic_wanted();
	if (!x2apic) {
		/* Cut to eight bits such an id would name another CPU: INIT would go to that one. */
		acpi_cpus_limit(XAPIC_MAX_ID);
		apic_mmio = map_mmio(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDR, PAGE_SIZE);
		if (!apic_mmio) {
			panic("cannot map the local APIC");
		}
	}
	apic_init_ap();
	pr_info("APIC: %s mode, boot CPU has id %u\n", x2apic ? "x2APIC" : "xAPIC", apic_read_id());
}

/*
 * ---- the timer ----
 *
 * Always one-shot: by TSC deadline where the CPU has that, else by counting down. It is the only
 * timer interrupt Dais uses. Each CPU touches only its own. The rate is measured once, on the boot
 * CPU, since all APICs count the same clock.
 */

static bool has_deadline __ro_after_init;
static struct time_scale rate __ro_after_init;	/* ticks to ns, without deadlines */
static uint64_t event_deadline[NR_CPUS];
static bool opt_tdt __initdata = true;
CMDLINE_BOOL("tdt", opt_tdt, "tdt=off: do not use the APIC timer's TSC deadline mode");

static void event_program(uint64_t deadline)
{
	const struct time_scale *s = &this_cpu()->time;
	uint64_t now, ticks = 0;	/* never */

	if (!has_deadline) {
		if (deadline != TIMER_NEVER) {
			now = time_now_ns();
			ticks = time_ns_to_ticks(&rate, deadline > now ? deadline - now : 0);
		}
		apic_write(APIC_TMICT, min(ticks, (uint64_t)COUNT_MAX));
		return;
	}
	if (deadline != TIMER_NEVER) {
		ticks = deadline > s->base ? time_ns_to_ticks(s, deadline - s->base) : 1;
		/* One that has passed fires at once; one beyond the end of time never. */
		ticks = ticks > UINT64_MAX - s->stamp ? UINT64_MAX : s->stamp + ticks;
	}
	wrmsr(MSR_TSC_DEADLINE, ticks);
}

void clock_event_set(uint64_t deadline)
{
	event_deadline[cpu_id()] = deadline;
	event_program(deadline);
}

/* The hardware may fire early: its range is short, its rate only measured. */
void apic_timer_interrupt(void)
{
	uint64_t deadline = event_deadline[cpu_id()];

	if (deadline == TIMER_NEVER) {
		return;
	}
	if (time_now_ns() < deadline) {
		event_program(deadline);
		return;
	}
	event_deadline[cpu_id()] = TIMER_NEVER;
	timer_interrupt();
}

void apic_timer_init(void)
{
	apic_write(APIC_TDCR, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (has_deadline ? LVT_TSC_DEADLINE : 0));
	/* Until this is visible to the APIC a deadline written next could be lost. */
	__asm__ volatile("mfence" ::: "memory");
	event_program(TIMER_NEVER);
}

const char *__init apic_timer_setup(uint64_t tsc_hz)
{
	uint64_t t0, t1;
	uint32_t left;

	has_deadline = opt_tdt && cpuid_has(CPU_TSC_DEADLINE);
	if (!has_deadline) {
		apic_write(APIC_TDCR, DIVIDE_BY_1);
		apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
		/*
		 * The TSC's time has the counter's within it: if this CPU is held up between two
		 * readings, the rate comes out too low, and the timer fires early, not late.
		 */
		t0 = rdtsc_ordered();
		apic_write(APIC_TMICT, COUNT_MAX);
		do {
			left = apic_read(APIC_TMCCT);
			t1 = rdtsc_ordered();
		} while (t1 - t0 < tsc_hz / 1000 * MEASURE_MS);
		time_scale_set_hz(&rate, time_freq(COUNT_MAX - left, t1 - t0, tsc_hz));
	}
	apic_timer_init();
	return has_deadline ? "TSC deadline" : "one-shot";
}
