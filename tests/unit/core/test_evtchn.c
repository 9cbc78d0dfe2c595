/* SPDX-License-Identifier: MIT */
/*
 * Event channels with two-level delivery: the port table, every binding, closing from both ends, what dies with a
 * domain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "evtchn_world.h"
#include "hv_alloc.h"

static struct domain *a, *b;

static int setup(void **state)
{
	(void)state;
	world_once();
	a = world_domain(0, ~0u);
	b = world_domain(1, ~0u);
	dom0 = a;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_domain_free(a);
	world_domain_free(b);
	dom0 = NULL;
	return 0;
}

static bool pending(struct domain *d, uint32_t port)
{
	return (d->shared_info->evtchn_pending[port / 64] >> (port % 64)) & 1;
}

/* As the guest does after an upcall: everything noted as pending is taken. */
static void consume(struct domain *d)
{
	memset(d->shared_info->evtchn_pending, 0, sizeof(d->shared_info->evtchn_pending));
	for (unsigned int i = 0; i < WORLD_VCPUS; i++) {
		d->vcpu[i]->info->evtchn_pending_sel = 0;
		d->vcpu[i]->info->evtchn_upcall_pending = 0;
	}
	world_kicks = 0;
}

static void connect(struct domain *x, struct domain *y, uint32_t *px, uint32_t *py)
{
	assert_int_equal(evtchn_alloc_unbound(x, y->domid, px), 0);
	assert_int_equal(evtchn_bind_interdomain(y, x, *px, py), 0);
	consume(x);
	consume(y);
}

static uint32_t status_of(struct domain *d, uint32_t port, struct evtchn_status *s)
{
	memset(s, 0, sizeof(*s));
	assert_int_equal(evtchn_status(d, port, s), 0);
	return s->status;
}

