/* SPDX-License-Identifier: MIT */
/*
 * Event storms: real threads send, move, mask and consume at the same time, with two levels and with queues. What
 * must hold: after a send has returned, the port's handler runs once more, or is still going to. And resets at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "evtchn_world.h"
#include "fifo_guest.h"

#define PORTS	48
#define SENDERS	2
#define SENDS	60000
#define RESETS	1000
#define BEGINNINGS 5000

static struct domain *a, *b;
static struct fifo_guest g;
static uint32_t pa[PORTS], pb[PORTS];
static unsigned int index_of[2048];
static unsigned long sent[PORTS], handled[PORTS];
static unsigned int running;

static void handle(struct fifo_guest *guest, unsigned int vcpu, uint32_t port)
{
	unsigned int i = index_of[port];

	(void)guest;
	(void)vcpu;
	atomic_set(&handled[i], atomic_read(&sent[i]));
}

static void *sender(void *arg)
{
	unsigned int id = (unsigned int)(uintptr_t)arg, seed = id;

	fake_set_cpu(1 + id);
	for (unsigned int n = 0; n < SENDS; n++) {
		unsigned int i = (unsigned int)rand_r(&seed) % PORTS;

		atomic_inc(&sent[i]);
		evtchn_send(b, pb[i]);
		if (n % 64 == 0) {
			evtchn_bind_vcpu(a, pa[i], (unsigned int)rand_r(&seed) % WORLD_VCPUS);
			evtchn_set_priority(a, pa[i], (unsigned int)rand_r(&seed) % 16);
		}
	}
	(void)atomic_dec(&running);
	return NULL;
}

static void *fifo_consumer(void *arg)
{
	unsigned int vcpu = (unsigned int)(uintptr_t)arg, seed = vcpu;

	fake_set_cpu(4 + vcpu);
	while (atomic_read(&running)) {
		unsigned int i = (unsigned int)rand_r(&seed) % PORTS;

		fg_mask(&g, pa[i]);
		fg_upcall(&g, vcpu);
		fg_unmask(&g, pa[i]);
	}
	return NULL;
}

/* The two-level guest: selector, words, bits. */
static void bits_upcall(unsigned int vcpu)
{
	struct vcpu_info *vi = a->vcpu[vcpu]->info;
	unsigned long sel;

	if (!atomic_xchg(&vi->evtchn_upcall_pending, 0)) {
		return;
	}
	sel = atomic_xchg(&vi->evtchn_pending_sel, 0ul);
	while (sel) {
		unsigned int w = (unsigned int)__builtin_ctzl(sel);
		unsigned long bits;

		sel &= sel - 1;
		bits = atomic_read(&a->shared_info->evtchn_pending[w]) & ~atomic_read(&a->shared_info->evtchn_mask[w]);
		while (bits) {
			uint32_t port = w * 64 + (unsigned int)__builtin_ctzl(bits);

			bits &= bits - 1;
			atomic_clear_bit(port, a->shared_info->evtchn_pending);
			handle(NULL, vcpu, port);
		}
	}
}

static void *bits_consumer(void *arg)
{
	unsigned int vcpu = (unsigned int)(uintptr_t)arg, seed = vcpu;

	fake_set_cpu(4 + vcpu);
	while (atomic_read(&running)) {
		unsigned int i = (unsigned int)rand_r(&seed) % PORTS;

		atomic_set_bit(pa[i], a->shared_info->evtchn_mask);
		bits_upcall(vcpu);
		evtchn_unmask(a, pa[i]);
	}
	return NULL;
}

static void build(bool fifo)
{
	world_once();
	a = world_domain(0, ~0u);
	b = world_domain(1, ~0u);
	if (fifo) {
		fg_init_vcpus(&g, a);
		g.handler = handle;
		fg_add_page(&g, 0);
	}
	memset(sent, 0, sizeof(sent));
	memset(handled, 0, sizeof(handled));
	for (unsigned int i = 0; i < PORTS; i++) {
		assert_int_equal(evtchn_alloc_unbound(a, b->domid, &pa[i]), 0);
		assert_int_equal(evtchn_bind_interdomain(b, a, pa[i], &pb[i]), 0);
		index_of[pa[i]] = i;
		assert_int_equal(evtchn_bind_vcpu(a, pa[i], i % WORLD_VCPUS), 0);
	}
}

