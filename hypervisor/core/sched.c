/* SPDX-License-Identifier: MIT */
/*
 * The heart of the scheduler: schedule(), waking and putting to sleep, and what each vcpu's time
 * went to.
 *
 * States (enum sched_state) change under the lock of v->cpu's sched_cpu. v->running is a different
 * thing: it is true from the moment a CPU chooses v until that CPU has saved all of v's context,
 * and only then may another CPU choose it. In between v can be queued again, but only on the CPU
 * that is letting go of it.
 *
 * Idle CPUs: sched_idle_mask has the CPUs that run their idle vcpu and were not yet told to look
 * for work. A CPU sets its bit before it looks at other queues for the last time, and whoever
 * leaves work in a queue looks at the mask afterwards, so no vcpu waits beside an idle CPU it may
 * use.
 */
#include "sched_internal.h"
#include <dais/domain.h>
#include <dais/printk.h>
#include <dais/softirq.h>
#include <dais/time.h>

cpumask_t sched_idle_mask;

/* --- locks --- */

struct sched_cpu *sched_lock(struct vcpu *v, unsigned long *flags)
{
	for (;;) {
		unsigned int cpu = atomic_read(&v->cpu);
		struct sched_cpu *sc = sched_cpu_of(cpu);

		*flags = spin_lock_irqsave(&sc->lock);
		if (likely(atomic_read(&v->cpu) == cpu)) {
			return sc;
		}
		spin_unlock_irqrestore(&sc->lock, *flags);
	}
}

/* --- runstate --- */

void sched_runstate(struct vcpu *v, int state, uint64_t now)
{
	struct vcpu_runstate_info *r = &v->runstate;

	if (r->state == state) {
		return;
	}
	if (now > r->state_entry_time) {
		r->time[r->state] += now - r->state_entry_time;
		r->state_entry_time = now;
	}
	r->state = state;
}

/* The runstate of a vcpu that may not run. */
static int runstate_asleep(const struct vcpu *v)
{
	unsigned long f = atomic_read(&v->pause_flags);

	return (f & (VCPU_BLOCKED | VCPU_POLLING)) && !(f & VCPU_DOWN) ? RUNSTATE_blocked
								       : RUNSTATE_offline;
}

void runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
	unsigned long flags;
	struct sched_cpu *sc = sched_lock(v, &flags);
	uint64_t now = time_now_ns();

	*out = v->runstate;
	spin_unlock_irqrestore(&sc->lock, flags);
	if (now > out->state_entry_time) {
		out->time[out->state] += now - out->state_entry_time;
	}
}

uint64_t sched_vcpu_cpu_time(struct vcpu *v)
{
	struct vcpu_runstate_info r;

	runstate_get(v, &r);
	return r.time[RUNSTATE_running];
}

uint64_t sched_cpu_idle_time(unsigned int cpu)
{
	return sched_vcpu_cpu_time(sched_cpu_of(cpu)->idle);
}

/* --- schedule --- */

/* prev leaves the CPU: to the queue, to the parking place, or to sleep. */
static void sched_put_prev(struct sched_cpu *sc, struct vcpu *prev, uint64_t now)
{
	if (prev->is_idle) {
		sched_runstate(prev, RUNSTATE_runnable, now);
		return;
	}
	atomic_set(&sc->load, sc->load - prev->sched.weight);
	if (!vcpu_runnable(prev)) {
		sched_cap_return(prev);
		prev->sched.state = SCHED_OFF;
		sched_runstate(prev, runstate_asleep(prev), now);
		return;
	}
	sched_runstate(prev, RUNSTATE_runnable, now);
	if (!sched_cap_claim(prev, now)) {
		prev->sched.state = SCHED_PARKED;
		return;
	}
	sched_cap_return(prev);
	sched_queue_insert(sc, prev);
}

