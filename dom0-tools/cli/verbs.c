/* SPDX-License-Identifier: MIT */
/*
 * The table of verbs, and the verbs that are about the program itself.
 */
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#include "consoled/main.h"
#include "stored/main.h"

#ifndef DAIS_VERSION
#define DAIS_VERSION "0.1"
#endif

static int verb_help(int argc, char **argv);
static int verb_version(int argc, char **argv);

const struct verb verbs[] = {
	{ "consoled", consoled_main,
	  "[--detach] [--pid-file FILE] [--log-dir DIR] [--link-dir DIR] [--sockets DIR] "
	  "[--verbose]",
	  "run the console daemon: a terminal and a log for every guest",
	  "dais consoled --detach --pid-file /run/dais/consoled.pid" },
	{ "help", verb_help, "[VERB]", "list the verbs, or explain one", "dais help stored" },
	{ "stored", stored_main,
	  "[--detach] [--pid-file FILE] [--state DIR] [--sockets DIR] [--kernel] "
	  "[--user USER|UID:GID] [--verbose]",
	  "run the store that dom0 and guests configure their devices through",
	  "dais stored --detach --pid-file /run/dais/stored.pid" },
	{ "version", verb_version, "", "print the version of this program", NULL },
};

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

const struct verb *verb_find(const char *name, size_t *matches)
{
	const struct verb *found = NULL;
	size_t i;

	*matches = 0;
	for (i = 0; i < verb_count; i++) {
		if (!strcmp(verbs[i].name, name)) {
			*matches = 1;
			return &verbs[i];
		}
		if (!strncmp(verbs[i].name, name, strlen(name))) {
			found = &verbs[i];
			++*matches;
		}
	}
	return *matches == 1 ? found : NULL;
}

static void verb_explain(const struct verb *v)
{
	printf("dais %s %s\n\n  %s\n", v->name, v->usage, v->help);
	if (v->example) {
		printf("\nExample:\n  %s\n", v->example);
	}
}

static int verb_help(int argc, char **argv)
{
	const struct verb *v;
	size_t i, matches;

	if (argc > 1) {
		v = verb_find(argv[1], &matches);
		if (!v) {
			fprintf(stderr, "dais help: there is no verb '%s'; `dais help` lists them\n",
				argv[1]);
			return 2;
		}
		verb_explain(v);
		return 0;
	}
	printf("Usage: dais VERB [ARGUMENTS]\n\n");
	for (i = 0; i < verb_count; i++) {
		printf("  %-12s %s\n", verbs[i].name, verbs[i].help);
	}
	printf("\n`dais help VERB` explains one.\n");
	return 0;
}

static int verb_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("dais %s\n", DAIS_VERSION);
	return 0;
}
