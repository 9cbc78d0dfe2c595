/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU timers in a skew heap threaded through struct timer: arming needs no memory and so cannot
 * fail. Setting, stopping and expiring cost O(log n) amortised.
 *
 * Lock: timer_cpu.lock of the CPU a timer belongs to, interrupts off; a leaf. Callbacks run without
 * it, on the timer's CPU; timer_cpu.firing names the one that runs. A callback that re-arms its own
 * timer must choose a later time, or it would be run again in the same softirq for ever.
 *
 * The clock event is only ever moved earlier from outside the softirq: an interrupt for a timer
 * that was stopped in the meantime is cheaper than programming the device on every stop.
 */
#include <dais/timer.h>
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/percpu.h>
#include <dais/softirq.h>
#include <dais/time.h>

/* --- the heap: a timer is no later than its children; root is the earliest --- */

/* Join two heaps, either of which may be NULL, at *link. */
static void heap_join(struct timer **link, struct timer *a, struct timer *b)
{
	while (a && b) {
		struct timer *first = b->expires < a->expires ? b : a, *rest = first->right;

		b = first == a ? b : a;
		*link = first;
		first->link = link;
		/* What is joined goes left, and next time right: that keeps the heap flat. */
		first->right = first->left;
		if (first->right) {
			first->right->link = &first->right;
		}
		link = &first->left;
		a = rest;
	}
	*link = a ? a : b;
	if (*link) {
		(*link)->link = link;
	}
}

static void heap_insert(struct timer_cpu *tc, struct timer *t)
{
	t->left = NULL;
	t->right = NULL;
	heap_join(&tc->root, tc->root, t);
	atomic_set(&t->armed, true);
}

static void heap_remove(struct timer *t)
{
	if (t->armed) {
		heap_join(t->link, t->left, t->right);
		atomic_set(&t->armed, false);
	}
}

/* --- arming --- */

/* Lock the CPU t belongs to, which may change until the lock is held. */
static struct timer_cpu *timer_lock(struct timer *t, unsigned long *flags)
{
	for (;;) {
		unsigned int cpu = atomic_read(&t->cpu);
		struct timer_cpu *tc = &cpu_ptr(cpu)->timers;

		*flags = spin_lock_irqsave(&tc->lock);
		if (likely(atomic_read_acquire(&t->cpu) == cpu)) {
			return tc;
		}
		spin_unlock_irqrestore(&tc->lock, *flags);
	}
}

/* The root of `cpu` may have become earlier: see that its clock event does too. Lock held. */
static void timer_reprogram(struct timer_cpu *tc, unsigned int cpu)
{
	if (!tc->root || tc->root->expires >= tc->programmed) {
		return;
	}
	if (cpu == cpu_id()) {
		tc->programmed = tc->root->expires;
		clock_event_set(tc->programmed);
	} else {
		softirq_raise_cpu(cpu, SOFTIRQ_TIMER);
	}
}

void timer_init(struct timer *t, void (*fn)(void *data), void *data, unsigned int cpu)
{
	*t = (struct timer){ .fn = fn, .data = data, .cpu = cpu };
}

void timer_set(struct timer *t, uint64_t expires)
{
	unsigned long flags;
	struct timer_cpu *tc = timer_lock(t, &flags);

	if (!t->dead) {
		heap_remove(t);
		t->expires = expires;
		heap_insert(tc, t);
		timer_reprogram(tc, t->cpu);
	}
	spin_unlock_irqrestore(&tc->lock, flags);
}

void timer_stop(struct timer *t)
{
	unsigned long flags;
	struct timer_cpu *tc;

	if (!timer_armed(t)) {
		return;
	}
	tc = timer_lock(t, &flags);
	heap_remove(t);
	spin_unlock_irqrestore(&tc->lock, flags);
}

void timer_kill(struct timer *t)
{
	unsigned long flags;
	struct timer_cpu *tc;
	unsigned int cpu;

	if (!t->fn) {
		return;		/* never initialised */
	}
	tc = timer_lock(t, &flags);
	heap_remove(t);
	t->dead = true;
	spin_unlock_irqrestore(&tc->lock, flags);

	/* It may have moved while it fired, so ask every CPU; our own is not running it, or is the
	 * caller. */
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		while (cpu != cpu_id() && atomic_read_acquire(&cpu_ptr(cpu)->timers.firing) == t) {
			cpu_relax();
		}
	}
}

void timer_move(struct timer *t, unsigned int cpu)
{
	unsigned long flags;
	struct timer_cpu *tc;

	if (atomic_read(&t->cpu) != cpu) {
		tc = timer_lock(t, &flags);
		heap_remove(t);
		atomic_set_release(&t->cpu, cpu);	/* from here on the lock of that one guards it */
		spin_unlock_irqrestore(&tc->lock, flags);
	}
}

/* --- expiry --- */

void timer_interrupt(void)
{
	/* The device has fired and is silent until it is programmed again. */
	this_cpu()->timers.programmed = TIMER_NEVER;
	softirq_raise(SOFTIRQ_TIMER);
}

void timer_softirq(void)
{
	struct timer_cpu *tc = &this_cpu()->timers;
	uint64_t now = time_now_ns(), next;
	unsigned long flags = spin_lock_irqsave(&tc->lock);
	struct timer *t;

	while ((t = tc->root) != NULL && t->expires <= now) {
		heap_remove(t);
		tc->firing = t;
		spin_unlock_irqrestore(&tc->lock, flags);
		t->fn(t->data);
		flags = spin_lock_irqsave(&tc->lock);
		atomic_set_release(&tc->firing, NULL);
	}
	next = tc->root ? tc->root->expires : TIMER_NEVER;
	if (next != tc->programmed) {
		tc->programmed = next;
		clock_event_set(next);
	}
	spin_unlock_irqrestore(&tc->lock, flags);
}

void timer_cpu_init(unsigned int cpu)
{
	cpu_ptr(cpu)->timers = (struct timer_cpu){
		.lock = SPINLOCK_INIT, .programmed = TIMER_NEVER,
	};
}
