/* SPDX-License-Identifier: MIT */
/*
 * The one executable of the toolstack: finds the verb and runs it. Called as `xl` it is the same
 * program, and takes the options that xl has before its verb.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verbs.h"

int main(int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	char *no_verb[] = { "help", NULL };
	size_t matches;
	int skip = 1;

	base = base ? base + 1 : argv[0];
	cli_program = !strcmp(base, "xl") ? "xl" : "dais";
	/* -v -f -N -t -T: verbosity, force and formats of xl, which nothing here needs. */
	while (skip < argc && argv[skip][0] == '-' && argv[skip][1] &&
	       strspn(argv[skip] + 1, "vfNtT") == strlen(argv[skip] + 1)) {
		skip++;
	}
	if (skip == argc) {
		cli_verb = verb_find("help", &matches);
		cli_verb->run(1, no_verb);
		return skip > 1 ? 0 : 1;
	}
	if (!strcmp(argv[skip], "--help") || !strcmp(argv[skip], "-h")) {
		argv[skip] = "help";
	}
	if (!strcmp(argv[skip], "--version")) {
		argv[skip] = "version";
	}
	cli_verb = verb_find(argv[skip], &matches);
	if (!cli_verb) {
		fprintf(stderr, "%s: '%s' %s; `%s help` lists the verbs\n", cli_program, argv[skip],
			matches ? "is the beginning of more than one verb" : "is not a verb",
			cli_program);
		return 1;
	}
	return cli_verb->run(argc - skip, argv + skip);
}
