/* SPDX-License-Identifier: MIT */
/*
 * Verbs about the program itself: help, version, completion. All of them read the table.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "cli/verbs.h"

#ifndef DAIS_VERSION
#define DAIS_VERSION "0.1"
#endif

void verb_explain(const struct verb *v)
{
	printf("%s %s %s\n\n  %c%s.\n", cli_program, v->name, v->usage, v->help[0] & ~0x20,
	       v->help + 1);
	if (v->example) {
		printf("\nExample:\n  %s\n", v->example);
	}
}

int verb_help(int argc, char **argv)
{
	const struct verb *v;
	size_t i, matches;

	if (argc > 1) {
		v = verb_find(argv[1], &matches);
		if (!v) {
			fprintf(stderr, "dais help: there is no verb '%s'; `dais help` lists them\n",
				argv[1]);
			return EXIT_USAGE;
		}
		verb_explain(v);
		return 0;
	}
	printf("Usage: %s VERB [ARGUMENTS]\n\n", cli_program);
	for (i = 0; i < verb_count; i++) {
		printf("  %-19s %s\n", verbs[i].name, verbs[i].help);
	}
	printf("\n`%s help VERB` explains one.\n", cli_program);
	return 0;
}

int verb_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("dais %s\n", DAIS_VERSION);
	return 0;
}

static void completion_words(char kind)
{
	size_t i;

	for (i = 0; i < verb_count; i++) {
		if (verbs[i].words == kind) {
			printf("%s|", verbs[i].name);
		}
	}
}

int verb_completion(int argc, char **argv)
{
	size_t i;

	if (argc != 2 || strcmp(argv[1], "bash")) {
		return cli_usage("the shell must be bash");
	}
	printf("# SPDX-License-Identifier: MIT\n"
	       "# Completion of dais (and xl) for bash; made by `dais completion bash`.\n\n"
	       "_dais()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}\n\n"
	       "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"");
	for (i = 0; i < verb_count; i++) {
		printf("%s%s", i ? " " : "", verbs[i].name);
	}
	printf("\" -- \"$word\"))\n\t\treturn\n\tfi\n\tcase $verb in\n\t");
	completion_words('d');
	printf("-)\n\t\tCOMPREPLY=($(compgen -W \"$(\"$1\" list 2> /dev/null |\n"
	       "\t\t\tawk 'NR > 1 { print $1 }')\" -- \"$word\")) ;;\n\t");
	completion_words('p');
	printf("-)\n\t\tCOMPREPLY=($(compgen -W \"$(\"$1\" cpupool-list 2> /dev/null |\n"
	       "\t\t\tawk 'NR > 1 { print $1 }')\" -- \"$word\")) ;;\n"
	       "\t*)\n\t\tCOMPREPLY=($(compgen -f -- \"$word\")) ;;\n\tesac\n}\n"
	       "complete -o filenames -F _dais dais xl\n");
	return 0;
}
