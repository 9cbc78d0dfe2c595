/* SPDX-License-Identifier: MIT */
/*
 * A machine that only schedules: up to FAKE_CPUS CPUs under the real scheduler, and vcpus that burn and sleep.
 * Time jumps from event to event; after every event sim_check() compares the scheduler's state with what must hold.
 */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <dais/domain.h>
#include <dais/sched.h>
#include "fake.h"
#include "fake_time.h"

#define SIM_VCPUS 64
#define MS 1000000ull

struct sim_vcpu {
	struct vcpu v;			/* first */
	uint64_t burst, sleep;		/* ns of CPU, then ns asleep; burst 0: never sleeps */
	uint64_t left;			/* of the burst */
	uint64_t wake_at;		/* while asleep */
	uint64_t woken_at;		/* for latency; 0 when it has run since */
	uint64_t ran;			/* ns on CPUs, by the simulation's own count */
	uint64_t worst_latency, latency_sum, wakes;
	uint64_t waiting_since;		/* runnable and not running; for starvation */
	uint64_t worst_wait;
	uint64_t on_cpu[FAKE_CPUS];
	unsigned long switches;
	struct vcpu_info info;
	bool waking;			/* a wake-up by somebody else is to come: see sim_wake_in_switch */
};

extern struct sim_vcpu *sim_v[SIM_VCPUS];
extern unsigned int sim_nr;
extern unsigned long sim_switches;
extern bool sim_wake_in_switch;	/* sometimes wake a vcpu while its CPU is still letting go of it */
extern uint64_t sim_late_most;	/* clock events come up to so many ns late; 0 after sim_start() */

void sim_start(unsigned int cpus);
void sim_end(void);
struct domain *sim_domain(unsigned int vcpus, uint32_t weight);
struct sim_vcpu *sim_vcpu(struct domain *d, unsigned int i);
void sim_load(struct sim_vcpu *s, uint64_t burst, uint64_t sleep);	/* and bring it up */
void sim_hog(struct domain *d);			/* all its vcpus burn for ever */
struct domain *sim_hogs(unsigned int vcpus);	/* a domain of ordinary weight, made and so */
void sim_settle(void);				/* all softirqs now pending */
void sim_run(uint64_t ns);
void sim_check(void);
void sim_clear_counts(void);
uint64_t sim_domain_ran(const struct domain *d);

#endif
