/* SPDX-License-Identifier: MIT */
/* See evtchn_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/frame_alloc.h>
#include <dais/hv_alloc.h>
#include <dais/sched.h>
#include "evtchn_world.h"

unsigned long world_kicks, world_unblocks;
int world_pirq_result;
uint32_t world_pirq_port, world_pirq_vcpu;
void (*world_pirq_hook)(struct domain *d, uint32_t port);

void vcpu_mark_events_pending(struct vcpu *v)
{
	if (!atomic_xchg(&v->info->evtchn_upcall_pending, 1)) {
		atomic_inc(&world_kicks);
	}
}

void sched_vcpu_unblock(struct vcpu *v)
{
	atomic_and(&v->pause_flags, ~(VCPU_BLOCKED | VCPU_POLLING));
	atomic_inc(&world_unblocks);
}

int pirq_bind(struct domain *d, uint32_t pirq, uint32_t port, bool will_share)
{
	(void)pirq;
	(void)will_share;
	world_pirq_port = port;
	if (world_pirq_hook) {
		world_pirq_hook(d, port);
	}
	return world_pirq_result;
}

void pirq_unbind(struct domain *d, uint32_t pirq, uint32_t port)
{
	(void)d;
	(void)pirq;
	assert_int_equal(port, world_pirq_port);
	world_pirq_port = 0;
}

void pirq_set_vcpu(struct domain *d, uint32_t pirq, uint32_t vcpu)
{
	(void)d;
	(void)pirq;
	world_pirq_vcpu = vcpu;
}

void world_once(void)
{
	static bool done;

	if (!done) {
		arena_init(FAKE_FRAMES, 0, 0);
		done = true;
	}
	fake_quiet(true);
	world_kicks = world_unblocks = 0;
	world_pirq_result = 0;
	world_pirq_hook = NULL;
	world_pirq_port = 0;
}

struct domain *world_domain(unsigned int i, uint32_t max_port)
{
	struct domain *d = arena_domain(i, (uint16_t)(i + 1), 1000);

	d->shared_info = aligned_alloc(4096, 4096);
	memset(d->shared_info, 0, 4096);
	d->max_vcpus = WORLD_VCPUS;
	d->vcpu = calloc(WORLD_VCPUS, sizeof(*d->vcpu));
	for (unsigned int k = 0; k < WORLD_VCPUS; k++) {
		d->vcpu[k] = calloc(1, sizeof(struct vcpu));
		d->vcpu[k]->domain = d;
		d->vcpu[k]->id = k;
		d->vcpu[k]->info = &d->shared_info->vcpu_info[k];
	}
	assert_int_equal(evtchn_init(d, max_port), 0);
	return d;
}

void world_domain_free(struct domain *d)
{
	while (evtchn_destroy(d)) {
	}
	assert_int_equal(d->evtchn.active, 0);
	evtchn_free(d);
	while (pt_relinquish(d)) {
	}
	assert_int_equal(d->tot_pages, 0);
	for (unsigned int k = 0; k < WORLD_VCPUS; k++) {
		assert_null(d->vcpu[k]->fifo);
		free(d->vcpu[k]);
	}
	free(d->vcpu);
	free(d->shared_info);
	assert_int_equal(d->refs, 1);
}

uint64_t world_page(struct domain *d)
{
	struct frame *f = domain_pages_alloc(d, 0, FRAME_ANY_BITS, 0);

	assert_non_null(f);
	return frame_to_mfn(f);
}

void world_as(struct domain *d, unsigned int vcpu)
{
	this_cpu()->current = d->vcpu[vcpu];
}
