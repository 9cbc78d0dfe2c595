/* SPDX-License-Identifier: MIT */
/*
 * What happens to guests that have ended: every action, and the brake on those that end again and
 * again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "supervise/policy.h"

static void test_actions(void **state)
{
	static const struct {
		enum guest_action action;
		bool dump, destroy, rename, restart;
	} rows[] = {
		{ ACTION_DESTROY, false, true, false, false },
		{ ACTION_RESTART, false, true, false, true },
		{ ACTION_RENAME_RESTART, false, false, true, true },
		{ ACTION_PRESERVE, false, false, false, false },
		{ ACTION_COREDUMP_DESTROY, true, true, false, false },
		{ ACTION_COREDUMP_RESTART, true, true, false, true },
		{ ACTION_SOFT_RESET, false, true, false, true },
		{ (enum guest_action)99, false, true, false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy_in in = { .action = rows[i].action, .reason = END_CRASH,
					.uptime = 1000 };
		struct policy_out out = policy_decide(&in);

		assert_int_equal(out.dump, rows[i].dump);
		assert_int_equal(out.destroy, rows[i].destroy);
		assert_int_equal(out.rename, rows[i].rename);
		assert_int_equal(out.restart, rows[i].restart);
		assert_int_equal(out.delay, 0);
		assert_int_equal(out.soon, 0);
	}
}

/* Feeds each decision's count into the next. */
static unsigned int run(unsigned int reason, unsigned int times, uint64_t uptime)
{
	struct policy_in in = { .action = ACTION_RESTART, .reason = reason, .uptime = uptime };
	struct policy_out out = { 0 };
	unsigned int i;

	for (i = 0; i < times; i++) {
		out = policy_decide(&in);
		in.soon = out.soon;
	}
	return out.delay;
}

static void test_crash_loop(void **state)
{
	(void)state;
	assert_int_equal(run(END_CRASH, 1, 5), 1);
	assert_int_equal(run(END_CRASH, 2, 5), 2);
	assert_int_equal(run(END_CRASH, 3, 5), 4);
	assert_int_equal(run(END_CRASH, 9, 5), 256);
	assert_int_equal(run(END_CRASH, 10, 5), POLICY_DELAY_MAX);
	assert_int_equal(run(END_CRASH, 5000, 5), POLICY_DELAY_MAX);
}

static void test_a_reboot_is_not_a_loop(void **state)
{
	(void)state;
	assert_int_equal(run(END_REBOOT, 1, 5), 0);
	assert_int_equal(run(END_REBOOT, 2, 5), 1);
	assert_int_equal(run(END_REBOOT, 100, POLICY_SOON), 0);
}

static void test_a_long_life_forgives(void **state)
{
	struct policy_in in = { .action = ACTION_RESTART, .reason = END_CRASH, .uptime = POLICY_SOON,
				.soon = 7 };
	struct policy_out out = policy_decide(&in);

	(void)state;
	assert_int_equal(out.soon, 0);
	assert_int_equal(out.delay, 0);
	in.uptime = POLICY_SOON - 1;
	out = policy_decide(&in);
	assert_int_equal(out.soon, 8);
	assert_int_equal(out.delay, 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions), cmocka_unit_test(test_crash_loop),
		cmocka_unit_test(test_a_reboot_is_not_a_loop),
		cmocka_unit_test(test_a_long_life_forgives),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
