/* SPDX-License-Identifier: MIT */
/*
 * Counters of the platform that the TSC is measured against: ACPI PM timer, HPET, PIT.
 * Used by clock.c and tsc.c alone. Reads are cheap enough for once a second, not more.
 */
#ifndef DAIS_PLATFORM_TIMER_H
#define DAIS_PLATFORM_TIMER_H

#include <dais/types.h>

struct platform_timer {
	const char *option, *name;	/* on the command line, and in messages */
	uint64_t hz;			/* filled by probe */
	uint64_t mask;			/* counter width */
	bool (*probe)(struct platform_timer *pt);	/* is it there? */
	uint64_t (*read)(void);
};

/* One that counts, preferably that of the option `wanted`; NULL when there is none. */
const struct platform_timer *platform_timer_find(const char *wanted);

/*
 * TSC frequency by what CPU or hypervisor say: 0 when neither does. *how names the source.
 * rough: take a rounded figure too.
 */
uint64_t tsc_enumerated_hz(const char **how, bool rough);

/* TSC frequency measured against a counter for about `ms` milliseconds; 0 on failure. */
uint64_t tsc_measure_hz(const struct platform_timer *pt, unsigned int ms);

/* TSC and counter read at the same moment, as nearly as can be. */
void tsc_sample(const struct platform_timer *pt, uint64_t *tsc, uint64_t *count);

/* Largest step back seen between this CPU's TSC and `cpu`'s, in ticks; 0: in step. */
uint64_t tsc_sync_check(unsigned int cpu);

/* Seconds since 1970 from the CMOS clock; 0 when there is none. */
uint64_t rtc_read_epoch(void);

#endif /* DAIS_PLATFORM_TIMER_H */
