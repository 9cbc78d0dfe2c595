/* SPDX-License-Identifier: MIT */
/*
 * Sets of CPUs as people write them: see guest_parse_cpus() in guest.h. Pure.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/guest.h"

static int complain(const char *spec, struct failure *f)
{
	return failure_set(f, -EINVAL,
			   "'%s' is not a set of CPUs; write such as \"0-3,5\", "
			   "\"0-7,^2\" or \"all\"",
			   spec);
}

static int cpu_number(const char **s, unsigned long *n)
{
	char *end;

	if (!isdigit((unsigned char)**s)) {
		return -EINVAL;
	}
	*n = strtoul(*s, &end, 10);
	*s = end;
	return *n >= DOMCTL_CPUS_MAX ? -EINVAL : 0;
}

/* N, N-M, ^N, ^N-M, all, none. */
static int cpu_part(struct cpu_set *set, const char **s)
{
	unsigned long from, to;
	bool in = true;

	if (!strncmp(*s, "all", 3) || !strncmp(*s, "none", 4)) {
		in = **s == 'a';
		memset(set, in ? 0xff : 0, sizeof(*set));
		*s += in ? 3 : 4;
		return 0;
	}
	if (**s == '^') {
		in = false;
		++*s;
	}
	if (cpu_number(s, &from)) {
		return -EINVAL;
	}
	to = from;
	if (**s == '-') {
		++*s;
		if (cpu_number(s, &to) || to < from) {
			return -EINVAL;
		}
	}
	for (; from <= to; from++) {
		cpu_set_put(set, (unsigned int)from, in);
	}
	return 0;
}

int guest_parse_cpus(struct cpu_set *set, bool *nodes, const char *spec, struct failure *f)
{
	const char *s = spec;

	memset(set, 0, sizeof(*set));
	*nodes = false;
	if (!strncmp(s, "node:", 5) || !strncmp(s, "nodes:", 6)) {
		*nodes = true;
		s = strchr(s, ':') + 1;
	}
	for (;;) {
		while (*s == ' ') {
			s++;
		}
		/* Only exclusions: of everything. */
		if (s == spec && *s == '^') {
			memset(set, 0xff, sizeof(*set));
		}
		if (cpu_part(set, &s)) {
			return complain(spec, f);
		}
		while (*s == ' ') {
			s++;
		}
		if (!*s) {
			return 0;
		}
		if (*s++ != ',') {
			return complain(spec, f);
		}
	}
}
