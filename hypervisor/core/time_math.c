// SPDX-License-Identifier: MIT
/*
 * Arithmetic of clocks; see dais/time_math.h for what each function promises. Pure: the
 * host tests compile this very file.
 */
#include <dais/compiler.h>
#include <dais/time_math.h>

/* a * b / c without losing the upper half on the way; all ones when it does not fit. */
static uint64_t muldiv(uint64_t a, uint64_t b, uint64_t c)
{
	unsigned __int128 p = (unsigned __int128)a * b;
	uint64_t hi = (uint64_t)(p >> 64), lo = (uint64_t)p;

	if (hi >= c) {
		return UINT64_MAX;
	}
	/* The compiler would call a library for 128-bit division; the CPU can do this one. */
	__asm__("divq %2" : "+a"(lo), "+d"(hi) : "rm"(c) : "cc");
	return lo;
}

void time_scale_set_hz(struct time_scale *s, uint64_t hz)
{
	/* From coarse to fine: the first that has its top bit set fits in 32 bits. */
	for (int shift = 31; shift > -32; shift--) {
		uint64_t mul = muldiv(NSEC_PER_SEC, 1ULL << (32 - shift), hz ? hz : 1);

		if (mul >= 1ULL << 31) {
			s->mul = (uint32_t)min(mul, (uint64_t)UINT32_MAX);
			s->shift = (int8_t)shift;
			return;
		}
	}
	s->mul = 1U << 31;
	s->shift = -31;
}

uint64_t time_ns_to_ticks(const struct time_scale *s, uint64_t ns)
{
	uint64_t t = muldiv(ns, 1ULL << 32, s->mul);

	if (t >= UINT64_MAX - 1) {
		return UINT64_MAX;
	}
	t++;
	if (s->shift >= 0) {
		return (t >> s->shift) + 1;
	}
	return t > UINT64_MAX >> -s->shift ? UINT64_MAX : t << -s->shift;
}

uint64_t time_freq(uint64_t ticks, uint64_t ref, uint64_t ref_hz)
{
	return muldiv(ticks, ref_hz, ref);
}

bool time_freq_agree(uint64_t a, uint64_t b, uint32_t ppm)
{
	uint64_t high = a > b ? a : b, diff = a > b ? a - b : b - a;

	return (unsigned __int128)diff * 1000000 <= (unsigned __int128)high * ppm;
}

void time_scale_steer(struct time_scale *s, uint64_t ticks, uint64_t ref_ns,
		      uint64_t prev_ticks, uint64_t prev_ref_ns, uint64_t period)
{
	uint64_t now = time_scale_read(s, ticks);
	int64_t error = (int64_t)(ref_ns - now), limit = (int64_t)(period / 8);
	uint64_t ticks_per_period;

	s->stamp = ticks;
	s->base = now;
	if ((int64_t)(ticks - prev_ticks) <= 0 || (int64_t)(ref_ns - prev_ref_ns) <= 0) {
		return;
	}
	if (error > (int64_t)period) {
		s->base = ref_ns;
		error = 0;
	}
	error = max(-limit, min(error, limit));
	/* Make up for the error over the next period: it is to be that much longer or shorter. */
	ticks_per_period = muldiv(ticks - prev_ticks, period, ref_ns - prev_ref_ns);
	time_scale_set_hz(s, muldiv(ticks_per_period, NSEC_PER_SEC, period + (uint64_t)error));
}

/* Days in the civil calendar are easiest to count in years that begin with March. */
int64_t time_from_date(unsigned int year, unsigned int month, unsigned int day,
		       unsigned int hour, unsigned int minute, unsigned int second)
{
	int64_t y = (int64_t)year - (month <= 2), days;
	unsigned int m = month > 2 ? month - 3 : month + 9;

	days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
	return ((days - 719468) * 24 + hour) * 3600 + (int64_t)minute * 60 + second;
}
