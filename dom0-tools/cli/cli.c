/* SPDX-License-Identifier: MIT */
/*
 * What verbs share: see cli.h. Owns the name of the running verb; single-threaded.
 */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/verbs.h"
#include "lib/domctl.h"
#include "lib/xalloc.h"

const struct verb *cli_verb;
const char *cli_program = "dais";

static void say(const char *format, va_list args)
{
	/* The name of the verb, so that a message makes sense in a log. */
	fprintf(stderr, "%s %s: ", cli_program, cli_verb ? cli_verb->name : "");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int cli_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return EXIT_FAILED;
}

int cli_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fprintf(stderr, "Usage: %s %s %s\n", cli_program, cli_verb->name, cli_verb->usage);
	return EXIT_USAGE;
}

int cli_fail(const struct failure *f)
{
	return cli_error("%s", f->text);
}

int cli_option(int argc, char **argv, const char *shorts, const struct option *longs, bool *json,
	       int *status)
{
	struct option all[40] = { { "help", no_argument, NULL, 'h' },
				  { "json", no_argument, NULL, 1 } };
	char letters[64];
	int i, c;

	for (i = 0; longs && longs[i].name && i < 36; i++) {
		all[i + 2] = longs[i];
	}
	snprintf(letters, sizeof(letters), ":h%s", shorts);
	opterr = 0;
	c = getopt_long(argc, argv, letters, all, NULL);
	if (c == 'h') {
		verb_explain(cli_verb);
		*status = 0;
		return -2;
	}
	if (c == '?' || c == ':' || (c == 1 && !json)) {
		if (optopt > 1 && optopt < 256 && c != ':') {
			*status = cli_usage("option `%c' not supported.", optopt);
		} else {
			*status = cli_usage("%s '%s'",
					    c == ':' ? "an argument is missing after"
						     : "unknown option",
					    argv[optind - 1]);
		}
		return -2;
	}
	if (c == 1) {
		*json = true;
		return cli_option(argc, argv, shorts, longs, json, status);
	}
	return c;
}

int cli_arguments(int argc, int least, int most)
{
	int there = argc - optind;

	if (there < least) {
		return cli_usage("an argument is missing");
	}
	return most >= 0 && there > most ? cli_usage("too many arguments") : 0;
}

int cli_open(struct toolstack *t)
{
	struct failure f = { 0 };

	return toolstack_open(t, &f) ? cli_fail(&f) : 0;
}

int cli_open_hypervisor(struct toolstack *t)
{
	struct failure f = { 0 };

	return toolstack_open_hypervisor(t, &f) ? cli_fail(&f) : 0;
}

int cli_open_domain(struct toolstack *t, const char *what, uint32_t *domid)
{
	struct failure f = { 0 };
	int rc = cli_open(t);

	if (!rc && toolstack_find(t, what, domid, &f)) {
		toolstack_close(t);
		rc = cli_fail(&f);
	}
	return rc;
}

static char busy_line[96];
static volatile sig_atomic_t busy_shown;

/* In a signal handler: only write(). */
static void busy_show(int number)
{
	(void)number;
	busy_shown = write(2, busy_line, strlen(busy_line)) > 0;
}

void cli_busy(const char *what)
{
	struct sigaction act = { .sa_handler = busy_show, .sa_flags = SA_RESTART };

	if (isatty(2)) {
		snprintf(busy_line, sizeof(busy_line), "%s: %s ...\033[K", cli_program, what);
		sigaction(SIGALRM, &act, NULL);
		alarm(1);
	}
}

void cli_done(void)
{
	alarm(0);
	if (busy_shown) {
		fprintf(stderr, "\r\033[K");
		busy_shown = 0;
	}
}

const char *cli_row_name(const struct roster_row *row)
{
	return *row->name ? row->name : "(null)"; /* xl's word for it */
}

int cli_print_json(json_t *value)
{
	int rc = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));

	putchar('\n');
	json_decref(value);
	return rc ? EXIT_FAILED : 0;
}

bool cli_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-' && *number >= min && *number <= max;
}

bool cli_size(const char *text, uint64_t unit, uint64_t *kib)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || end == text || *text == '-') {
		return false;
	}
	switch (*end | 0x20) {
	case 'b':
		*kib = n >> 10;
		break;
	case 'k':
		*kib = n;
		break;
	case 'm':
		*kib = n << 10;
		break;
	case 'g':
		*kib = n << 20;
		break;
	case 't':
		*kib = n << 30;
		break;
	default:
		*kib = n * unit;
		return !*end;
	}
	return !end[1];
}

char *cli_cpu_text(const struct cpu_set *set, unsigned int count)
{
	char *text = xcalloc(1, 16 + count * 6u);
	size_t len = 0;
	unsigned int i, last, in = 0;

	for (i = 0; i < count; i++) {
		in += cpu_set_has(set, i);
	}
	if (in == count || !in) {
		strcpy(text, in ? "all" : "none");
		return text;
	}
	for (i = 0; i < count; i++) {
		if (!cpu_set_has(set, i)) {
			continue;
		}
		for (last = i; last + 1 < count && cpu_set_has(set, last + 1); last++) {
		}
		len += (size_t)sprintf(text + len, len ? ",%u" : "%u", i);
		if (last > i) {
			len += (size_t)sprintf(text + len, "-%u", last);
		}
		i = last;
	}
	return text;
}

void cli_uptime_text(char *text, size_t room, uint64_t seconds, bool brief)
{
	uint64_t days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
	char clock[32];

	if (brief) {
		snprintf(clock, sizeof(clock), "%2u:%02u", (unsigned int)hours,
			 (unsigned int)minutes);
	} else {
		snprintf(clock, sizeof(clock), "%2u:%02u:%02u", (unsigned int)hours,
			 (unsigned int)minutes, (unsigned int)(seconds % 60));
	}
	if (days) {
		snprintf(text, room, "%llu %s, %s", (unsigned long long)days,
			 days == 1 ? "day" : "days", clock);
	} else {
		snprintf(text, room, "%s", clock);
	}
}
