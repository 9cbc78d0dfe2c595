// SPDX-License-Identifier: MIT
/*
 * System time: choosing what it is counted by, keeping each CPU's scale right, the wall
 * clock it started at.
 *
 * A CPU's scale lives in its struct cpu and is written by that CPU alone, and but for once
 * at boot never from an interrupt, so readers on the same CPU need no lock. plat_lock guards
 * the platform counter's extension to 64 bits. The wall clock is one word.
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
#include <dais/io.h>
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

static const struct platform_timer *plat __ro_after_init;	/* the clock, or NULL */
static uint64_t tsc_hz __ro_after_init;
static bool tsc_reliable;		/* constant and in step */
static bool clamping;
static bool tscs_in_step __ro_after_init;
static bool opt_distrust_tsc __initdata;
static const char *opt_clocksource __initdata = "";

static spinlock_t plat_lock = SPINLOCK_INIT;
static struct time_scale plat_scale;	/* extended count to ns */
static uint64_t plat_last, plat_count;	/* last raw value; all ticks since the start */
static uint64_t plat_last_tsc;

static uint64_t clamp_last;
static struct steer {
	struct timer timer;
	uint64_t tsc, ref;		/* when it was steered last, or this began */
} steers[NR_CPUS];

static uint64_t boot_epoch_ns;		/* since 1970, at system time 0 [atomic] */

