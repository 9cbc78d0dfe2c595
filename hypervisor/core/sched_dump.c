/* SPDX-License-Identifier: MIT */
/*
 * Debug key r: what each CPU runs and who waits there, and why the other vcpus do not run. Only
 * looks, without the scheduler's locks, so that it works when one of them is stuck: what changes
 * meanwhile may be shown half.
 */
#include <dais/domain.h>
#include <dais/keys.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/time.h>

/* us from one time to another; 0 where others went on meanwhile. */
static uint64_t us_between(uint64_t from, uint64_t to)
{
	return to > from ? (to - from) / 1000 : 0;
}

/* Until t fires, in us; 0 when it is due or not armed. */
static uint64_t due_in(const struct timer *t, uint64_t now)
{
	return timer_armed(t) ? us_between(now, t->expires) : 0;
}

static void dump_cpu(unsigned int cpu, uint64_t now)
{
	const struct cpu *c = cpu_ptr(cpu);
	const struct sched_cpu *sc = &c->sched;
	const struct vcpu *v = sc->curr;
	uint64_t next = c->timers.programmed;

	pr_info("CPU %u: runs d%uv%u for %lu us, %u queued, pool %d, softirqs %lx, next timer in %ld us\n",
		cpu, v->domain->domid, v->id, us_between(v->sched.chosen, now), sc->nr,
		(int)sc->pool, c->softirqs, next == TIMER_NEVER ? -1 : (long)us_between(now, next));
}

static void dump_vcpu(const struct vcpu *v, uint64_t now)
{
	static const char *const names[] = {
		[SCHED_OFF] = "off", [SCHED_QUEUED] = "queued", [SCHED_RUNNING] = "runs",
		[SCHED_PARKED] = "parked (cap)",
	};
	unsigned long f = v->pause_flags;

	pr_info("  d%uv%u: CPU %u, %s%s%s%s%s, %u pauses, for %lu us;"
		" timers in us: one-shot %lu%s, periodic %lu, poll %lu%s\n",
		v->domain->domid, v->id, v->cpu, names[v->sched.state],
		v->running && v->sched.state != SCHED_RUNNING ? ", still there" : "",
		f & VCPU_DOWN ? ", down" : "", f & VCPU_BLOCKED ? ", blocked" : "",
		f & VCPU_POLLING ? ", polling" : "", v->pause_count,
		us_between(v->runstate.state_entry_time, now), due_in(&v->singleshot, now),
		timer_armed(&v->singleshot) ? " (armed)" : "", due_in(&v->periodic, now),
		due_in(&v->poll_timer, now), timer_armed(&v->poll_timer) ? " (armed)" : "");
}

static void key_sched(struct regs *regs __maybe_unused)
{
	uint64_t now = time_now_ns();
	struct domain *d = NULL;
	struct vcpu *v;
	unsigned int i;

	for (i = 0; i < nr_cpus; i++) {
		dump_cpu(i, now);
	}
	while ((d = domain_next(d)) != NULL) {
		domain_for_each_vcpu(d, v, i) {
			dump_vcpu(v, now);
		}
	}
}
DEBUG_KEY('r', key_sched, "show what CPUs and vcpus do");