/* next, off every queue, becomes what this CPU runs. */
static void sched_set_next(struct sched_cpu *sc, struct vcpu *next, uint64_t now)
{
	sc->curr = next;
	next->sched.chosen = now;
	next->sched.since = now;
	next->sched.state = SCHED_RUNNING;
	next->sched.stolen = false;
	next->sched.woken = false;
	atomic_set(&next->running, true);
	sched_runstate(next, RUNSTATE_running, now);
	if (!next->is_idle) {
		atomic_set(&sc->load, sc->load + next->sched.weight);
		cpumask_unset_atomic(&sched_idle_mask, sc->id);
	}
}

/*
 * The end of a slice of `ns` that what runs on sc was given at `chosen`: before that when one that
 * woke meanwhile will have waited for its turn, but not before the rate limit.
 */
static uint64_t sched_slice_end(const struct sched_cpu *sc, const struct vcpu *woken,
				uint64_t chosen, uint64_t ns, uint64_t now)
{
	uint64_t turn = now + sched_preempts_in(sc, woken, now);

	if (turn < chosen + sched_ratelimit_ns()) {
		turn = chosen + sched_ratelimit_ns();
	}
	return turn < chosen + ns ? turn : chosen + ns;
}

/*
 * Until when may `next` run undisturbed? An idle CPU needs no tick, nor does a vcpu that has its
 * CPU to itself in a pool that does not balance. In others, alone, it is only
 * interrupted to look for work elsewhere; not at a multiple of the slice, lest it always finds the
 * same one of two waiting there.
 */
static void sched_set_slice(struct sched_cpu *sc, const struct vcpu *next, uint64_t now)
{
	uint64_t ns = sc->nr ? sched_slice_ns() : sched_slice_ns() * 3 / 2, cap;

	cap = next->is_idle ? ~(uint64_t)0 : sched_cap_limit(next);
	if (next->is_idle || (sc->fixed && !sc->nr && cap == ~(uint64_t)0)) {
		timer_stop(&sc->slice);
		return;
	}
	ns = cap < ns ? cap : ns;
	timer_set(&sc->slice, sc->nr && sc->head->sched.woken ?
		  sched_slice_end(sc, sc->head, now, ns, now) : now + ns);
}

static struct vcpu *sched_pick(struct sched_cpu *sc, struct vcpu *prev, uint64_t now, bool *retry)
{
	bool can_stay = !prev->is_idle && vcpu_runnable(prev) && sched_allowed(prev, sc->id);
	struct vcpu *next, *stolen;

	next = sched_choose(sc, can_stay ? prev : NULL, now);
	prev->sched.yielded = false;
	if (!next) {
		/* Parking what has no budget matters as much as finding what has. */
		do {
			cpumask_set_atomic(&sched_idle_mask, sc->id);
			stolen = sched_steal(sc, NULL, now, retry);
			if (stolen && sched_cap_claim(stolen, now)) {
				next = stolen;
			} else if (stolen) {
				stolen->sched.state = SCHED_PARKED;
			}
		} while (stolen && !next);
	} else if (now >= sc->next_balance && next->sched.pace_want >= SCHED_PACE_MIN) {
		/* Not for one that has hardly run: the turn would be its, again and again. */
		sc->next_balance = now + sched_slice_ns();
		stolen = sched_steal(sc, next, now, retry);
		if (stolen) {
			stolen->sched.stolen = true;
			sched_queue_insert(sc, stolen);
		}
	}
	return next ? next : sc->idle;
}

void schedule(void)
{
	struct sched_cpu *sc = &this_cpu()->sched;
	unsigned long flags = spin_lock_irqsave(&sc->lock);
	uint64_t now = time_now_ns();
	struct vcpu *prev = sc->curr, *next;
	bool retry = false;

	sched_account(sc, prev, now);
	next = sched_pick(sc, prev, now, &retry);
	if (next != prev) {
		if (next->sched.state == SCHED_QUEUED) {
			sched_account(sc, next, now);
			sched_queue_remove(sc, next);
		}
		sched_put_prev(sc, prev, now);
		sched_set_next(sc, next, now);
		/*
		 * Its waker may have made prev runnable after it was passed over: it is queued now,
		 * and found nobody to call, for it still counted as running.
		 */
		retry |= next->is_idle && sc->nr;
	}
	sched_clock_update(sc);
	sched_set_slice(sc, next, now);
	if (sc->nr) {
		sched_offer(sc);
	}
	spin_unlock_irqrestore(&sc->lock, flags);

	if (retry) {
		softirq_raise(SOFTIRQ_SCHEDULE);
	}
	if (next != prev) {
		context_switch(prev, next);
	}
}

