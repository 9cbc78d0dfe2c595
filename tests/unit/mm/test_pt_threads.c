/* SPDX-License-Identifier: MIT */
/*
 * The same on several CPUs at once: threads fight over the pages of two domains, with the real
 * locks. What can go wrong here is a lost count or a frame with two types; the audit at the end of
 * each round finds it.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "machine.h"

#define THREADS	3
#define PAGES	10
#define ROUNDS	100
#define STEPS	3000

static struct domain *dom[2];
static mfn_t page[2][PAGES];

struct worker {
	pthread_t thread;
	unsigned int cpu;
	uint64_t seed;
	mfn_t written[4];		/* frames it holds as a grant would */
};

static unsigned int pick(struct worker *w, unsigned int n)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return (unsigned int)(w->seed >> 30) % n;
}

static void step(struct worker *w)
{
	unsigned int i = pick(w, 2), target = pick(w, 4) ? i : !i, p = pick(w, PAGES),
		     slot = pick(w, 4);
	struct domain *d = dom[i];
	mfn_t mfn = page[i][p];

	switch (pick(w, 8)) {
	case 0:
		(void)pt_pin(d, mfn, 1 + pick(w, 4));
		break;
	case 1:
		(void)pt_unpin(d, mfn);
		break;
	case 2:		/* a foreign writer, with no lock in common */
		if (w->written[slot]) {
			frame_put_writable(mfn_to_frame(w->written[slot]));
			w->written[slot] = 0;
		} else if (frame_get_writable(mfn_to_frame(mfn), d) == 0) {
			w->written[slot] = mfn;
		}
		break;
	case 3:
		(void)pt_settle(d);
		break;
	default:
		(void)pt_set_entry_one(
			d, dom[target], mfn, pick(w, PT_ENTRIES),
			pick(w, 3) ? pte_make(page[target][pick(w, PAGES)], pick(w, 2) ? RW : RO)
				   : 0,
			0);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	fake_set_cpu(w->cpu);
	for (unsigned int n = 0; n < STEPS; n++) {
		step(w);
	}
	for (unsigned int i = 0; i < 4; i++) {
		if (w->written[i]) {
			frame_put_writable(mfn_to_frame(w->written[i]));
			w->written[i] = 0;
		}
	}
	return NULL;
}

static void test_fight(void **state)
{
	static struct worker w[THREADS];

	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int t = 0; t < THREADS; t++) {
			w[t].cpu = t + 1;
			w[t].seed = round * 1000 + t + 1;
			assert_int_equal(pthread_create(&w[t].thread, NULL, work, &w[t]), 0);
		}
		for (unsigned int t = 0; t < THREADS; t++) {
			pthread_join(w[t].thread, NULL);
		}
		for (unsigned int i = 0; i < 2; i++) {
			while (pt_settle(dom[i]) == -ERESTART) {
				;
			}
		}
		machine_check(dom[0]);
		machine_check(dom[1]);
	}
}

/* Allocation and freeing from all sides. */
static void *work_alloc(void *arg)
{
	struct worker *w = arg;
	struct frame *mine[8] = { NULL };

	fake_set_cpu(w->cpu);
	for (unsigned int n = 0; n < STEPS; n++) {
		unsigned int i = pick(w, 8);

		if (mine[i]) {
			(void)domain_page_release(dom[w->cpu & 1], mine[i]);
			mine[i] = NULL;
		} else {
			mine[i] = domain_pages_alloc(dom[w->cpu & 1], 0, 0, 0);
		}
		frame_scrub_idle();
	}
	for (unsigned int i = 0; i < 8; i++) {
		if (mine[i]) {
			(void)domain_page_release(dom[w->cpu & 1], mine[i]);
		}
	}
	return NULL;
}

static void test_alloc(void **state)
{
	static struct worker w[THREADS];
	unsigned long before = frame_alloc_free();

	(void)state;
	for (unsigned int t = 0; t < THREADS; t++) {
		w[t].cpu = t + 1;
		w[t].seed = t + 77;
		assert_int_equal(pthread_create(&w[t].thread, NULL, work_alloc, &w[t]), 0);
	}
	for (unsigned int t = 0; t < THREADS; t++) {
		pthread_join(w[t].thread, NULL);
	}
	assert_int_equal(frame_alloc_free(), before);
	machine_check(dom[0]);
	machine_check(dom[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fight),
		cmocka_unit_test(test_alloc),
	};

	arena_init(256, 0, 0);
	for (unsigned int i = 0; i < 2; i++) {
		dom[i] = machine_domain(i, 0);
		for (unsigned int p = 0; p < PAGES; p++) {
			page[i][p] = machine_page(dom[i]);
		}
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
