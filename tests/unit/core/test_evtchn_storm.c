/* SPDX-License-Identifier: MIT */
/*
 * Event storms: real threads send, move, mask and consume at the same time, with two levels and with queues. What
 * must hold: after a send has returned, the port's handler runs once more, or is still going to.
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_queues), cmocka_unit_test(test_bits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
