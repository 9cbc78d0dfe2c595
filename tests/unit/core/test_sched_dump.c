/* SPDX-License-Identifier: MIT */
/*
 * Debug key r on vcpus put together by hand: what is said of each CPU and of each vcpu, in whatever
 * state they are found, half changed as they may be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "fake.h"
#include "fake_time.h"
#include "../../../hypervisor/core/sched_dump.c" /* for what its key is */

#define IDLE_DOMID 32767

static struct domain idle_domain = { .domid = IDLE_DOMID }, dom[2];
static struct vcpu idle[2], vcpus[4];
static struct vcpu *slots[2][4] = { { &vcpus[0], &vcpus[1] },
				    { &vcpus[2], NULL, &vcpus[3], NULL } };
static char said[4096];

void __wrap_printk(enum log_level lvl, const char *fmt, ...);

void __wrap_printk(enum log_level lvl, const char *fmt, ...)
{
	size_t n = strlen(said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	va_end(ap);
}

struct domain *domain_next(struct domain *d)
{
	return d == NULL ? &dom[0] : d == &dom[0] ? &dom[1] : NULL;
}

static int setup(void **state)
{
	fake_reset();
	fake_time_reset();
	nr_cpus = 2;
	memset(dom, 0, sizeof(dom));
	memset(idle, 0, sizeof(idle));
	memset(vcpus, 0, sizeof(vcpus));
	said[0] = '\0';
	for (unsigned int i = 0; i < 2; i++) {
		idle[i] = (struct vcpu){ .domain = &idle_domain, .id = i, .is_idle = true };
		cpu_ptr(i)->sched.curr = &idle[i];
		cpu_ptr(i)->timers.programmed = TIMER_NEVER;
		dom[i].domid = i * 7;
		dom[i].vcpu = slots[i];
		dom[i].max_vcpus = i ? 4 : 2;
		for (unsigned int k = 0; k < dom[i].max_vcpus; k++) {
			if (slots[i][k] != NULL) {
				slots[i][k]->domain = &dom[i];
				slots[i][k]->id = k;
			}
		}
	}
	fake_now = 5000000000ull;
	return 0;
}

static void press(void)
{
	const struct debug_key *k = &debug_key_key_sched;

	assert_int_equal(k->key, 'r');
	assert_false(k->in_irq);
	said[0] = '\0';
	k->fn(NULL);
}

static void expect(const char *line)
{
	if (strstr(said, line) == NULL) {
		fail_msg("no '%s' in:\n%s", line, said);
	}
}

static void test_cpus(void **state)
{
	struct cpu *c = cpu_ptr(1);

	vcpus[0].sched.chosen = fake_now - 2345678;
	c->sched.curr = &vcpus[0];
	c->sched.nr = 3;
	c->sched.pool = 4;
	c->softirqs = 0x12;
	c->timers.programmed = fake_now + 1500999;
	cpu_ptr(0)->sched.pool = CPUPOOL_NONE;
	idle[0].sched.chosen = fake_now + 1; /* chosen since the time was read */
	press();
	expect("CPU 0: runs d32767v0 for 0 us, 0 queued, pool -1, softirqs 0, next timer in -1 us\n");
	expect("CPU 1: runs d0v0 for 2345 us, 3 queued, pool 4, softirqs 12, next timer in 1500 us\n");
	assert_null(strstr(said, "CPU 2: "));
	c->timers.programmed = fake_now - 7000; /* late */
	press();
	expect("softirqs 12, next timer in 0 us\n");
}

static void test_vcpus(void **state)
{
	vcpus[0].cpu = 1;
	vcpus[0].running = true;
	vcpus[0].sched.state = SCHED_RUNNING;
	vcpus[0].runstate.state_entry_time = fake_now - 1000000;
	vcpus[1].running = true;
	vcpus[1].sched.state = SCHED_OFF;
	vcpus[1].pause_flags = VCPU_DOWN | VCPU_BLOCKED;
	vcpus[2].sched.state = SCHED_QUEUED;
	vcpus[2].pause_flags = VCPU_POLLING;
	vcpus[2].pause_count = 2;
	vcpus[3].sched.state = SCHED_PARKED;
	vcpus[3].runstate.state_entry_time = fake_now;
	press();
	expect("  d0v0: CPU 1, runs, 0 pauses, for 1000 us; timers");
	expect("  d0v1: CPU 0, off, still there, down, blocked, 0 pauses, for 5000000 us; timers");
	expect("  d7v0: CPU 0, queued, polling, 2 pauses, for 5000000 us; timers");
	expect("  d7v2: CPU 0, parked (cap), 0 pauses, for 0 us; timers");
	assert_null(strstr(said, "d7v1"));
	assert_null(strstr(said, "d7v3"));
}

static void test_timers(void **state)
{
	vcpus[0].singleshot = (struct timer){ .expires = fake_now + 10000, .armed = true };
	vcpus[1].poll_timer = (struct timer){ .expires = fake_now - 10000, .armed = true };
	vcpus[2].periodic = (struct timer){ .expires = fake_now + 4999999, .armed = true };
	vcpus[3].singleshot.expires = vcpus[3].periodic.expires = vcpus[3].poll_timer.expires =
		fake_now + 99000;
	press();
	expect("for 5000000 us; timers in us: one-shot 10 (armed), periodic 0, poll 0\n  d0v1");
	expect("for 5000000 us; timers in us: one-shot 0, periodic 0, poll 0 (armed)\n  d7v0");
	expect("for 5000000 us; timers in us: one-shot 0, periodic 4999, poll 0\n  d7v2");
	expect("for 5000000 us; timers in us: one-shot 0, periodic 0, poll 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_cpus, setup),
		cmocka_unit_test_setup(test_vcpus, setup),
		cmocka_unit_test_setup(test_timers, setup),
	};

	return cmocka_run_group_tests_name("core/sched_dump", tests, NULL, NULL);
}