static void test_ports_are_lowest_first(void **state)
{
	struct evtchn_status s;
	uint32_t p;

	(void)state;
	for (uint32_t want = 1; want < 300; want++) {
		assert_int_equal(evtchn_alloc_unbound(a, 2, &p), 0);
		assert_int_equal(p, want);
	}
	assert_int_equal(a->evtchn.active, 299);
	assert_int_equal(evtchn_close(a, 17), 0);
	assert_int_equal(evtchn_close(a, 250), 0);
	assert_int_equal(evtchn_close(a, 17), -22);
	assert_int_equal(evtchn_alloc_unbound(a, 2, &p), 0);
	assert_int_equal(p, 17);
	assert_int_equal(evtchn_alloc_unbound(a, 2, &p), 0);
	assert_int_equal(p, 250);
	assert_int_equal(status_of(a, 0, &s), EVTCHNSTAT_closed);
	assert_int_equal(evtchn_close(a, 0), -22);
	assert_int_equal(evtchn_send(a, 0), -22);
	assert_int_equal(status_of(a, 5, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 2);
	assert_int_equal(evtchn_status(a, 384, &s), -22);
	assert_int_equal(evtchn_status(a, ~0u, &s), -22);
}

static void test_limits(void **state)
{
	struct domain *c = world_domain(2, 200);
	uint32_t p, n = 0;

	(void)state;
	while (evtchn_alloc_unbound(c, 1, &p) == 0) {
		n++;
	}
	assert_int_equal(n, 200);
	assert_int_equal(evtchn_alloc_unbound(c, 1, &p), -28);
	world_domain_free(c);

	n = 0;
	while (evtchn_alloc_unbound(a, 2, &p) == 0) {
		n++;
	}
	assert_int_equal(n, EVTCHN_2L_NR_CHANNELS - 1);
}

static void test_no_memory(void **state)
{
	uint32_t p;

	(void)state;
	for (unsigned int i = 1; i < EVTCHN_BUCKET; i++) {
		assert_int_equal(evtchn_alloc_unbound(a, 2, &p), 0);
	}
	fake_hv_alloc_fail_at(1);
	assert_int_equal(evtchn_alloc_unbound(a, 2, &p), -12);
	assert_int_equal(evtchn_alloc_unbound(a, 2, &p), 0);
	assert_int_equal(p, EVTCHN_BUCKET);
}

static void test_interdomain(void **state)
{
	struct evtchn_status s;
	uint32_t pa, pb;

	(void)state;
	assert_int_equal(evtchn_alloc_unbound(a, b->domid, &pa), 0);
	assert_int_equal(evtchn_send(a, pa), 0);	/* to nobody */
	assert_int_equal(evtchn_bind_interdomain(a, a, pa, &pb), -22);	/* not for a */
	assert_int_equal(evtchn_bind_interdomain(b, a, pa, &pb), 0);
	assert_true(pending(b, pb));			/* starts pending */
	assert_false(pending(a, pa));
	assert_int_equal(world_kicks, 1);
	assert_int_equal(evtchn_bind_interdomain(b, a, pa, &pb), -22);
	consume(b);

	assert_int_equal(evtchn_send(b, pb), 0);
	assert_true(pending(a, pa));
	assert_int_equal(a->vcpu[0]->info->evtchn_pending_sel, 1);
	assert_int_equal(a->vcpu[0]->info->evtchn_upcall_pending, 1);
	assert_int_equal(evtchn_send(b, pb), 0);
	assert_int_equal(world_kicks, 1);		/* already pending */
	assert_int_equal(evtchn_send(a, pa), 0);
	assert_true(pending(b, pb));

	assert_int_equal(status_of(a, pa, &s), EVTCHNSTAT_interdomain);
	assert_int_equal(s.u.interdomain.dom, b->domid);
	assert_int_equal(s.u.interdomain.port, pb);

	/* The peer of a closed port waits for the same domain. */
	assert_int_equal(evtchn_close(b, pb), 0);
	assert_false(pending(b, pb));
	assert_int_equal(status_of(a, pa, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, b->domid);
	assert_int_equal(evtchn_bind_interdomain(b, a, pa, &pb), 0);
	/* And from the other end, which locks in the other order. */
	assert_int_equal(evtchn_close(a, pa), 0);
	assert_int_equal(status_of(b, pb, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, a->domid);
	assert_int_equal(a->refs, 1);
	assert_int_equal(b->refs, 1);
}

static void test_loop_to_self(void **state)
{
	struct evtchn_status s;
	uint32_t p, q;

	(void)state;
	connect(a, a, &p, &q);
	assert_int_equal(evtchn_send(a, p), 0);
	assert_true(pending(a, q));
	assert_int_equal(evtchn_close(a, p), 0);
	assert_int_equal(status_of(a, q, &s), EVTCHNSTAT_unbound);
	assert_int_equal(evtchn_close(a, q), 0);
}

static void test_virqs(void **state)
{
	struct evtchn_status s;
	uint32_t p, q;

	(void)state;
	assert_int_equal(evtchn_bind_virq(a, 24, 0, &p), -22);
	assert_int_equal(evtchn_bind_virq(a, ~0u, 0, &p), -22);
	assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, WORLD_VCPUS, &p), -2);
	assert_int_equal(evtchn_bind_virq(a, VIRQ_CONSOLE, 1, &p), -22);
	assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, 2, &p), 0);
	assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, 2, &q), -17);
	assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, 1, &q), 0);
	virq_send_vcpu(a->vcpu[2], VIRQ_TIMER);
	assert_true(pending(a, p));
	assert_false(pending(a, q));
	assert_int_equal(a->vcpu[2]->info->evtchn_upcall_pending, 1);
	assert_int_equal(a->vcpu[0]->info->evtchn_upcall_pending, 0);
	assert_int_equal(status_of(a, p, &s), EVTCHNSTAT_virq);
	assert_int_equal(s.vcpu, 2);
	assert_int_equal(s.u.virq, VIRQ_TIMER);
	assert_int_equal(evtchn_send(a, p), -22);
	assert_int_equal(evtchn_bind_vcpu(a, p, 0), -22);
	assert_int_equal(evtchn_close(a, p), 0);
	virq_send_vcpu(a->vcpu[2], VIRQ_TIMER);
	assert_false(pending(a, p));
	assert_int_equal(evtchn_bind_virq(a, VIRQ_TIMER, 2, &q), 0);
	assert_int_equal(q, p);
}

