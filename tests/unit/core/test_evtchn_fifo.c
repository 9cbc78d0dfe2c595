/* SPDX-License-Identifier: MIT */
/*
 * FIFO delivery against a guest that follows the protocol, and against one that scribbles over everything it shares.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "evtchn_world.h"
#include "fifo_guest.h"

static struct domain *a;
static struct fifo_guest g;
static uint32_t seen[4096], seen_n;
static unsigned int seen_vcpu[4096];

static void note(struct fifo_guest *guest, unsigned int vcpu, uint32_t port)
{
	(void)guest;
	assert_true(seen_n < 4096);
	seen_vcpu[seen_n] = vcpu;
	seen[seen_n++] = port;
}

static int setup(void **state)
{
	(void)state;
	world_once();
	a = world_domain(0, ~0u);
	seen_n = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_domain_free(a);
	return 0;
}

static void fifo_on(void)
{
	fg_init_vcpus(&g, a);
	g.handler = note;
	fg_add_page(&g, 0);
}

static void upcalls(void)
{
	for (unsigned int i = 0; i < WORLD_VCPUS; i++) {
		fg_upcall(&g, i);
	}
}

static void test_setup_refusals(void **state)
{
	uint64_t mfn, foreign = 3;
	uint32_t port;
	uint8_t bits;

	(void)state;
	mfn = world_page(a);
	assert_int_equal(evtchn_expand_array(a, mfn), -95);
	assert_int_equal(evtchn_init_control(a, WORLD_VCPUS, mfn, 0, &bits), -2);
	assert_int_equal(evtchn_init_control(a, 0, mfn, 4, &bits), -22);
	assert_int_equal(evtchn_init_control(a, 0, mfn, 4096 - 64, &bits), -22);
	assert_int_equal(evtchn_init_control(a, 0, mfn, ~7u, &bits), -22);
	assert_int_equal(evtchn_init_control(a, 0, foreign, 0, &bits), -22);
	assert_int_equal(evtchn_init_control(a, 0, ~0ull, 0, &bits), -22);
	assert_int_equal(frame_refs(mfn_to_frame(mfn)), 1);
	assert_int_equal(evtchn_init_control(a, 0, mfn, 4096 - 72, &bits), 0);
	assert_int_equal(evtchn_init_control(a, 0, mfn, 0, &bits), -22);
	assert_int_equal(frame_refs(mfn_to_frame(mfn)), 2);
	for (unsigned int i = 0; i < EVTCHN_FIFO_PAGES; i++) {
		assert_int_equal(evtchn_expand_array(a, mfn), 0);
	}
	assert_int_equal(evtchn_expand_array(a, mfn), -28);
	assert_int_equal(evtchn_bind_ipi(a, 0, &port), 0);
	assert_int_equal(evtchn_set_priority(a, port, 16), -22);
	assert_int_equal(evtchn_set_priority(a, 5000, 1), -22);
	assert_int_equal(evtchn_set_priority(a, port, 15), 0);
}

static void test_order_and_priority(void **state)
{
	uint32_t p[12];

	(void)state;
	fifo_on();
	for (unsigned int i = 0; i < 12; i++) {
		assert_int_equal(evtchn_bind_ipi(a, i % 3 == 2, &p[i]), 0);
	}
	assert_int_equal(evtchn_set_priority(a, p[7], 0), 0);
	assert_int_equal(evtchn_set_priority(a, p[0], 15), 0);
	for (unsigned int i = 0; i < 12; i++) {
		assert_int_equal(evtchn_send(a, p[i]), 0);
		assert_int_equal(evtchn_send(a, p[i]), 0);
	}
	assert_int_equal(world_kicks, 2);
	upcalls();
	assert_int_equal(seen_n, 12);
	assert_int_equal(seen[0], p[7]);	/* the urgent one, then those in order, then the least */
	assert_int_equal(seen[1], p[1]);
	assert_int_equal(seen[2], p[3]);
	assert_int_equal(seen[7], p[0]);
	for (unsigned int i = 8; i < 12; i++) {
		assert_int_equal(seen_vcpu[i], 1);
		assert_int_equal(seen[i], p[2 + 3 * (i - 8)]);
	}
	seen_n = 0;
	assert_int_equal(evtchn_send(a, p[3]), 0);
	upcalls();
	assert_int_equal(seen_n, 1);
}

static void test_masks(void **state)
{
	uint32_t p;

	(void)state;
	fifo_on();
	assert_int_equal(evtchn_bind_ipi(a, 0, &p), 0);
	fg_mask(&g, p);
	assert_int_equal(evtchn_send(a, p), 0);
	assert_int_equal(world_kicks, 0);
	assert_int_equal(evtchn_port_is_pending(a, p), 1);
	fg_unmask(&g, p);
	assert_int_equal(world_kicks, 1);
	upcalls();
	assert_int_equal(seen_n, 1);
	assert_int_equal(evtchn_port_is_pending(a, p), 0);
}

/* Raised before there were words, or before there were queues at all. */
static void test_early_events(void **state)
{
	uint32_t p[3];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(evtchn_bind_ipi(a, 0, &p[i]), 0);
	}
	assert_int_equal(evtchn_send(a, p[0]), 0);
	a->vcpu[0]->info->evtchn_upcall_pending = 0;
	fg_init_vcpus(&g, a);
	g.handler = note;
	assert_int_equal(evtchn_send(a, p[1]), 0);
	assert_int_equal(evtchn_port_is_pending(a, p[1]), 1);
	assert_int_equal(evtchn_port_is_pending(a, p[2]), 0);
	fg_add_page(&g, 0);
	upcalls();
	assert_int_equal(seen_n, 2);
	assert_int_equal(a->shared_info->evtchn_pending[0], 0);
}

