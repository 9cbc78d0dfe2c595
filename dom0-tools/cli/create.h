/* SPDX-License-Identifier: MIT */
/*
 * A configuration on its way from a file to the supervisor: shared by the verbs that take one.
 */
#ifndef CLI_CREATE_H
#define CLI_CREATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/guest.h"
#include "lib/failure.h"

/*
 * where       the file, also for messages
 * text        its contents; loaded by cli_request_load() when NULL
 * overrides   lines that win over the file, or NULL
 * name        the guest's, once loaded
 * here        create in this process
 * restore     whole path of a saved guest whose state it gets; NULL: none
 */
struct create_request {
	const char *where;
	char *text, *overrides;
	size_t len;
	char name[GUEST_NAME_MAX + 1];
	bool console, dry, paused, quiet, here;
	const char *fail_after, *restore;
};

/* The arguments from optind on, which are NAME=VALUE. */
void cli_request_overrides(struct create_request *r, int argc, char **argv);
/* Reads and checks; warnings go to standard error. */
int cli_request_load(struct create_request *r, struct failure *f);
/*
 * Reads, checks, and has the guest made, by the supervisor or here. The exit status; `failed` is
 * the one of what could not be made.
 */
int cli_request_do(struct create_request *r, int failed);
/* As the supervisor's methods take it; NULL when the text is not UTF-8. */
json_t *cli_request_json(const struct create_request *r);

/* A whole file ("-": standard input), at most a little more than a configuration may have. */
char *cli_read_file(const char *path, size_t *len, struct failure *f);
void cli_print_notes(const struct config_notes *notes);
/* Adds a line and its end. */
void cli_text_add(char **text, const char *line);

#endif
