/* SPDX-License-Identifier: MIT */
/* Time for waiting: milliseconds that go on whatever is done to the time of day. */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <time.h>

static inline long long clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

#endif
