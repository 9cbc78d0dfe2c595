// SPDX-License-Identifier: MIT
/*
 * The local APIC's timer, always one-shot: by TSC deadline where the CPU has that,
 * else by counting down. It is the only timer interrupt Dais uses.
 *
 * Each CPU touches only its own. The rate is measured once, on the boot CPU, since all
 * APICs count the same clock.
 */
#include <dais/apic.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/irq.h>
#include <dais/msr.h>
#include <dais/percpu.h>
#include <dais/time.h>
#include <dais/timer.h>

#define LVT_MASKED	0x00010000u
#define LVT_TSC_DEADLINE 0x00040000u
#define DIVIDE_BY_1	0x0bu
#define COUNT_MAX	0xffffffffu
#define MEASURE_MS	10

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
		apic_write(APIC_TMICT, COUNT_MAX);
		t0 = rdtsc_ordered();
		do {
			left = apic_read(APIC_TMCCT);
			t1 = rdtsc_ordered();
		} while (t1 - t0 < tsc_hz / 1000 * MEASURE_MS);
		time_scale_set_hz(&rate, time_freq(COUNT_MAX - left, t1 - t0, tsc_hz));
	}
	apic_timer_init();
	return has_deadline ? "TSC deadline" : "one-shot";
}
