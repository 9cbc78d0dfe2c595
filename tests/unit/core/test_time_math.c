// SPDX-License-Identifier: MIT
/*
 * Clock arithmetic: scales for frequencies from 1 Hz to 2^60 Hz, conversions there and
 * back, steering that never steps back, dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <dais/time_math.h>

static const uint64_t freqs[] = {
	1, 32768, 1193182, 3579545, 10000000, 14318180, 24000000, 100000000, 999999999,
	1000000000, 1000000001, 2000000000, 2400000000, 2893299000, 3579545000, 4294967296,
	10000000000, 1ULL << 60,
};
#define NR_FREQS (sizeof(freqs) / sizeof(freqs[0]))

static void test_scale_has_full_precision(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NR_FREQS; i++) {
		struct time_scale s = { 0 };

		time_scale_set_hz(&s, freqs[i]);
		assert_true(s.mul >> 31);
		assert_in_range(s.shift + 32, 1, 63);
	}
}

static void test_second_is_a_second(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NR_FREQS; i++) {
		struct time_scale s = { 0 };
		uint64_t ns;

		time_scale_set_hz(&s, freqs[i]);
		ns = time_scale_delta(freqs[i], s.mul, s.shift);
		/* Rounding down everywhere: never more, less by one part in 2^31 at most. */
		assert_true(ns <= NSEC_PER_SEC);
		assert_true(ns >= NSEC_PER_SEC - 2);
	}
}

static void test_long_uptime(void **state)
{
	struct time_scale s = { 0 };
	uint64_t year = 365ULL * 24 * 3600, ns;

	(void)state;
	time_scale_set_hz(&s, 3000000000);
	ns = time_scale_delta(3000000000 * year, s.mul, s.shift);
	assert_true(time_freq_agree(ns, year * NSEC_PER_SEC, 1));
}

static void test_read_before_stamp(void **state)
{
	struct time_scale s = { .stamp = 1000000, .base = 5000000 };

	(void)state;
	time_scale_set_hz(&s, 1000000000);
	assert_in_range(time_scale_read(&s, 1000000 - 500), 5000000 - 500, 5000000 - 499);
	assert_int_equal(time_scale_read(&s, 1000000), 5000000);
	assert_in_range(time_scale_read(&s, 1000000 + 500), 5000000 + 499, 5000000 + 500);
}

static void test_ticks_cover_ns(void **state)
{
	static const uint64_t times[] = { 0, 1, 999, 1000000, 123456789, NSEC_PER_SEC, 1ULL << 50 };

	(void)state;
	for (unsigned int i = 0; i < NR_FREQS; i++) {
		for (unsigned int j = 0; j < sizeof(times) / sizeof(times[0]); j++) {
			struct time_scale s = { 0 };
			uint64_t ticks;

			time_scale_set_hz(&s, freqs[i]);
			ticks = time_ns_to_ticks(&s, times[j]);
			if (ticks == UINT64_MAX || ticks > UINT64_MAX >> 32) {
				continue;
			}
			/* A timer set to that many ticks is never early. */
			assert_true(time_scale_delta(ticks, s.mul, s.shift) >= times[j]);
		}
	}
}

static void test_ticks_saturate(void **state)
{
	struct time_scale s = { 0 };

	(void)state;
	time_scale_set_hz(&s, 10000000000);
	assert_int_equal(time_ns_to_ticks(&s, UINT64_MAX), UINT64_MAX);
	s.mul = 0;
	assert_int_equal(time_ns_to_ticks(&s, 1), UINT64_MAX);
}

static void test_freq(void **state)
{
	(void)state;
	assert_int_equal(time_freq(150000000, 178977, 3579545) / 1000000, 3000);
	assert_int_equal(time_freq(1, 0, 1), UINT64_MAX);
	assert_true(time_freq_agree(1000000, 1000100, 100));
	assert_false(time_freq_agree(1000000, 1000200, 100));
	assert_true(time_freq_agree(UINT64_MAX, UINT64_MAX - 1, 1));
}

