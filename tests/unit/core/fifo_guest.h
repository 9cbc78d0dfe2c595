/* SPDX-License-Identifier: MIT */
/*
 * The guest's side of FIFO event queues, as the public protocol describes it: set up, mask and unmask, and take
 * events off the queues of one vcpu.
 */
#ifndef TESTS_FIFO_GUEST_H
#define TESTS_FIFO_GUEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "evtchn_world.h"

#define FG_PAGES 2			/* event words for 2048 ports */

struct fifo_guest {
	struct domain *d;
	uint32_t *words[FG_PAGES];
	struct evtchn_fifo_control_block *block[WORLD_VCPUS];
	uint32_t head[WORLD_VCPUS][EVTCHN_FIFO_MAX_QUEUES];
	void (*handler)(struct fifo_guest *g, unsigned int vcpu, uint32_t port);
};

static inline uint32_t *fg_word(struct fifo_guest *g, uint32_t port)
{
	return &g->words[port / 1024][port % 1024];
}

static inline void fg_init_vcpus(struct fifo_guest *g, struct domain *d)
{
	memset(g, 0, sizeof(*g));
	g->d = d;
	for (unsigned int i = 0; i < WORLD_VCPUS; i++) {
		uint64_t mfn = world_page(d);
		uint8_t bits = 0;

		assert_int_equal(evtchn_init_control(d, i, mfn, 64 * i, &bits), 0);
		assert_int_equal(bits, 17);
		g->block[i] = (void *)((char *)frame_map(mfn) + 64 * i);
	}
}

static inline void fg_add_page(struct fifo_guest *g, unsigned int i)
{
	uint64_t mfn = world_page(g->d);

	g->words[i] = frame_map(mfn);
	assert_int_equal(evtchn_expand_array(g->d, mfn), 0);
}

static inline void fg_mask(struct fifo_guest *g, uint32_t port)
{
	atomic_or(fg_word(g, port), 1u << EVTCHN_FIFO_MASKED);
}

static inline void fg_unmask(struct fifo_guest *g, uint32_t port)
{
	uint32_t *word = fg_word(g, port), w = atomic_read(word);

	for (;;) {
		if (!(w & (1u << EVTCHN_FIFO_MASKED))) {
			return;
		}
		if (w & (1u << EVTCHN_FIFO_PENDING)) {
			assert_int_equal(evtchn_unmask(g->d, port), 0);
			return;
		}
		w &= ~(1u << EVTCHN_FIFO_BUSY);
		if (atomic_cas(word, &w, w & ~(1u << EVTCHN_FIFO_MASKED))) {
			return;
		}
	}
}

/* Unlink: the port that follows, 0 at the end. */
static inline uint32_t fg_clear_linked(uint32_t *word)
{
	uint32_t w = atomic_read(word);

	while (!atomic_cas(word, &w, w & ~((1u << EVTCHN_FIFO_LINKED) | EVTCHN_FIFO_LINK_MASK))) {
	}
	return w & EVTCHN_FIFO_LINK_MASK;
}

static inline void fg_consume_one(struct fifo_guest *g, unsigned int vcpu, unsigned int q, uint32_t *ready)
{
	uint32_t port = g->head[vcpu][q], *word, next, w;

	if (!port) {
		port = atomic_read_acquire(&g->block[vcpu]->head[q]);
	}
	word = fg_word(g, port);
	next = fg_clear_linked(word);
	if (!next) {
		*ready &= ~(1u << q);
	}
	w = atomic_read(word);
	if ((w & (1u << EVTCHN_FIFO_PENDING)) && !(w & (1u << EVTCHN_FIFO_MASKED))) {
		atomic_and(word, ~(1u << EVTCHN_FIFO_PENDING));
		g->handler(g, vcpu, port);
	}
	g->head[vcpu][q] = next;
}

/* One upcall of a vcpu. */
static inline void fg_upcall(struct fifo_guest *g, unsigned int vcpu)
{
	uint32_t ready;

	if (!atomic_xchg(&g->d->vcpu[vcpu]->info->evtchn_upcall_pending, 0)) {
		return;
	}
	ready = atomic_xchg(&g->block[vcpu]->ready, 0);
	while (ready) {
		fg_consume_one(g, vcpu, (unsigned int)__builtin_ctz(ready), &ready);
		ready |= atomic_xchg(&g->block[vcpu]->ready, 0);
	}
}

#endif
