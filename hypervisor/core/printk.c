// SPDX-License-Identifier: MIT
/*
 * printk: levels, the prefix, and a limit on what guests can make us say.
 *
 * loglvl= and guest_loglvl= each name one level, or two as in "error/warning": messages up
 * to the first are always printed, those up to the second at most RATE_BURST in any
 * RATE_PERIOD. `line` and the limiter's state are guarded by console_lock.
 */
#include <dais/atomic.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/printf.h>
#include <dais/printk.h>
#include <dais/string.h>
#include <dais/time.h>
#include <xen/errno.h>

#include "console_private.h"

#define LINE_MAX	1024
#define RATE_BURST	10
#define RATE_PERIOD	(5 * NSEC_PER_SEC)

/* Number of levels printed: 0 none, 1 errors ... 4 everything. */
struct threshold {
	uint8_t always, limited;
};

static struct threshold own_level = { 3, 3 };
static struct threshold guest_level = { 0, 2 };
static char line[LINE_MAX];

static const char *const level_names[] = { "none", "error", "warning", "info", "debug", "all" };

/* The word at *s, which moves on; -1: none of ours. */
static int __init level_parse(const char **s)
{
	size_t len = strcspn(*s, "/");
	int level = ARRAY_SIZE(level_names) - 1;

	while (level >= 0 &&
	       (strlen(level_names[level]) != len || memcmp(level_names[level], *s, len))) {
		level--;
	}
	*s += len;
	return min(level, 4);
}

static int __init threshold_parse(const char *s, struct threshold *t)
{
	int always = s ? level_parse(&s) : -1, limited = always;

	if (s && *s == '/') {
		s++;
		limited = level_parse(&s);
	}
	if (always < 0 || limited < 0 || *s) {
		return -XEN_EINVAL;
	}
	t->always = always;
	t->limited = max(always, limited);
	return 0;
}

static int __init parse_loglvl(const char *value)
{
	return threshold_parse(value, &own_level);
}
CMDLINE_PARAM("loglvl", parse_loglvl, "loglvl=none|error|warning|info|debug|all[/level]");

static int __init parse_guest_loglvl(const char *value)
{
	return threshold_parse(value, &guest_level);
}
CMDLINE_PARAM("guest_loglvl", parse_guest_loglvl,
	      "guest_loglvl=none|error|warning|info|debug|all[/level]");

/* ---- limiting ---- */

static uint64_t period_start;
static unsigned int period_count, period_dropped;

static unsigned int forced;

void console_force_print(bool on)
{
	atomic_add(&forced, on ? 1 : -1);
}

static bool wanted(const struct threshold *t, unsigned int lvl)
{
	uint64_t now;

	if (lvl < t->always || atomic_read(&forced)) {
		return true;
	}
	if (lvl >= t->limited) {
		return false;
	}
	now = time_now_ns();
	if (now - period_start >= RATE_PERIOD) {
		period_start = now;
		period_count = 0;
	}
	if (period_count >= RATE_BURST) {
		period_dropped++;
		return false;
	}
	period_count++;
	return true;
}

void printk(enum log_level lvl, const char *fmt, ...)
{
	const struct threshold *t = lvl & LOG_GUEST ? &guest_level : &own_level;
	unsigned long flags = console_output_lock();
	va_list ap;

	if (wanted(t, lvl & ~LOG_GUEST)) {
		if (period_dropped && period_count == 1) {
			snprintf(line, sizeof(line), "%u messages suppressed\n", period_dropped);
			console_message(line);
			period_dropped = 0;
		}
		va_start(ap, fmt);
		if ((size_t)vsnprintf(line, sizeof(line), fmt, ap) >= sizeof(line)) {
			line[sizeof(line) - 2] = '\n';	/* cut off, and a line all the same */
		}
		va_end(ap);
		console_message(line);
	}
	console_output_unlock(flags);
}
