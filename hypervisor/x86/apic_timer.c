// SPDX-License-Identifier: MIT
/*
 * The local APIC's timer, always one-shot: by TSC deadline where the CPU has that,
 * else by counting down. It is the only timer interrupt Dais uses.
 *
 * Each CPU touches only its own. The rate is measured once, on the boot CPU, by
 * time_init(), since all APICs count the same clock.
 */
#include <dais/apic.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/msr.h>
#include <dais/time_math.h>
#include <dais/vectors.h>

#define LVT_MASKED	0x00010000u
#define LVT_TSC_DEADLINE 0x00040000u
#define DIVIDE_BY_1	0x0bu
#define COUNT_MAX	0xffffffffu

static bool has_deadline __ro_after_init;
static struct time_scale rate __ro_after_init;	/* ticks to ns; mul 0: not calibrated */
static bool opt_tdt __initdata = true;
CMDLINE_BOOL("tdt", opt_tdt, "tdt=off: do not use the APIC timer's TSC deadline mode");

bool apic_timer_has_deadline(void)
{
	return has_deadline;
}

void apic_timer_set_rate(uint64_t ticks_per_second)
{
	time_scale_set_hz(&rate, ticks_per_second);
}

/* The boot CPU decides; the others find the decision made. */
void __init apic_timer_choose(void)
{
	has_deadline = opt_tdt && cpuid_has(CPU_TSC_DEADLINE);
}

void apic_timer_init(void)
{
	apic_write(APIC_TDCR, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (has_deadline ? LVT_TSC_DEADLINE : 0));
	/* Until this is visible to the APIC a deadline written next could be lost. */
	__asm__ volatile("mfence" ::: "memory");
	apic_timer_stop();
}

void apic_timer_stop(void)
{
	if (has_deadline) {
		wrmsr(MSR_TSC_DEADLINE, 0);
	} else {
		apic_write(APIC_TMICT, 0);
	}
}

void apic_timer_arm_tsc(uint64_t deadline)
{
	wrmsr(MSR_TSC_DEADLINE, deadline);
}

void apic_timer_arm_ns(uint64_t delta_ns)
{
	uint64_t ticks = time_ns_to_ticks(&rate, delta_ns);

	apic_write(APIC_TMICT, ticks > COUNT_MAX ? COUNT_MAX : ticks ? ticks : 1);
}

void apic_timer_start_raw(uint32_t count)
{
	apic_write(APIC_TDCR, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TMICT, count);
}

uint32_t apic_timer_count(void)
{
	return apic_read(APIC_TMCCT);
}