static void test_global_virq_handler(void **state)
{
	uint32_t p, q;

	(void)state;
	assert_int_equal(evtchn_bind_virq(a, VIRQ_DOM_EXC, 0, &p), 0);
	assert_int_equal(evtchn_bind_virq(b, VIRQ_DOM_EXC, 0, &q), 0);
	assert_int_equal(evtchn_bind_vcpu(a, p, 1), 0);
	virq_send_global(VIRQ_DOM_EXC);
	assert_true(pending(a, p));
	assert_int_equal(a->vcpu[1]->info->evtchn_upcall_pending, 1);
	assert_false(pending(b, q));
	consume(a);
	assert_int_equal(virq_set_handler(b, VIRQ_TIMER), -22);
	assert_int_equal(virq_set_handler(b, 24), -22);
	assert_int_equal(virq_set_handler(b, VIRQ_DOM_EXC), 0);
	assert_int_equal(b->refs, 2);
	virq_send_global(VIRQ_DOM_EXC);
	assert_false(pending(a, p));
	assert_true(pending(b, q));
	while (evtchn_destroy(b)) {
	}
	assert_int_equal(b->refs, 1);
	virq_send_global(VIRQ_DOM_EXC);
	assert_true(pending(a, p));
	assert_int_equal(virq_set_handler(b, VIRQ_DOM_EXC), -22);
}

static void raise_at_once(struct domain *d, uint32_t port)
{
	evtchn_raise(d, port, EVTCHN_PIRQ, 9);
}

static void test_pirqs(void **state)
{
	struct evtchn_status s;
	uint32_t p, q;

	(void)state;
	world_pirq_result = -17;
	assert_int_equal(evtchn_bind_pirq(a, 9, true, &p), -17);
	assert_int_equal(a->evtchn.active, 0);
	world_pirq_result = 0;
	world_pirq_hook = raise_at_once;	/* the line fires before bind has returned */
	assert_int_equal(evtchn_bind_pirq(a, 9, true, &p), 0);
	assert_int_equal(p, 1);
	assert_true(pending(a, p));
	assert_int_equal(status_of(a, p, &s), EVTCHNSTAT_pirq);
	assert_int_equal(s.u.pirq, 9);
	assert_int_equal(evtchn_bind_vcpu(a, p, 2), 0);
	assert_int_equal(world_pirq_vcpu, 2);
	consume(a);
	evtchn_raise(a, p, EVTCHN_PIRQ, 9);
	assert_int_equal(a->vcpu[2]->info->evtchn_upcall_pending, 1);
	assert_int_equal(evtchn_close(a, p), 0);
	assert_int_equal(world_pirq_port, 0);
	consume(a);
	evtchn_raise(a, p, EVTCHN_PIRQ, 9);		/* late */
	assert_false(pending(a, p));
	assert_int_equal(evtchn_bind_ipi(a, 0, &q), 0);
	evtchn_raise(a, q, EVTCHN_PIRQ, 9);		/* a port that is something else by now */
	assert_false(pending(a, q));
	evtchn_raise(a, 99999, EVTCHN_PIRQ, 9);
	world_pirq_hook = NULL;
	assert_int_equal(evtchn_bind_pirq(a, 10, false, &q), 0);
	evtchn_raise(a, q, EVTCHN_PIRQ, 9);	/* or another line's */
	assert_false(pending(a, q));
}

static void test_ipi_and_masks(void **state)
{
	uint32_t p;

	(void)state;
	assert_int_equal(evtchn_bind_ipi(a, WORLD_VCPUS, &p), -2);
	assert_int_equal(evtchn_bind_ipi(a, 1, &p), 0);
	assert_int_equal(evtchn_bind_vcpu(a, p, 0), -22);
	a->shared_info->evtchn_mask[0] = ~0ul;
	assert_int_equal(evtchn_send(a, p), 0);
	assert_true(pending(a, p));
	assert_int_equal(world_kicks, 0);
	assert_int_equal(evtchn_port_is_pending(a, p), 1);
	assert_int_equal(evtchn_port_is_pending(a, p + 1), 0);
	assert_int_equal(evtchn_port_is_pending(a, 5000), -22);
	assert_int_equal(evtchn_unmask(a, p), 0);
	assert_int_equal(world_kicks, 1);
	assert_int_equal(a->vcpu[1]->info->evtchn_pending_sel, 1);
	assert_int_equal(a->shared_info->evtchn_mask[0], ~(1ul << p));
	assert_int_equal(evtchn_unmask(a, p), 0);
	assert_int_equal(world_kicks, 1);
	assert_int_equal(evtchn_unmask(a, 5000), -22);
	assert_int_equal(evtchn_bind_vcpu(a, 5000, 0), -22);
	assert_int_equal(evtchn_bind_vcpu(a, p, 77), -2);
	assert_int_equal(evtchn_set_priority(a, p, 3), -38);
}

