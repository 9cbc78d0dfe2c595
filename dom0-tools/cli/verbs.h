/* SPDX-License-Identifier: MIT */
/*
 * The verbs of `dais`. A verb is a row in verbs.c and a function; everything that prints about
 * verbs (help, usage errors, completion) reads the table.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stddef.h>

/*
 * run       argv[0] is the verb; returns the exit status
 * usage     arguments, without the verb; "" for none
 * help      one line, no full stop
 * example   a whole command line, or NULL
 * words     what completion offers: 'd' domains, 'f' files, 'p' pools, 'v' verbs, 0 files
 */
struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
	const char *help;
	const char *example;
	char words;
};

extern const struct verb verbs[];
extern const size_t verb_count;

/*
 * The verb of that name, or the only one that begins with it. NULL when there is none or more
 * than one; *matches says how many.
 */
const struct verb *verb_find(const char *name, size_t *matches);

/* What `help VERB` and `VERB -h` print. */
void verb_explain(const struct verb *v);

#endif
