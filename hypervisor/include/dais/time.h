/* SPDX-License-Identifier: MIT */
/*
 * System time: nanoseconds since boot, the same on all CPUs, never going back.
 *
 * It is read from the TSC through this CPU's scale (struct cpu: time_stamp, time_base,
 * time_mul, time_shift), which only this CPU changes, with interrupts off. When the
 * TSC is constant and in step everywhere, one scale set at boot serves for ever;
 * otherwise time_calibrate() must run on each CPU about every TIME_PERIOD_NS to steer
 * it by the platform's counter.
 */
#ifndef DAIS_TIME_H
#define DAIS_TIME_H

#include <dais/msr.h>
#include <dais/time_math.h>
#include <dais/types.h>

#define TIME_PERIOD_NS	NSEC_PER_SEC

extern bool time_tsc_reliable;	/* constant and in step; fixed by time_all_cpus_up() */

/* System time now. Callable in any context after time_init() (before it: 0). */
uint64_t time_now_ns(void);

void time_init(void);		/* boot CPU: frequency, platform counter, wall clock */
void time_init_ap(void);	/* each other CPU, interrupts off, before it is online */
void time_all_cpus_up(void);	/* boot CPU, once: are the TSCs in step? */

/*
 * Steer this CPU's scale by the platform's clock; false when there is no need to. Timers
 * of its own do that about every TIME_PERIOD_NS and then write the vcpu_time_info of the vcpu
 * that runs there again, in softirq context.
 */
bool time_calibrate(void);

/* For vcpu_time_info: this CPU's scale, and the TSC_STABLE flag. */
void time_get_scale(struct time_scale *s);
bool time_is_stable(void);

uint64_t time_tsc_hz(void);
const char *time_platform_name(void);	/* "acpi_pm", "hpet", "pit" or "tsc" */

/* Wall clock at system time 0, and the setting of it by dom0 (for time since then). */
void time_get_boot_epoch(uint64_t *sec, uint32_t *nsec);
void time_set_wallclock(uint64_t sec, uint32_t nsec, uint64_t system_time_ns);

/* Busy wait, for device set-up; works before time_init() too (then only roughly). */
void time_udelay(unsigned int us);

/* This CPU's next timer interrupt at system time `deadline`; UINT64_MAX = none. */
void clock_event_set(uint64_t deadline);

#endif /* DAIS_TIME_H */
