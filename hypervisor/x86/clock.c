// SPDX-License-Identifier: MIT
/*
 * System time: choosing what it is counted by, keeping each CPU's scale right, the wall
 * clock it started at.
 *
 * A CPU's scale lives in its struct cpu and is written by that CPU alone, and but for once
 * at boot never from an interrupt, so readers on the same CPU need no lock. plat_lock guards
 * the platform counter's extension to 64 bits. The wall clock has its own lock.
 *
 * Where the TSC is constant and in step, the boot scale is everybody's and never changes.
 * Elsewhere each CPU steers its own by the platform counter once a second, and what CPUs
 * return is clamped so that no reader ever sees time go back.
 */
#include <dais/apic.h>
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/irq.h>
#include <dais/msr.h>
#include <dais/percpu.h>
#include <dais/platform_timer.h>
#include <dais/printk.h>
#include <dais/pv_switch.h>
#include <dais/smp.h>
#include <dais/spinlock.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/timer.h>
#include <dais/vcpu.h>
#include <dais/vtime.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define MEASURE_MS	50
#define CHECK_MS	10
#define AGREE_PPM	10000		/* 1 %: more means that somebody is wrong */
#define CLOCK_MASK_MIN	0xffffffULL	/* a counter that wraps sooner cannot be a clock */

bool time_tsc_reliable;

static const struct platform_timer *plat __ro_after_init;	/* the clock, or NULL */
static uint64_t tsc_hz __ro_after_init;
static bool clamping;
static bool tscs_in_step __ro_after_init;
static bool opt_trust_tsc __initdata, opt_distrust_tsc __initdata;
static char opt_clocksource[8] __initdata;

static spinlock_t plat_lock = SPINLOCK_INIT;
static struct time_scale plat_scale;	/* extended count to ns */
static uint64_t plat_last, plat_count;	/* last raw value; all ticks since the start */
static uint64_t plat_last_tsc;

static uint64_t clamp_last;
static struct timer steer_timers[NR_CPUS];
static struct {
	uint64_t tsc, ref;
} steer_prev[NR_CPUS];

static spinlock_t wall_lock = SPINLOCK_INIT;
static uint64_t boot_epoch_ns;		/* since 1970, at system time 0 */

static int __init parse_clocksource(const char *value)
{
	if (!value || strlen(value) >= sizeof(opt_clocksource)) {
		return -XEN_EINVAL;
	}
	strlcpy(opt_clocksource, value, sizeof(opt_clocksource));
	opt_trust_tsc = !strcmp(value, "tsc");
	return 0;
}
CMDLINE_PARAM("clocksource", parse_clocksource, "clocksource=tsc|acpi|hpet: what time is kept by");

static int __init parse_tsc(const char *value)
{
	if (!value || strcmp(value, "unstable")) {
		return -XEN_EINVAL;
	}
	opt_distrust_tsc = true;
	return 0;
}
CMDLINE_PARAM("tsc", parse_tsc, "tsc=unstable: do not keep time by the TSC alone");

/* ---- the platform counter ---- */

/*
 * Ticks since the last reading. A narrow counter may have gone round more than once when
 * this CPU, itself somebody's guest, was not run for long: the TSC tells how often.
 */
static uint64_t plat_advance(uint64_t count, uint64_t tsc)
{
	uint64_t delta = (count - plat_last) & plat->mask, expected;

	if (tscs_in_step && tsc > plat_last_tsc) {
		expected = time_freq(tsc - plat_last_tsc, tsc_hz, plat->hz);
		if (expected > delta + plat->mask / 2) {
			delta += (expected - delta + plat->mask / 2) / (plat->mask + 1) *
				 (plat->mask + 1);
		}
	}
	return delta;
}

/* System time by the platform counter, and this CPU's TSC at that moment. */
static uint64_t plat_now(uint64_t *tsc)
{
	unsigned long flags = spin_lock_irqsave(&plat_lock);
	uint64_t count, ns;

	tsc_sample(plat, tsc, &count);
	plat_count += plat_advance(count, *tsc);
	plat_last = count;
	plat_last_tsc = *tsc;
	ns = time_scale_read(&plat_scale, plat_count);
	spin_unlock_irqrestore(&plat_lock, flags);
	return ns;
}