void sched_switched_out(struct vcpu *prev)
{
	unsigned long flags;
	struct sched_cpu *sc;
	bool strayed;

	if (prev->is_idle) {
		return;
	}
	/* Under the lock, as is every look at `running`: a waker either queues prev here before, or
	 * anywhere after. */
	sc = sched_lock(prev, &flags);
	atomic_set_release(&prev->running, false);
	strayed = prev->sched.state == SCHED_QUEUED && !sched_allowed(prev, sc->id);
	if (prev->sched.state == SCHED_QUEUED && !strayed) {
		sched_offer(sc);
	}
	spin_unlock_irqrestore(&sc->lock, flags);
	if (strayed) {
		sched_moved(prev);
	}
}

static void sched_slice_over(void *data)
{
	softirq_raise(SOFTIRQ_SCHEDULE);
}

/* --- wake and sleep --- */

/* v was queued on sc: does its CPU have to act, and when? Lock of sc held. */
static void sched_tickle(struct sched_cpu *sc, struct vcpu *v, uint64_t now)
{
	const struct sched_vcpu *c = &sc->curr->sched;

	if (sc->curr->is_idle) {
		cpumask_unset_atomic(&sched_idle_mask, sc->id);
		softirq_raise_cpu(sc->id, SOFTIRQ_SCHEDULE);
	} else {
		uint64_t end = sched_slice_end(sc, v, c->chosen, sched_slice_ns(), now);

		if (end <= now) {
			softirq_raise_cpu(sc->id, SOFTIRQ_SCHEDULE);
		} else if (!timer_armed(&sc->slice) || sc->slice.expires > end) {
			timer_set(&sc->slice, end);
		}
		sched_offer(sc);	/* to a CPU that went idle after this one was chosen */
	}
}

/* Where no slice ends, the clock stands still until somebody comes who is measured by it. */
static void sched_clock_refresh(struct sched_cpu *sc)
{
	if (sc->fixed) {
		sched_account(sc, sc->curr, time_now_ns());
	}
}

/*
 * With the lock of v->cpu held: move v, which sleeps, to the CPU it should wake on. Returns the CPU
 * it is on now, locked, or NULL (nothing locked) when v changed meanwhile and all has to be looked
 * at again.
 */
static struct sched_cpu *sched_rehome(struct sched_cpu *sc, struct vcpu *v, unsigned long *flags)
{
	struct sched_cpu *to = sched_cpu_of(sched_place(v));

	if (to == sc) {
		sched_clock_refresh(sc);
		return sc;
	}
	if (!spin_trylock(&to->lock)) {
		spin_unlock_irqrestore(&sc->lock, *flags);
		/* in order of CPU numbers */
		*flags = spin_lock_irqsave(sc->id < to->id ? &sc->lock : &to->lock);
		spin_lock(sc->id < to->id ? &to->lock : &sc->lock);
		if (v->cpu != sc->id || v->sched.state != SCHED_OFF || atomic_read(&v->running)
		    || !sched_allowed(v, to->id)) {
			spin_unlock(&to->lock);
			spin_unlock_irqrestore(&sc->lock, *flags);
			return NULL;
		}
	}
	sched_clock_refresh(to);
	sched_vtime_rebase(v, sc, to);
	atomic_set(&v->cpu, to->id);
	spin_unlock(&sc->lock);
	return to;
}