/* A clock whose counter runs off by `ppm` is steered each second; see where it ends. */
static uint64_t steer_run(int ppm, unsigned int seconds, uint64_t jitter)
{
	struct time_scale s = { 0 };
	uint64_t hz = 2000000000, real = hz + (int64_t)hz / 1000000 * ppm;
	uint64_t ticks = 0, ref = 0, last = 0, prev_t = 0, prev_r = 0, worst = 0;

	time_scale_set_hz(&s, hz);
	srand(1);
	for (unsigned int i = 0; i < seconds; i++) {
		uint64_t off, now;

		for (unsigned int j = 1; j <= 10; j++) {
			now = time_scale_read(&s, ticks + real / 10 * j);
			assert_true(now >= last);
			last = now;
		}
		ticks += real;
		ref += NSEC_PER_SEC;
		time_scale_steer(&s, ticks, ref + (jitter ? rand() % jitter : 0), prev_t, prev_r,
				 NSEC_PER_SEC);
		now = time_scale_read(&s, ticks);
		assert_true(now >= last);
		last = now;
		off = now > ref ? now - ref : ref - now;
		worst = i > seconds / 2 && off > worst ? off : worst;
		prev_t = ticks;
		prev_r = ref;
	}
	return worst;
}

static void test_steering_converges(void **state)
{
	(void)state;
	assert_true(steer_run(0, 20, 0) < 1000);
	assert_true(steer_run(500, 20, 0) < 1000);
	assert_true(steer_run(-500, 20, 0) < 1000);
	assert_true(steer_run(100000, 60, 0) < 10000);	/* a tenth off */
	assert_true(steer_run(-100000, 60, 0) < 10000);
	assert_true(steer_run(50, 100, 5000) < 20000);	/* 5 us of jitter */
}

static void test_steering_jumps_only_forward(void **state)
{
	struct time_scale s = { 0 };

	(void)state;
	time_scale_set_hz(&s, 1000000000);
	time_scale_steer(&s, 1000000000, 60 * NSEC_PER_SEC, 0, 0, NSEC_PER_SEC);
	assert_int_equal(s.base, 60 * NSEC_PER_SEC);
	/* Far ahead of the reference: it stays where it is and goes slower. */
	time_scale_steer(&s, 2000000000, 61 * NSEC_PER_SEC - 30 * NSEC_PER_SEC, 1000000000,
			 30 * NSEC_PER_SEC, NSEC_PER_SEC);
	assert_true(s.base >= 60 * NSEC_PER_SEC);
	assert_true(time_scale_delta(1000000000, s.mul, s.shift) < NSEC_PER_SEC);
}

static void test_steering_survives_nonsense(void **state)
{
	struct time_scale s = { .stamp = 10, .base = 20 };
	uint64_t before;

	(void)state;
	time_scale_set_hz(&s, 1000000000);
	before = time_scale_read(&s, 100);
	time_scale_steer(&s, 100, 100, 100, 100, NSEC_PER_SEC);	/* no time passed */
	assert_int_equal(time_scale_read(&s, 100), before);
	time_scale_steer(&s, 100, 90, 200, 100, NSEC_PER_SEC);	/* counters ran backwards */
	assert_int_equal(time_scale_read(&s, 100), before);
	assert_true(s.mul >> 31);
}

static void test_dates(void **state)
{
	(void)state;
	assert_int_equal(time_from_date(1970, 1, 1, 0, 0, 0), 0);
	assert_int_equal(time_from_date(2000, 2, 29, 12, 0, 0), 951825600);
	assert_int_equal(time_from_date(2000, 3, 1, 0, 0, 0), 951868800);
	assert_int_equal(time_from_date(2024, 12, 31, 23, 59, 59), 1735689599);
	assert_int_equal(time_from_date(2100, 3, 1, 0, 0, 0), 4107542400);
	assert_int_equal(time_from_date(1969, 12, 31, 23, 59, 59), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale_has_full_precision),
		cmocka_unit_test(test_second_is_a_second),
		cmocka_unit_test(test_long_uptime),
		cmocka_unit_test(test_read_before_stamp),
		cmocka_unit_test(test_ticks_cover_ns),
		cmocka_unit_test(test_ticks_saturate),
		cmocka_unit_test(test_freq),
		cmocka_unit_test(test_steering_converges),
		cmocka_unit_test(test_steering_jumps_only_forward),
		cmocka_unit_test(test_steering_survives_nonsense),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