/* Let the platform's clock go on from what the TSC says now. */
static void plat_restart(void)
{
	unsigned long flags = spin_lock_irqsave(&plat_lock);
	uint64_t now = time_now_ns();

	plat_last = plat->read();
	plat_last_tsc = rdtsc();
	plat_count = time_ns_to_ticks(&plat_scale, now);
	spin_unlock_irqrestore(&plat_lock, flags);
}

static void __init plat_start(void)
{
	time_scale_set_hz(&plat_scale, plat->hz);
	plat_last = plat->read();
	plat_last_tsc = rdtsc();
}

/* ---- reading ---- */

static void scale_load(struct time_scale *s)
{
	const struct cpu *c = this_cpu();

	s->stamp = c->time_stamp;
	s->base = c->time_base;
	s->mul = c->time_mul;
	s->shift = c->time_shift;
}

static void scale_store(const struct time_scale *s)
{
	struct cpu *c = this_cpu();
	unsigned long flags = irq_save();

	c->time_stamp = s->stamp;
	c->time_base = s->base;
	c->time_mul = s->mul;
	c->time_shift = s->shift;
	irq_restore(flags);
}

static uint64_t time_clamp(uint64_t ns)
{
	uint64_t last = atomic_read(&clamp_last);

	do {
		if (ns <= last) {
			return last;
		}
	} while (!atomic_cas(&clamp_last, &last, ns));
	return ns;
}

uint64_t time_now_ns(void)
{
	struct time_scale s;
	uint64_t ns;

	scale_load(&s);
	ns = time_scale_read(&s, rdtsc());
	return clamping ? time_clamp(ns) : ns;
}

void time_get_scale(struct time_scale *s)
{
	scale_load(s);
}

bool time_is_stable(void)
{
	return time_tsc_reliable;
}

uint64_t time_tsc_hz(void)
{
	return tsc_hz;
}

const char *time_platform_name(void)
{
	return time_tsc_reliable || !plat ? "tsc" : plat->name;
}

void time_udelay(unsigned int us)
{
	uint64_t start = rdtsc(), ticks = tsc_hz / 1000000 * us;

	if (!tsc_hz) {
		/* Nothing is known yet; a write to this port has taken about 1 us since ISA. */
		while (us--) {
			__asm__ volatile("outb %%al, $0x80" : : "a"(0));
		}
		return;
	}
	while (rdtsc() - start < ticks) {
		cpu_relax();
	}
}

/* ---- steering ---- */

bool time_calibrate(void)
{
	unsigned int cpu = cpu_id();
	struct time_scale s;
	uint64_t tsc, ref;

	if (time_tsc_reliable || !plat) {
		return false;
	}
	ref = plat_now(&tsc);
	scale_load(&s);
	time_scale_steer(&s, tsc, ref, steer_prev[cpu].tsc, steer_prev[cpu].ref,
			 TIME_PERIOD_NS);
	scale_store(&s);
	steer_prev[cpu].tsc = tsc;
	steer_prev[cpu].ref = ref;
	return true;
}

static void steer_timer_fn(void *data)
{
	struct vcpu *v = current_vcpu();
	struct timer *t = data;

	if (time_calibrate() && !v->is_idle && vtime_update(v, true)) {
		pv_areas_update(v);
	}
	timer_set(t, time_now_ns() + TIME_PERIOD_NS);
}

/* On each CPU, interrupt context; only arms a timer. */
static void steer_start(void *arg __maybe_unused)
{
	struct timer *t = &steer_timers[cpu_id()];

	timer_init(t, steer_timer_fn, t, cpu_id());
	timer_set(t, time_now_ns() + TIME_PERIOD_NS);
}

/* ---- watching ---- */

#define WATCH_BAD_MAX	5		/* readings in a row: one alone may be a CPU that was not run */

static struct timer watch_timer;
static uint64_t watch_tsc, watch_count;
static unsigned int watch_bad;

/* The TSC turned out to change its rate: from here on every CPU is steered by the platform's counter. */
static void tsc_distrust(void)
{
	pr_warn("clock: the TSC does not keep pace with %s: keeping time by %s from now on\n", plat->name,
		plat->name);
	clamping = true;
	time_tsc_reliable = false;
	plat_restart();
	smp_call_mask(&cpu_online_mask, steer_start, NULL);
}