static void test_pollers_wake(void **state)
{
	uint32_t p, q;

	(void)state;
	assert_int_equal(evtchn_bind_ipi(a, 0, &p), 0);
	assert_int_equal(evtchn_bind_ipi(a, 0, &q), 0);
	a->shared_info->evtchn_mask[0] = ~0ul;
	a->evtchn.pollers = 2;
	a->vcpu[1]->poll_evtchn = (int32_t)p;
	a->vcpu[1]->pause_flags = VCPU_POLLING;
	a->vcpu[2]->poll_evtchn = -1;
	a->vcpu[2]->pause_flags = VCPU_POLLING;
	evtchn_send(a, q);
	assert_int_equal(a->vcpu[1]->pause_flags, VCPU_POLLING);
	assert_int_equal(a->vcpu[2]->pause_flags, 0);
	evtchn_send(a, p);
	assert_int_equal(a->vcpu[1]->pause_flags, 0);
	assert_int_equal(world_unblocks, 2);
}

static void test_before_vcpus(void **state)
{
	struct domain *c = world_domain(2, ~0u);
	struct vcpu **vcpus = c->vcpu;
	uint32_t pc, pa;

	(void)state;
	c->vcpu = (struct vcpu *[WORLD_VCPUS]){ NULL };
	assert_int_equal(evtchn_alloc_unbound(c, a->domid, &pc), 0);
	assert_int_equal(evtchn_bind_interdomain(a, c, pc, &pa), 0);
	assert_int_equal(evtchn_send(a, pa), 0);
	assert_true(pending(c, pc));
	assert_int_equal(virq_set_handler(c, VIRQ_CONSOLE), 0);
	virq_send_global(VIRQ_CONSOLE);
	c->vcpu = vcpus;
	world_domain_free(c);
}

static void test_death(void **state)
{
	struct domain *c = world_domain(2, ~0u);
	struct evtchn_status s;
	uint32_t pc[200], pa[200], p;
	unsigned int calls = 0;
	int rc;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		connect(c, a, &pc[i], &pa[i]);
	}
	assert_int_equal(evtchn_bind_virq(c, VIRQ_TIMER, 0, &p), 0);
	assert_int_equal(evtchn_bind_pirq(c, 4, false, &p), 0);
	fake_preempt_every(2);
	do {
		rc = evtchn_destroy(c);
		calls++;
	} while (rc);
	fake_preempt_every(0);
	assert_true(calls > 2);
	assert_int_equal(world_pirq_port, 0);
	assert_int_equal(c->evtchn.active, 0);
	assert_int_equal(evtchn_alloc_unbound(c, 1, &p), -22);
	assert_int_equal(evtchn_bind_interdomain(a, c, pc[0], &p), -22);
	for (unsigned int i = 0; i < 200; i++) {
		assert_int_equal(status_of(a, pa[i], &s), EVTCHNSTAT_unbound);
		assert_int_equal(evtchn_send(a, pa[i]), 0);
		assert_int_equal(evtchn_close(a, pa[i]), 0);
	}
	world_domain_free(c);
}

static void test_reset(void **state)
{
	uint32_t p, q;

	(void)state;
	connect(a, b, &p, &q);
	assert_int_equal(evtchn_bind_ipi(a, 0, &p), 0);
	world_as(b, 0);
	assert_int_equal(evtchn_reset(a), -22);
	a->controller_pause_count = 1;
	assert_int_equal(evtchn_reset(a), 0);
	assert_int_equal(a->evtchn.active, 0);
	world_as(b, 0);
	fake_preempt_at(1);
	assert_int_equal(evtchn_reset(b), -85);
	assert_int_equal(evtchn_reset(b), 0);
	assert_int_equal(evtchn_bind_ipi(b, 0, &p), 0);
	assert_int_equal(p, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_ports_are_lowest_first), T(test_limits), T(test_no_memory), T(test_interdomain),
		T(test_loop_to_self), T(test_virqs), T(test_global_virq_handler), T(test_pirqs),
		T(test_ipi_and_masks), T(test_pollers_wake), T(test_before_vcpus), T(test_death), T(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
