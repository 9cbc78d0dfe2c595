/* SPDX-License-Identifier: MIT */
/*
 * The pretended machine of the unit tests: physical CPUs, interrupt flags, messages, preemption.
 *
 * A test runs on one thread and says which CPU it is with fake_set_cpu(); threads that really run
 * at the same time each have a CPU of their own. panic() ends the test program, unless a test
 * expects it.
 */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#define FAKE_CPUS 8

/* CPU 0, interrupts on, nothing expected, FAKE_CPUS online */
void fake_reset(void);
void fake_set_cpu(unsigned int cpu);	/* for the calling thread */
void fake_quiet(bool quiet);		/* drop printk output */
extern unsigned long fake_printk_count;	/* messages so far */

extern unsigned long fake_answers;	/* how often somebody asked for other CPUs' requests */

/* preempt_check() says yes once at its nth call from now (1: the next); 0: never. */
void fake_preempt_at(unsigned long n);
void fake_preempt_every(unsigned long n);	/* at each nth call */
extern unsigned long fake_preempt_calls;

/* Run `expr`, which must panic. */
extern jmp_buf fake_panic_jump;
extern bool fake_panic_expected;
#define fake_expect_panic(expr) \
	do { \
		fake_panic_expected = true; \
		if (!setjmp(fake_panic_jump)) { \
			expr; \
			fake_panic_missing(__FILE__, __LINE__); \
		} \
		fake_panic_expected = false; \
	} while (0)
void fake_panic_missing(const char *file, int line);

#endif
