/* SPDX-License-Identifier: MIT */
/*
 * The one executable of the toolstack: finds the verb and runs it.
 */
#include <stdio.h>

#include "cli/verbs.h"

int main(int argc, char **argv)
{
	const struct verb *v;
	char *no_verb[] = { "help", NULL };
	size_t matches;

	if (argc < 2) {
		v = verb_find("help", &matches);
		v->run(1, no_verb);
		return 2;
	}
	v = verb_find(argv[1], &matches);
	if (!v) {
		fprintf(stderr, "dais: '%s' %s; `dais help` lists the verbs\n", argv[1],
			matches ? "is the beginning of more than one verb" : "is not a verb");
		return 2;
	}
	return v->run(argc - 1, argv + 1);
}
