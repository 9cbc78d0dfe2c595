/* SPDX-License-Identifier: MIT */
/*
 * Owns the counters of checks made and failed. Promises exactly one VERDICT line per boot.
 * No lock: vCPU 0 alone judges.
 */
#include "verdict.h"

#include <xen/sched.h>

#include "console.h"
#include "hypercall.h"

static unsigned int checks, failures;
static bool given;

void power_off(void)
{
	struct sched_shutdown req = { .reason = SHUTDOWN_poweroff };

	for (;;) {
		HC(sched_op, SCHEDOP_shutdown, &req);
	}
}

/* The line, once: a trap taken while powering off must not judge a second time. */
static void NORETURN verdict_line(bool pass, const char *fmt, ...)
{
	char details[160];
	va_list ap;

	if (!given) {
		given = true;
		va_start(ap, fmt);
		kvsnprintf(details, sizeof(details), fmt, ap);
		va_end(ap);
		kprintf("VERDICT %s %s %s\n", guest_name, pass ? "PASS" : "FAIL", details);
	}
	power_off();
}

void verdict_pass(void)
{
	verdict_line(true, "%u checks", checks);
}

void verdict(void)
{
	if (checks == 0) {
		verdict_line(false, "no check was made");
	}
	verdict_line(failures == 0, "%u checks, %u failed", checks, failures);
}

void verdict_fail(const char *fmt, ...)
{
	char details[160];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(details, sizeof(details), fmt, ap);
	va_end(ap);
	verdict_line(false, "%s", details);
}

bool check_that(bool ok, const char *fmt, ...)
{
	char details[200];
	va_list ap;

	checks++;
	if (!ok) {
		failures++;
		va_start(ap, fmt);
		kvsnprintf(details, sizeof(details), fmt, ap);
		va_end(ap);
		kprintf("  differs: %s\n", details);
	}
	return ok;
}

bool check_word(const char *what, int line, unsigned long got, unsigned long want)
{
	return check_that(got == want, "line %d: %s is 0x%lx (%ld), expected 0x%lx (%ld)", line,
			  what, got, (long)got, want, (long)want);
}
