/* SPDX-License-Identifier: MIT */
/*
 * Verbs about the program itself: help, manual, version, completion. All of them read the table.
 */
#include <jansson.h>
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

/* The table, for programs. */
static int help_json(void)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < verb_count; i++) {
		json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:s?}", "name", verbs[i].name,
						     "usage", verbs[i].usage, "help", verbs[i].help,
						     "example", verbs[i].example));
	}
	return cli_print_json(out);
}

int verb_help(int argc, char **argv)
{
	const struct verb *v;
	bool json = false;
	size_t i, matches;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, &json, &status) != -1 ||
	    (status = cli_arguments(argc, 0, 1))) {
		return status;
	}
	if (json) {
		return help_json();
	}
	if (optind < argc) {
		v = verb_find(argv[optind], &matches);
		if (!v) {
			return cli_usage("there is no verb '%s'; `%s help` lists them",
					 argv[optind], cli_program);
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

static const char manual_end[] =
	".SH EXIT STATUS\n"
	"0: done; 1: it did not work, and standard error says why and what to do; 2: wrong usage;\n"
	"3: a guest could not be created; 6: no configuration was named.\n"
	".SH ENVIRONMENT\n"
	".TP\n.BR VISUAL \", \" EDITOR\nWhat\n.B config \\-\\-edit\nruns; vi without them.\n"
	".TP\n.B DAIS_SUPERVISE_SOCKET\nAnother socket of the supervisor.\n"
	".TP\n.B XENSTORED_PATH\nAnother socket of the store.\n"
	".SH FILES\n"
	".TP\n.I /run/dais/supervise\nThe supervisor's socket.\n"
	".TP\n.I /run/dais/kernels\nUnpacked kernels, kept in memory for the next guests that boot "
	"them: at most three, while there is memory to spare, until ten minutes after their last "
	"use. They can be removed at any time.\n"
	".TP\n.I /var/lib/dais\nWhat store and supervisor remember; core dumps.\n"
	".TP\n.I /var/log/dais/console\nLogs of guests' consoles, and the hypervisor's.\n"
	".SH SEE ALSO\n"
	".BR dais.cfg (5),\n.BR dais-api (7)\n";

int verb_manual(int argc, char **argv)
{
	size_t i;

	(void)argc;
	(void)argv;
	printf(".\\\" SPDX-License-Identifier: MIT\n.\\\" Made by `dais manual`.\n"
	       ".TH DAIS 1 2026-11-26 \"Dais\" \"Commands\"\n.SH NAME\n"
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
	fputs(manual_end, stdout);
	return 0;
}

int verb_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("dais %s\n", DAIS_VERSION);
	return 0;
}

/* The options that a usage names, each once. */
static void completion_options(const char *usage)
{
	static const char letters[] = "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *p = usage;
	size_t len;

	while ((p = strchr(p, '-'))) {
		len = 1 + strspn(p + 1, letters);
		if ((p == usage || p[-1] == ' ' || p[-1] == '[') && len > 1) {
			printf("%.*s ", (int)len, p);
		}
		p += len;
	}
	fputs("--help", stdout);
}

static void completion_verb(const struct verb *v)
{
	printf("\t%s)\n\t\toptions=\"", v->name);
	completion_options(v->usage);
	printf("\" kind=%c ;;\n", v->words ? v->words : '-');
}

/* What stands before and behind the cases, one for each verb. */
static const char completion_begin[] =
	"# SPDX-License-Identifier: MIT\n"
	"#\n"
	"# Completion of dais (and xl) for bash; made by `dais completion bash`.\n\n"
	"# Guests that run and, if the supervisor is there already, those that it knows.\n"
	"_dais_domains()\n{\n"
	"\tlocal all=\n\n"
	"\tif [ -S /run/dais/supervise ]; then\n\t\tall=--all\n\tfi\n"
	"\t\"$1\" list $all 2> /dev/null | awk 'NR > 1 { print $1 }'\n}\n\n"
	"_dais_pools()\n{\n"
	"\t\"$1\" cpupool-list 2> /dev/null | awk 'NR > 1 { print $1 }'\n}\n\n"
	"_dais()\n{\n"
	"\tlocal word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} options= kind=\n"
	"\tlocal verbs=\"";

static const char completion_end[] =
	"\tesac\n"
	"\tcase $word in\n"
	"\t-*)\n\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n\t\treturn ;;\n\tesac\n"
	"\tcase $kind in\n"
	"\td)\n\t\tCOMPREPLY=($(compgen -W \"$(_dais_domains \"$1\")\" -- \"$word\")) ;;\n"
	"\tp)\n\t\tCOMPREPLY=($(compgen -W \"$(_dais_pools \"$1\")\" -- \"$word\")) ;;\n"
	"\tv)\n\t\tCOMPREPLY=($(compgen -W \"$verbs\" -- \"$word\")) ;;\n"
	"\tesac\n"
	"\tif [ ${#COMPREPLY[@]} = 0 ] && [ \"$kind\" != v ]; then\n"
	"\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n\tfi\n}\n"
	"complete -o filenames -F _dais dais xl\n";

int verb_completion(int argc, char **argv)
{
	size_t i;

	if (argc != 2 || strcmp(argv[1], "bash")) {
		return cli_usage("the shell must be bash");
	}
	fputs(completion_begin, stdout);
	for (i = 0; i < verb_count; i++) {
		printf("%s%s", i ? " " : "", verbs[i].name);
	}
	printf("\"\n\n\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W \"$verbs\" -- \"$word\"))\n\t\treturn\n\tfi\n"
	       "\tcase $verb in\n");
	for (i = 0; i < verb_count; i++) {
		completion_verb(&verbs[i]);
	}
	fputs(completion_end, stdout);
	return 0;
}
