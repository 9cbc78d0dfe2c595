/* SPDX-License-Identifier: MIT */
/*
 * How a guest answers its question. A guest makes any number of checks; each that fails prints
 * one line, and the guest goes on, so that one run shows everything that differs. The guest ends
 * with verdict(), which prints the one line the runner waits for:
 *
 *     VERDICT <name> PASS|FAIL <details>
 *
 * and powers the machine (or the domain) off.
 */
#ifndef KIT_VERDICT_H
#define KIT_VERDICT_H

#include "base.h"

/* End with the sum of all checks so far. A run without any check is a failure. */
void verdict(void) NORETURN;
void verdict_pass(void) NORETURN;
void verdict_fail(const char *fmt, ...) NORETURN __attribute__((format(printf, 1, 2)));

/* Count one check; when it is false print the message. Returns ok. */
bool check_that(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Count one comparison of machine words, printed in hex and decimal when different. */
bool check_word(const char *what, int line, unsigned long got, unsigned long want);

#define CHECK(cond) check_that(cond, "line %d: %s", __LINE__, #cond)
#define CHECK_EQ(got, want) \
	check_word(#got, __LINE__, (unsigned long)(got), (unsigned long)(want))

/* Two answers are right; the comment at the place of use says why. */
#define CHECK_EITHER(got, one, other)                                                      \
	({                                                                                 \
		long got_ = (long)(got);                                                   \
		check_that(got_ == (one) || got_ == (other), "line %d: %s is %ld", __LINE__, \
			   #got, got_);                                                    \
	})

/* Wait for the hypervisor to end this domain; used after a shutdown request. */
void power_off(void) NORETURN;

#endif