void sched_move_asleep(struct vcpu *v)
{
	struct sched_cpu *sc;
	unsigned long flags;

	do {
		sc = sched_lock(v, &flags);
		if (v->sched.state == SCHED_OFF && !atomic_read(&v->running)
		    && !sched_allowed(v, sc->id)) {
			sc = sched_rehome(sc, v, &flags);
		}
	} while (!sc);
	spin_unlock_irqrestore(&sc->lock, flags);
}

void sched_wake_common(struct vcpu *v, bool fresh)
{
	struct sched_cpu *sc;
	unsigned long flags;
	uint64_t now;

	do {
		sc = sched_lock(v, &flags);
		if (v->sched.state != SCHED_OFF || !vcpu_runnable(v)) {
			goto out;
		}
		sc = sched_rehome(sc, v, &flags);
	} while (!sc);
	if (!vcpu_runnable(v)) {
		goto out;	/* paused while rehoming held no lock: that did not wait for it */
	}
	now = time_now_ns();
	if (fresh) {
		sched_vtime_on_wake(sc, v);
	}
	v->sched.since = now;
	v->sched.woken = fresh;
	sched_runstate(v, RUNSTATE_runnable, now);
	sched_queue_insert(sc, v);
	sched_clock_update(sc);
	sched_tickle(sc, v, now);
out:
	spin_unlock_irqrestore(&sc->lock, flags);
}

void sched_vcpu_wake(struct vcpu *v)
{
	sched_wake_common(v, true);
}

void sched_vcpu_sleep_nosync(struct vcpu *v)
{
	unsigned long flags;
	struct sched_cpu *sc = sched_lock(v, &flags);

	if (!vcpu_runnable(v)) {
		uint64_t now = time_now_ns();

		if (v->sched.state == SCHED_QUEUED) {
			sched_account(sc, v, now);
			sched_queue_remove(sc, v);
		}
		if (v->sched.state == SCHED_RUNNING) {
			softirq_raise_cpu(sc->id, SOFTIRQ_SCHEDULE);
		} else {
			v->sched.state = SCHED_OFF;
			sched_runstate(v, runstate_asleep(v), now);
		}
	}
	spin_unlock_irqrestore(&sc->lock, flags);
}

/* --- life cycle --- */

void sched_cpu_init(unsigned int cpu, struct vcpu *idle)
{
	struct sched_cpu *sc = sched_cpu_of(cpu);

	*sc = (struct sched_cpu){ .lock = SPINLOCK_INIT, .id = cpu, .pool = CPUPOOL_NONE,
				  .idle = idle, .curr = idle };
	timer_init(&sc->slice, sched_slice_over, sc, cpu);
	idle->is_idle = true;
	idle->cpu = cpu;
	idle->running = true;
	idle->sched.state = SCHED_RUNNING;
	idle->sched.weight = SCHED_WEIGHT_DEFAULT;
	idle->runstate = (struct vcpu_runstate_info){
		.state = RUNSTATE_running, .state_entry_time = time_now_ns(),
	};
}

void sched_vcpu_init(struct vcpu *v, unsigned int cpu)
{
	struct sched_vcpu *s = &v->sched;

	*s = (struct sched_vcpu){ .state = SCHED_OFF, .weight = v->domain->sched.weight,
				  .home = NR_CPUS, .vtime = sched_cpu_of(cpu)->clock,
				  .pace_window = time_now_ns() };
	cpumask_setall(&s->hard);
	cpumask_setall(&s->soft);
	v->cpu = cpu;
	v->runstate = (struct vcpu_runstate_info){
		.state = RUNSTATE_offline, .state_entry_time = time_now_ns(),
	};
	sched_recompute_allowed(v);
	timer_init(&v->poll_timer, sched_poll_timeout, v, cpu);
}

void sched_vcpu_destroy(struct vcpu *v)
{
	BUG_ON(v->sched.state == SCHED_RUNNING || v->sched.state == SCHED_QUEUED
	       || atomic_read(&v->running));
	sched_leave_home(v);
	timer_kill(&v->poll_timer);
}
