/* SPDX-License-Identifier: MIT */
/*
 * Verbs about the program itself: help, manual, version, completion. All of them read the table.
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
			fprintf(stderr,
				"dais help: there is no verb '%s'; `dais help` lists them\n",
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

/* Text for troff: a leading dot and backslashes would be commands. */
static void roff_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '-') {
			fputs("\\-", stdout);
		} else {
			putchar(*text);
		}
	}
	putchar('\n');
}

int verb_manual(int argc, char **argv)
{
	size_t i;

	(void)argc;
	(void)argv;
	printf(".\\\" SPDX-License-Identifier: MIT\n.\\\" Made by `dais manual`.\n"
	       ".TH DAIS 1 \"\" \"Dais\" \"Commands\"\n.SH NAME\n"
	       "dais, xl \\- manage guests of the Dais hypervisor, or of Xen\n.SH SYNOPSIS\n"
	       ".B dais\n.I VERB\n.RI [ ARGUMENTS ]\n.SH DESCRIPTION\n"
	       "One program with a verb for each thing to do. Verbs, columns and exit statuses\n"
	       "are those of\n.BR xl (1)\nwhere it has them, and the program can be called by\n"
	       "that name. A verb may be shortened as long as it is clear which is meant. A\n"
	       "domain is meant by its name, its number or its UUID. Listings\n"
	       "take\n.B \\-\\-json .\n"
	       ".SH VERBS\n");
	for (i = 0; i < verb_count; i++) {
		printf(".TP\n.B %s\n", verbs[i].name);
		roff_text(*verbs[i].usage ? verbs[i].usage : "(no arguments)");
		printf(".br\n%c", verbs[i].help[0] & ~0x20);
		roff_text(verbs[i].help + 1);
		if (verbs[i].example) {
			printf(".br\nExample: ");
			roff_text(verbs[i].example);
		}
	}
	printf(".SH EXIT STATUS\n0: done; 1: it did not work, and standard error says why and\n"
	       "what to do; 2: wrong usage; 3: a guest could not be created.\n.SH SEE ALSO\n"
	       ".BR dais.cfg (5),\n.BR dais-api (7)\n");
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
