/* SPDX-License-Identifier: MIT */
/*
 * Pure arithmetic of time: from counter ticks to nanoseconds and back, and the steady
 * correction of a clock against another. No state, no hardware; tested on the host.
 *
 * A scale turns a tick delta into ns as ((delta << shift) * mul) >> 32 (shift may be
 * negative), which is the form guests are given in vcpu_time_info.
 */
#ifndef DAIS_TIME_MATH_H
#define DAIS_TIME_MATH_H

#include <stdbool.h>
#include <stdint.h>

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_USEC	1000ULL

struct time_scale {
	uint64_t stamp;		/* counter value ... */
	uint64_t base;		/* ... at which the clock read this many ns */
	uint32_t mul;
	int8_t shift;
};

static inline uint64_t time_scale_delta(uint64_t delta, uint32_t mul, int8_t shift)
{
	if (shift < 0) {
		delta >>= -shift;
	} else {
		delta <<= shift;
	}
	return (uint64_t)(((unsigned __int128)delta * mul) >> 32);
}

/* ns since the clock's origin, when the counter reads `ticks`. */
static inline uint64_t time_scale_read(const struct time_scale *s, uint64_t ticks)
{
	/* A counter read just before the stamp must not turn into centuries. */
	int64_t delta = (int64_t)(ticks - s->stamp);

	if (delta < 0) {
		return s->base - time_scale_delta((uint64_t)-delta, s->mul, s->shift);
	}
	return s->base + time_scale_delta((uint64_t)delta, s->mul, s->shift);
}

/* mul and shift of a counter with this frequency (1 Hz .. 2^60 Hz); mul has bit 31 set. */
void time_scale_set_hz(struct time_scale *s, uint64_t hz);

/* The other way: how many ticks make `ns`, rounded up, saturating. */
uint64_t time_ns_to_ticks(const struct time_scale *s, uint64_t ns);

/* Frequency from a measurement: ticks counted while `ref` of a ref_hz clock passed. */
uint64_t time_freq(uint64_t ticks, uint64_t ref, uint64_t ref_hz);

/* True when a and b differ by at most ppm parts in a million of the larger. */
bool time_freq_agree(uint64_t a, uint64_t b, uint32_t ppm);

/*
 * Discipline a clock against a reference. Called about every `period` ns: the counter
 * reads `ticks` while the reference reads `ref_ns`; prev_* are those of the last call.
 * The clock never steps back: when ahead it runs slower until the next call, when
 * behind it runs faster, and only when behind by more than a period it jumps.
 */
void time_scale_steer(struct time_scale *s, uint64_t ticks, uint64_t ref_ns,
		      uint64_t prev_ticks, uint64_t prev_ref_ns, uint64_t period);

/* Seconds since 1970 of a Gregorian date, UTC; month and day from 1. */
int64_t time_from_date(unsigned int year, unsigned int month, unsigned int day,
		       unsigned int hour, unsigned int minute, unsigned int second);

#endif /* DAIS_TIME_MATH_H */
