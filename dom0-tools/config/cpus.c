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
			   "\"0-7,^2\", \"node:0\" or \"all\"",
			   spec);
}

/* The rest of *s behind `prefix`, if it begins with it. */
static bool skip(const char **s, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*s, prefix, len)) {
		return false;
	}
	*s += len;
	return true;
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

/* N, N-M, node:N, nodes:N-M, each also after ^; all, none. *nodes: it was about nodes. */
static int cpu_part(struct cpu_set *set, const char **s, bool *nodes)
{
	unsigned long from, to;
	bool in = true, node;

	if (skip(s, "all") || skip(s, "none")) {
		memset(set, (*s)[-1] == 'l' ? 0xff : 0, sizeof(*set));
		return 0;
	}
	if (**s == '^') {
		in = false;
		++*s;
	}
	node = skip(s, "node:") || skip(s, "nodes:");
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
	if (node) {
		/* The machine is used as one node. */
		*nodes = true;
		if (!from) {
			memset(set, in ? 0xff : 0, sizeof(*set));
		}
		return 0;
	}
	for (; from <= to; from++) {
		cpu_set_put(set, (unsigned int)from, in);
	}
	return 0;
}

static int cpus_judge(const struct cpu_set *set, bool nodes, const char *spec, struct failure *f)
{
	static const struct cpu_set empty;

	if (nodes && !memcmp(set, &empty, sizeof(empty))) {
		return failure_set(f, -EINVAL,
				   "'%s' names no CPU; there is one node, node 0, with all of them",
				   spec);
	}
	return 0;
}

int guest_parse_cpus(struct cpu_set *set, const char *spec, struct failure *f)
{
	const char *s = spec;
	bool nodes = false;

	memset(set, 0, sizeof(*set));
	for (;;) {
		while (*s == ' ') {
			s++;
		}
		/* Only exclusions: of everything. */
		if (s == spec && *s == '^') {
			memset(set, 0xff, sizeof(*set));
		}
		if (cpu_part(set, &s, &nodes)) {
			return complain(spec, f);
		}
		while (*s == ' ') {
			s++;
		}
		if (!*s) {
			return cpus_judge(set, nodes, spec, f);
		}
		if (*s++ != ',') {
			return complain(spec, f);
		}
	}
}