/*
 * A TSC that is not said to be constant is used as long as it agrees with the platform's counter. Compared modulo
 * the counter's width, so it does not matter how long this CPU was not run.
 */
static void watch_fn(void *data)
{
	uint64_t tsc, count, want, got, apart;

	tsc_sample(plat, &tsc, &count);
	want = time_freq(tsc - watch_tsc, tsc_hz, plat->hz) & plat->mask;
	got = (count - watch_count) & plat->mask;
	apart = (want - got) & plat->mask;
	apart = min(apart, (got - want) & plat->mask);
	watch_tsc = tsc;
	watch_count = count;
	watch_bad = apart > plat->hz / 100 ? watch_bad + 1 : 0;	/* 10 ms in a second */
	if (watch_bad >= WATCH_BAD_MAX) {
		tsc_distrust();
		return;
	}
	timer_set(&watch_timer, time_now_ns() + TIME_PERIOD_NS);
}

static void __init watch_start(void)
{
	tsc_sample(plat, &watch_tsc, &watch_count);
	timer_init(&watch_timer, watch_fn, NULL, cpu_id());
	timer_set(&watch_timer, time_now_ns() + TIME_PERIOD_NS);
}

/* ---- starting ---- */

static void __init plat_choose(void)
{
	static const struct {
		struct platform_timer *pt;
		const char *option;
	} all[] = {
		{ &pmtimer_clock, "acpi" }, { &hpet_clock, "hpet" }, { &pit_clock, "pit" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(all) && !plat; i++) {
		if (!strcmp(opt_clocksource, all[i].option) && all[i].pt->probe(all[i].pt)) {
			plat = all[i].pt;
		}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(all) && !plat; i++) {
		if (all[i].pt->probe(all[i].pt)) {
			plat = all[i].pt;
		}
	}
}

/* What is stated is exact when it is true; a measurement only shows when it is not. */
static uint64_t __init tsc_hz_choose(const char **how)
{
	uint64_t said = tsc_enumerated_hz(how, !plat);
	uint64_t seen = plat ? tsc_measure_hz(plat, said ? CHECK_MS : MEASURE_MS) : 0;

	if (said && (!seen || time_freq_agree(said, seen, AGREE_PPM))) {
		return said;
	}
	if (said) {
		pr_warn("clock: %s says %lu kHz, %s measures %lu kHz: using what was measured\n",
			*how, said / 1000, plat->name, seen / 1000);
	}
	*how = plat ? plat->name : "nothing";
	return seen;
}

/* The APIC timer's rate in terms of the TSC's, over a few milliseconds. */
static void __init apic_timer_measure(void)
{
	uint64_t t0, t1;
	uint32_t left;

	apic_timer_choose();
	if (!apic_timer_has_deadline()) {
		apic_timer_start_raw(0xffffffffu);
		t0 = rdtsc_ordered();
		do {
			left = apic_timer_count();
			t1 = rdtsc_ordered();
		} while (t1 - t0 < tsc_hz / 1000 * CHECK_MS);
		apic_timer_set_rate(time_freq(0xffffffffu - left, t1 - t0, tsc_hz));
	}
	apic_timer_init();
}

static void clock_event_interrupt(struct regs *regs);

static void __init wallclock_init(void)
{
	uint64_t sec = rtc_read_epoch();

	if (sec) {
		boot_epoch_ns = sec * NSEC_PER_SEC - time_now_ns();
	} else {
		pr_warn("clock: no CMOS clock: the date is unknown until dom0 sets it\n");
	}
}

void __init time_init(void)
{
	const char *how = "nothing";
	struct time_scale s = { 0 };

	plat_choose();
	tsc_hz = tsc_hz_choose(&how);
	if (!tsc_hz) {
		panic("cannot find out how fast the TSC runs: no CPUID leaf, hypervisor leaf, PM "
		      "timer, HPET or PIT tells");
	}
	if (plat && plat->mask < CLOCK_MASK_MIN) {
		plat = NULL;
	}
	time_scale_set_hz(&s, tsc_hz);
	if (plat) {
		plat_start();
	}
	s.stamp = rdtsc();
	scale_store(&s);
	steer_prev[0].tsc = s.stamp;
	wallclock_init();
	irq_set_vector_handler(VECTOR_TIMER, clock_event_interrupt);
	apic_timer_measure();
	pr_info("clock: TSC %lu.%03lu MHz by %s; platform clock %s; APIC timer %s\n",
		tsc_hz / 1000000, tsc_hz / 1000 % 1000, how, plat ? plat->name : "none",
		apic_timer_has_deadline() ? "TSC deadline" : "one-shot");
}

void time_init_ap(void)
{
	const struct cpu *boot = cpu_ptr(0);
	struct time_scale s = {
		.stamp = boot->time_stamp, .base = boot->time_base,
		.mul = boot->time_mul, .shift = boot->time_shift,
	};
	uint64_t tsc = rdtsc();

	/* Whether the TSCs are in step is not known yet: go by the platform's clock. */
	if (plat) {
		s.base = plat_now(&tsc);
		s.stamp = tsc;
	}
	scale_store(&s);
	steer_prev[cpu_id()].tsc = tsc;
	steer_prev[cpu_id()].ref = s.base;
	apic_timer_init();
}

/* Take over the boot CPU's scale: right as long as the TSCs are in step. */
static void scale_copy_boot(void *arg)
{
	scale_store(arg);
}

static bool __init tscs_check(void)
{
	unsigned int cpu;

	cpumask_for_each(cpu, &cpu_online_mask) {
		uint64_t worst = cpu == cpu_id() ? 0 : tsc_sync_check(cpu);

		if (worst) {
			pr_warn("clock: CPU %u's TSC is out of step by %lu ticks\n", cpu, worst);
			return false;
		}
	}
	return true;
}

void __init time_all_cpus_up(void)
{
	bool said = cpuid_has(CPU_INVARIANT_TSC) || opt_trust_tsc || !plat;
	struct time_scale s;

	tscs_in_step = tscs_check();
	if (tscs_in_step) {
		scale_load(&s);
		smp_call_mask(&cpu_online_mask, scale_copy_boot, &s);
	}
	time_tsc_reliable = tscs_in_step && !opt_distrust_tsc;
	clamping = !tscs_in_step || (!time_tsc_reliable && cpumask_weight(&cpu_online_mask) > 1);
	if (!plat && !time_tsc_reliable) {
		pr_warn("clock: the TSC is not to be trusted, yet all there is: time may drift\n");
	}
	if (!time_tsc_reliable && plat) {
		smp_call_mask(&cpu_online_mask, steer_start, NULL);
	} else if (!said) {
		watch_start();
	}
	pr_info("clock: keeping time by %s%s\n", time_platform_name(),
		time_tsc_reliable && !said ? ", watched" : "");
}

/* ---- wall clock ---- */

void time_get_boot_epoch(uint64_t *sec, uint32_t *nsec)
{
	unsigned long flags = spin_lock_irqsave(&wall_lock);

	*sec = boot_epoch_ns / NSEC_PER_SEC;
	*nsec = boot_epoch_ns % NSEC_PER_SEC;
	spin_unlock_irqrestore(&wall_lock, flags);
}

void time_set_wallclock(uint64_t sec, uint32_t nsec, uint64_t system_time_ns)
{
	unsigned long flags = spin_lock_irqsave(&wall_lock);

	boot_epoch_ns = sec * NSEC_PER_SEC + nsec - system_time_ns;
	spin_unlock_irqrestore(&wall_lock, flags);
}

/* ---- this CPU's timer interrupt ---- */

static uint64_t event_deadline[NR_CPUS];

static void event_program(uint64_t deadline)
{
	struct time_scale s;
	uint64_t now, ticks;

	if (!apic_timer_has_deadline()) {
		now = time_now_ns();
		apic_timer_arm_ns(deadline > now ? deadline - now : 0);
		return;
	}
	scale_load(&s);
	ticks = deadline > s.base ? time_ns_to_ticks(&s, deadline - s.base) : 1;
	/* A deadline that has passed fires at once; zero, or beyond the end of time, never. */
	ticks = ticks > UINT64_MAX - s.stamp ? UINT64_MAX : s.stamp + ticks;
	apic_timer_arm_tsc(ticks);
}

void clock_event_set(uint64_t deadline)
{
	event_deadline[cpu_id()] = deadline;
	if (deadline == TIMER_NEVER) {
		apic_timer_stop();
	} else {
		event_program(deadline);
	}
}

/* The hardware may fire early: its range is short, its rate only measured. */
static void clock_event_interrupt(struct regs *regs __maybe_unused)
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