/* A closed port that is still linked is not given out again before the guest has passed it. */
static void test_busy_port_is_not_reused(void **state)
{
	uint32_t p, q, r;

	(void)state;
	fifo_on();
	assert_int_equal(evtchn_bind_ipi(a, 0, &p), 0);
	assert_int_equal(evtchn_send(a, p), 0);
	assert_int_equal(evtchn_close(a, p), 0);
	assert_int_equal(evtchn_bind_ipi(a, 0, &q), 0);
	assert_int_not_equal(p, q);
	upcalls();
	assert_int_equal(seen_n, 0);
	assert_int_equal(evtchn_bind_ipi(a, 0, &r), 0);
	assert_int_equal(p, r);
	assert_int_equal(evtchn_send(a, r), 0);
	upcalls();
	assert_int_equal(seen_n, 1);
}

/* Ports that change vcpu and priority while they are pending: each arrives, once. */
static void test_moving_ports(void **state)
{
	uint32_t p[40];

	(void)state;
	fifo_on();
	srand(5);
	for (unsigned int i = 0; i < 40; i++) {
		uint32_t x;

		assert_int_equal(evtchn_alloc_unbound(a, a->domid, &x), 0);
		assert_int_equal(evtchn_bind_interdomain(a, a, x, &p[i]), 0);
		p[i] = x;
	}
	upcalls();
	for (unsigned int round = 0; round < 3000; round++) {
		bool sent[40] = { false };
		unsigned int n = 0;

		seen_n = 0;
		for (unsigned int k = 0; k < 30; k++) {
			unsigned int i = (unsigned int)rand() % 40;
			struct evtchn_status s;

			assert_int_equal(evtchn_bind_vcpu(a, p[i], (unsigned int)rand() % WORLD_VCPUS), 0);
			assert_int_equal(evtchn_set_priority(a, p[i], (unsigned int)rand() % 16), 0);
			assert_int_equal(evtchn_status(a, p[i], &s), 0);
			assert_int_equal(evtchn_send(a, s.u.interdomain.port), 0);
			n += !sent[i];
			sent[i] = true;
			if (rand() % 9 == 0) {
				fg_upcall(&g, (unsigned int)rand() % WORLD_VCPUS);
				for (unsigned int s2 = 0; s2 < seen_n; s2++) {
					for (unsigned int j = 0; j < 40; j++) {
						n -= sent[j] && p[j] == seen[s2];
						sent[j] &= p[j] != seen[s2];
					}
				}
				seen_n = 0;
			}
		}
		upcalls();
		assert_int_equal(seen_n, n);
	}
}

/* A guest that writes anything anywhere, all the time. We must not crash, hang, or write outside its pages. */
static void test_hostile_words(void **state)
{
	uint32_t p[64];

	(void)state;
	fifo_on();
	srand(6);
	for (unsigned int i = 0; i < 64; i++) {
		assert_int_equal(evtchn_bind_ipi(a, i % WORLD_VCPUS, &p[i]), 0);
	}
	for (unsigned int step = 0; step < 300000; step++) {
		unsigned int i = (unsigned int)rand() % 64;
		uint32_t junk = (uint32_t)rand() ^ ((uint32_t)rand() << 16);
		/* Words that look linked keep ports from being reused, so numbers grow beyond the array. */
		uint32_t *word = fg_word(&g, p[i] < 1024 ? p[i] : p[i] % 1024);

		switch (rand() % 8) {
		case 0:
			*word = junk;
			break;
		case 1:
			*word = 0;
			break;
		case 2:
			g.block[i % WORLD_VCPUS]->ready = junk;
			g.block[i % WORLD_VCPUS]->head[i % 16] = junk;
			break;
		case 3:
			evtchn_unmask(a, p[i]);
			break;
		case 4:
			evtchn_set_priority(a, p[i], junk % 16);
			break;
		case 5:
			if (rand() % 20 == 0 && evtchn_close(a, p[i]) == 0
			    && evtchn_bind_ipi(a, i % WORLD_VCPUS, &p[i])) {
				fail();
			}
			break;
		default:
			evtchn_send(a, p[i]);
			break;
		}
	}
}

static void test_reset_goes_back_to_bits(void **state)
{
	uint32_t p;

	(void)state;
	fifo_on();
	assert_int_equal(evtchn_bind_ipi(a, 0, &p), 0);
	world_as(a, 0);
	assert_int_equal(evtchn_reset(a), 0);
	assert_null(a->evtchn.fifo);
	assert_int_equal(evtchn_bind_ipi(a, 0, &p), 0);
	assert_int_equal(evtchn_send(a, p), 0);
	assert_int_equal(a->shared_info->evtchn_pending[0], 1ul << p);
	fifo_on();
	assert_int_equal(evtchn_close(a, p), 0);
}

static void test_many_ports(void **state)
{
	uint32_t p, n = 0;

	(void)state;
	fifo_on();
	fg_add_page(&g, 1);
	while (n < 6000) {
		assert_int_equal(evtchn_bind_ipi(a, 0, &p), 0);
		n++;
	}
	assert_int_equal(p, 6000);
	assert_int_equal(evtchn_send(a, p), 0);		/* its word is still to come */
	assert_int_equal(evtchn_port_is_pending(a, p), 1);
	assert_int_equal(evtchn_send(a, 2047), 0);
	upcalls();
	assert_int_equal(seen_n, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_setup_refusals), T(test_order_and_priority), T(test_masks), T(test_early_events),
		T(test_busy_port_is_not_reused), T(test_moving_ports), T(test_hostile_words),
		T(test_reset_goes_back_to_bits), T(test_many_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
