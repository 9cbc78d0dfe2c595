/* SPDX-License-Identifier: MIT */
/*
 * What verbs share: options, handles, messages, JSON.
 *
 * Exit statuses are xl's: 0 done, 1 it did not work, 2 wrong usage.
 *
 * Verbs print their tables themselves. Most must be xl's to the byte, with its fixed columns, since
 * programs read them; `list --all` adds rows to such a one, and `events` and `top` print as things
 * happen, when a library that fits columns to their content (libsmartcols) would have to wait for
 * the last row. What is to be processed further comes as JSON.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "domain/domain.h"
#include "domain/roster.h"
#include "lib/failure.h"

#define EXIT_FAILED 1
#define EXIT_USAGE  2

struct verb;

/* The verb that runs (for messages and `-h`); set by main(). */
extern const struct verb *cli_verb;
/* "dais" or "xl", as called. */
extern const char *cli_program;

/* Says "dais VERB: message" and returns EXIT_FAILED, or EXIT_USAGE. */
int cli_fail(const struct failure *f);
int cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * getopt_long() for verbs: "short" options besides -h and --json, long ones as usual; `json` may
 * be NULL for a verb that lists nothing. Returns an option's letter, -1 at the end, or -2 when
 * the verb is to end with *status (help was shown, or the usage was wrong).
 */
int cli_option(int argc, char **argv, const char *shorts, const struct option *longs, bool *json,
	       int *status);
/* Too few or too many arguments after the options: 0, or EXIT_USAGE after saying so. */
int cli_arguments(int argc, int least, int most);

/* Opens what the verb needs, or says why not. */
int cli_open(struct toolstack *t);
int cli_open_hypervisor(struct toolstack *t);
/* For verbs with one domain: opens everything and finds it. EXIT_FAILED after saying why not. */
int cli_open_domain(struct toolstack *t, const char *what, uint32_t *domid);

/*
 * Around what may take long and is done in this process: after a second, and on a terminal, says
 * "dais: WHAT ..." until cli_done(). `what` stays the caller's.
 */
void cli_busy(const char *what);
void cli_done(void);

/* For columns: never empty, since other programs take lines apart at blanks. */
const char *cli_row_name(const struct roster_row *row);

/* Prints and releases. */
int cli_print_json(json_t *value);

/* A decimal number in [min, max]; false otherwise. */
bool cli_number(const char *text, uint64_t min, uint64_t max, uint64_t *number);
/* Sizes such as 512, 512m, 2g, 1024k: KiB. A bare number counts `unit` KiB. */
bool cli_size(const char *text, uint64_t unit, uint64_t *kib);
/* "0-3,6" or "all" when every one of `count` CPUs is in. To be freed. */
char *cli_cpu_text(const struct cpu_set *set, unsigned int count);
/* "1:02:03", with days in front. */
void cli_uptime_text(char *text, size_t room, uint64_t seconds, bool brief);

/* cli/api.c: the supervisor's socket. */
struct api;

/* Connects; `start`: starts the supervisor if none runs. NULL after the failure is set. */
struct api *api_open(bool start, struct failure *f);
void api_close(struct api *a);
/*
 * One call; params is released. Progress lines go to standard error once the call takes longer
 * than a second. NULL with the failure set.
 */
json_t *api_call(struct api *a, const char *method, json_t *params, struct failure *f);
/* Opens, calls, closes. */
json_t *api_once(const char *method, json_t *params, struct failure *f);
/* The next message of a subscription, or NULL at its end. */
json_t *api_next(struct api *a);

#endif