static int __init parse_clocksource(const char *value)
{
	static const char names[][5] __initconst = { "tsc", "acpi", "hpet" };

	for (unsigned int i = 0; value && i < ARRAY_SIZE(names); i++) {
		if (!strcmp(value, names[i])) {
			opt_clocksource = names[i];
			return 0;
		}
	}
	return -XEN_EINVAL;
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

/* System time by the platform counter, and this CPU's TSC at that moment. */
static uint64_t plat_now(uint64_t *tsc)
{
	unsigned long flags = spin_lock_irqsave(&plat_lock);
	uint64_t count, ns, delta, expected = 0;

	tsc_sample(plat, tsc, &count);
	delta = (count - plat_last) & plat->mask;
	/*
	 * A narrow counter may have gone round more than once when this CPU, itself somebody's
	 * guest, was not run for long: the TSC tells how often.
	 */
	if (tscs_in_step && *tsc > plat_last_tsc) {
		expected = time_freq(*tsc - plat_last_tsc, tsc_hz, plat->hz);
	}
	if (expected > delta + plat->mask / 2) {
		delta += (expected - delta + plat->mask / 2) & ~plat->mask;
	}
	plat_count += delta;
	plat_last = count;
	plat_last_tsc = *tsc;
	ns = time_scale_read(&plat_scale, plat_count);
	spin_unlock_irqrestore(&plat_lock, flags);
	return ns;
}

/* Let the platform's clock go on from what the TSC says now. */
static void plat_start(void)
{
	unsigned long flags = spin_lock_irqsave(&plat_lock);
	uint64_t now = time_now_ns();

	plat_last = plat->read();
	plat_last_tsc = rdtsc();
	plat_count = time_ns_to_ticks(&plat_scale, now);
	spin_unlock_irqrestore(&plat_lock, flags);
}

/* ---- reading ---- */

/* Also called on all CPUs, to take over the boot CPU's scale. */
static void scale_store(void *s)
{
	unsigned long flags = irq_save();

	this_cpu()->time = *(const struct time_scale *)s;
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
	uint64_t ns = time_scale_read(&this_cpu()->time, rdtsc());

	return clamping ? time_clamp(ns) : ns;
}

void time_get_scale(struct time_scale *s)
{
	*s = this_cpu()->time;
}

bool time_is_stable(void)
{
	return tsc_reliable;
}

uint64_t time_tsc_hz(void)
{
	return tsc_hz;
}

const char *time_platform_name(void)
{
	return tsc_reliable || !plat ? "tsc" : plat->name;
}

void time_udelay(unsigned int us)
{
	uint64_t start = rdtsc(), ticks = tsc_hz / 1000000 * us;

	/* While nothing is known yet: a write to that port has taken about 1 us since ISA. */
	for (; !tsc_hz && us > 0; us--) {
		io_delay();
	}
	while (rdtsc() - start < ticks) {
		cpu_relax();
	}
}

/* ---- steering ---- */

static void steer_timer_fn(void *data)
{
	struct steer *st = data;
	struct time_scale s = this_cpu()->time;
	struct vcpu *v = current_vcpu();
	uint64_t tsc, ref = plat_now(&tsc);

	time_scale_steer(&s, tsc, ref, st->tsc, st->ref, TIME_PERIOD_NS);
	scale_store(&s);
	st->tsc = tsc;
	st->ref = ref;
	if (!v->is_idle && vtime_update(v, true)) {
		pv_areas_update(v);
	}
	timer_set(&st->timer, time_now_ns() + TIME_PERIOD_NS);
}

/* On each CPU, interrupt context. */
static void steer_start(void *arg __maybe_unused)
{
	struct steer *st = &steers[cpu_id()];

	st->ref = plat_now(&st->tsc);
	timer_init(&st->timer, steer_timer_fn, st, cpu_id());
	timer_set(&st->timer, time_now_ns() + TIME_PERIOD_NS);
}

/* ---- watching ---- */

#define WATCH_BAD_MAX	5		/* readings in a row: one alone may be a CPU that was not run */

static struct timer watch_timer;
static uint64_t watch_tsc, watch_count;
static unsigned int watch_bad;

/*
 * A TSC that is not said to be constant is used as long as it agrees with the platform's counter,
 * and once it does not, every CPU is steered. Compared modulo the counter's width, so it does not
 * matter how long this CPU was not run.
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
	if (watch_bad < WATCH_BAD_MAX) {
		timer_set(&watch_timer, time_now_ns() + TIME_PERIOD_NS);
		return;
	}
	pr_warn("clock: the TSC does not keep pace with %s: keeping time by %s from now on\n",
		plat->name, plat->name);
	clamping = true;
	tsc_reliable = false;
	plat_start();
	smp_call_mask(&cpu_online_mask, steer_start, NULL);
}

/* ---- starting ---- */

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

void __init time_init(void)
{
	struct time_scale s = { 0 };
	const char *how, *event;
	uint64_t sec;

	plat = platform_timer_find(opt_clocksource);
	tsc_hz = tsc_hz_choose(&how);
	if (!tsc_hz) {
		panic("cannot find out how fast the TSC runs: no CPUID leaf, hypervisor leaf, PM "
		      "timer, HPET or PIT tells");
	}
	if (plat && plat->mask < CLOCK_MASK_MIN) {
		plat = NULL;
	}
	if (plat) {
		time_scale_set_hz(&plat_scale, plat->hz);
		plat_start();
	}
	time_scale_set_hz(&s, tsc_hz);
	s.stamp = rdtsc();
	scale_store(&s);
	sec = rtc_read_epoch();
	if (sec) {
		boot_epoch_ns = sec * NSEC_PER_SEC - time_now_ns();
	} else {
		pr_warn("clock: no CMOS clock: the date is unknown until dom0 sets it\n");
	}
	event = apic_timer_setup(tsc_hz);
	pr_info("clock: TSC %lu.%03lu MHz by %s; platform clock %s; APIC timer %s\n",
		tsc_hz / 1000000, tsc_hz / 1000 % 1000, how, plat ? plat->name : "none", event);
}

void time_init_ap(void)
{
	struct time_scale s = cpu_ptr(0)->time;

	/* Whether the TSCs are in step is not known yet: go by the platform's clock. */
	if (plat) {
		s.base = plat_now(&s.stamp);
	}
	scale_store(&s);
	apic_timer_init();
}

void __init time_all_cpus_up(void)
{
	bool said = cpuid_has(CPU_INVARIANT_TSC) || !strcmp(opt_clocksource, "tsc") || !plat;
	struct time_scale s = this_cpu()->time;
	uint64_t worst = 0;
	unsigned int cpu;

	cpumask_for_each(cpu, &cpu_online_mask) {
		worst = cpu == cpu_id() ? 0 : tsc_sync_check(cpu);
		if (worst) {
			pr_warn("clock: CPU %u's TSC is out of step by %lu ticks\n", cpu, worst);
			break;
		}
	}
	tscs_in_step = !worst;
	if (tscs_in_step) {
		smp_call_mask(&cpu_online_mask, scale_store, &s);
	}
	tsc_reliable = tscs_in_step && !opt_distrust_tsc;
	clamping = !tscs_in_step || (!tsc_reliable && cpumask_weight(&cpu_online_mask) > 1);
	if (!plat && !tsc_reliable) {
		pr_warn("clock: the TSC is not to be trusted, yet all there is: time may drift\n");
	}
	if (!tsc_reliable && plat) {
		smp_call_mask(&cpu_online_mask, steer_start, NULL);
	} else if (!said) {
		tsc_sample(plat, &watch_tsc, &watch_count);
		timer_init(&watch_timer, watch_fn, NULL, cpu_id());
		timer_set(&watch_timer, time_now_ns() + TIME_PERIOD_NS);
	}
	pr_info("clock: keeping time by %s%s\n", time_platform_name(),
		tsc_reliable && !said ? ", watched" : "");
}

/* ---- wall clock ---- */

void time_get_boot_epoch(uint64_t *sec, uint32_t *nsec)
{
	uint64_t ns = atomic_read(&boot_epoch_ns);

	*sec = ns / NSEC_PER_SEC;
	*nsec = ns % NSEC_PER_SEC;
}

void time_set_wallclock(uint64_t sec, uint32_t nsec, uint64_t system_time_ns)
{
	atomic_set(&boot_epoch_ns, sec * NSEC_PER_SEC + nsec - system_time_ns);
}