static void storm(void *(*consumer)(void *), void (*upcall)(unsigned int vcpu))
{
	pthread_t s[SENDERS], c[WORLD_VCPUS];

	running = SENDERS;
	for (uintptr_t i = 0; i < SENDERS; i++) {
		assert_int_equal(pthread_create(&s[i], NULL, sender, (void *)i), 0);
	}
	for (uintptr_t i = 0; i < WORLD_VCPUS; i++) {
		assert_int_equal(pthread_create(&c[i], NULL, consumer, (void *)i), 0);
	}
	for (unsigned int i = 0; i < SENDERS; i++) {
		pthread_join(s[i], NULL);
	}
	for (unsigned int i = 0; i < WORLD_VCPUS; i++) {
		pthread_join(c[i], NULL);
	}
	for (unsigned int i = 0; i < 2 * WORLD_VCPUS; i++) {
		upcall(i % WORLD_VCPUS);
	}
	for (unsigned int i = 0; i < PORTS; i++) {
		if (handled[i] != sent[i]) {
			print_error("port %u: %lu sent, handled at %lu\n", pa[i], sent[i], handled[i]);
		}
		assert_int_equal(handled[i], sent[i]);
	}
	world_domain_free(a);
	world_domain_free(b);
}

static void fifo_upcall(unsigned int vcpu)
{
	fg_upcall(&g, vcpu);
}

static void test_queues(void **state)
{
	(void)state;
	build(true);
	storm(fifo_consumer, fifo_upcall);
}

static void test_bits(void **state)
{
	(void)state;
	build(false);
	storm(bits_consumer, bits_upcall);
}

static void *resetter(void *arg)
{
	unsigned int id = (unsigned int)(uintptr_t)arg;

	fake_set_cpu(1 + id);
	world_as(a, id);
	for (unsigned int n = 0; n < RESETS; n++) {
		assert_int_equal(evtchn_reset(a), 0);
	}
	(void)atomic_dec(&running);
	return NULL;
}

/* Vcpus that all reset their domain: each port is taken by one of them, and none beyond the last. */
static void test_resets(void **state)
{
	pthread_t t[WORLD_VCPUS];

	(void)state;
	world_once();
	a = world_domain(0, ~0u);
	running = WORLD_VCPUS;
	for (uintptr_t i = 0; i < WORLD_VCPUS; i++) {
		assert_int_equal(pthread_create(&t[i], NULL, resetter, (void *)i), 0);
	}
	for (unsigned int i = 0; i < WORLD_VCPUS; i++) {
		pthread_join(t[i], NULL);
	}
	assert_int_equal(running, 0);
	world_domain_free(a);
}

/* Sends once each time it is told to, after a moment that is seldom the same. */
static void *late_sender(void *arg)
{
	unsigned int seed = 7, done = 0, round;

	(void)arg;
	fake_set_cpu(1);
	while ((round = atomic_read(&running)) != ~0u) {
		if (round == done) {
			continue;
		}
		for (unsigned int n = (unsigned int)rand_r(&seed) % 4096; n > 0; n--) {
			__builtin_ia32_pause();
		}
		evtchn_send(b, pb[0]);
		done = round;
		atomic_set(&sent[0], done);
	}
	return NULL;
}

/* A send while the receiver starts to use queues: it arrives by whatever is in force afterwards. */
static void test_beginning(void **state)
{
	pthread_t t;

	(void)state;
	running = 0;
	assert_int_equal(pthread_create(&t, NULL, late_sender, NULL), 0);
	for (unsigned int round = 1; round <= BEGINNINGS; round++) {
		world_once();
		a = world_domain(0, ~0u);
		b = world_domain(1, ~0u);
		assert_int_equal(evtchn_alloc_unbound(a, b->domid, &pa[0]), 0);
		assert_int_equal(evtchn_bind_interdomain(b, a, pa[0], &pb[0]), 0);
		index_of[pa[0]] = 0;
		atomic_set(&running, round);
		fg_init_vcpus(&g, a);
		fg_add_page(&g, 0);
		while (atomic_read(&sent[0]) != round) {
			__builtin_ia32_pause();
		}
		assert_true(evtchn_port_is_pending(a, pa[0]));
		world_domain_free(a);
		world_domain_free(b);
	}
	atomic_set(&running, ~0u);
	pthread_join(t, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_queues), cmocka_unit_test(test_bits),
					    cmocka_unit_test(test_resets), cmocka_unit_test(test_beginning) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
