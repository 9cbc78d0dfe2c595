/* SPDX-License-Identifier: MIT */
/*
 * Verbs about CPU pools. A pool's name is the tools' affair: it is kept in the store, below
 * /local/pool. No state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "config/syntax.h"
#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/sysctl.h"
#include "lib/xalloc.h"

static char *pool_name(struct toolstack *t, uint32_t pool)
{
	char *name = store_read(t->xs, "/local/pool/%u/name", pool);
	char text[24];

	if (!name) {
		snprintf(text, sizeof(text), "Pool-%u", pool);
		name = xstrdup(text);
	}
	return name;
}

/* By name or number. 0, or EXIT_FAILED after saying so. */
static int pool_find(struct toolstack *t, const char *what, struct cpu_pool *pool)
{
	uint32_t from = 0;
	char number[12], *name;
	bool found = false;

	for (; !found && !sysctl_pool(t->h, from, pool); from = pool->id + 1) {
		name = pool_name(t, pool->id);
		snprintf(number, sizeof(number), "%u", pool->id);
		found = !strcmp(name, what) || !strcmp(number, what);
		free(name);
	}
	return found ? 0
		     : cli_error("unknown cpupool '%s'; `dais cpupool-list` shows those that are",
				 what);
}

static unsigned int cpu_count(const struct cpu_set *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < DOMCTL_CPUS_MAX; i++) {
		n += cpu_set_has(s, i);
	}
	return n;
}

static void pool_print(const char *name, const struct cpu_pool *p, bool cpus)
{
	unsigned int i;
	bool first = true;

	printf("%-19s", name);
	if (!cpus) {
		printf("%3u %9s       %c       %4u\n", cpu_count(&p->cpus),
		       sysctl_scheduler_name(p->scheduler), 'y', p->domains);
		return;
	}
	for (i = 0; i < DOMCTL_CPUS_MAX; i++) {
		if (cpu_set_has(&p->cpus, i)) {
			printf("%s%u", first ? "" : ",", i);
			first = false;
		}
	}
	putchar('\n');
}

static json_t *pool_json(const char *name, const struct cpu_pool *p)
{
	json_t *cpus = json_array();
	unsigned int i;

	for (i = 0; i < DOMCTL_CPUS_MAX; i++) {
		if (cpu_set_has(&p->cpus, i)) {
			json_array_append_new(cpus, json_integer(i));
		}
	}
	return json_pack("{s:s, s:i, s:s, s:i, s:o}", "name", name, "id", (int)p->id, "scheduler",
			 sysctl_scheduler_name(p->scheduler), "domains", (int)p->domains, "cpus",
			 cpus);
}

int verb_cpupool_list(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "cpus", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct toolstack t;
	struct cpu_pool pool;
	uint32_t from = 0;
	bool cpus = false, json = false, any = false;
	json_t *out;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "c", longs, &json, &status)) >= 0) {
		cpus |= c == 'c';
	}
	if (c == -2 || (status = cli_arguments(argc, 0, 1)) || (status = cli_open(&t))) {
		return status;
	}
	out = json ? json_array() : NULL;
	if (!json) {
		printf("%-19s%s\n", "Name",
		       cpus ? "CPU list" : "CPUs   Sched     Active   Domain count");
	}
	for (; !sysctl_pool(t.h, from, &pool); from = pool.id + 1) {
		char *name = pool_name(&t, pool.id);

		if (optind == argc || !strcmp(argv[optind], name)) {
			any = true;
			if (json) {
				json_array_append_new(out, pool_json(name, &pool));
			} else {
				pool_print(name, &pool, cpus);
			}
		}
		free(name);
	}
	toolstack_close(&t);
	if (json) {
		return cli_print_json(out);
	}
	return any || optind == argc ? 0 : cli_error("unknown cpupool '%s'", argv[optind]);
}

/* A configuration: a file, and settings of the command line. */
static int pool_config(struct config_tree *tree, int argc, char **argv, const char *file,
		       struct failure *f)
{
	char text[65536];
	size_t len;
	FILE *in;
	int rc = 0;

	if (file) {
		in = fopen(file, "re");
		if (!in) {
			return failure_set(f, -errno, "cannot open '%s': %s", file,
					   strerror(errno));
		}
		len = fread(text, 1, sizeof(text), in);
		fclose(in);
		rc = config_parse(tree, file, text, len, f);
	}
	for (; !rc && optind < argc; optind++) {
		rc = config_parse(tree, "command line", argv[optind], strlen(argv[optind]), f);
	}
	return rc;
}

static const char *tree_text(const struct config_tree *tree, const char *name)
{
	const struct config_setting *s = config_find(tree, name);

	return s && !s->value.is_list ? s->value.text : NULL;
}

/* The CPUs asked for, which must all be free. */
static int pool_cpus(struct toolstack *t, const struct config_tree *tree, struct cpu_set *set,
		     struct failure *f)
{
	const struct config_setting *s = config_find(tree, "cpus");
	struct cpu_set free_set, part;
	size_t i;
	unsigned int cpu;
	int rc = sysctl_pool_free_cpus(t->h, &free_set);

	memset(set, 0, sizeof(*set));
	for (i = 0; !rc && s && i < (s->value.is_list ? s->value.count : 1); i++) {
		const struct config_value *v = s->value.is_list ? &s->value.items[i] : &s->value;

		rc = guest_parse_cpus(&part, v->text ? v->text : "", f);
		for (cpu = 0; cpu < sizeof(part.bits); cpu++) {
			set->bits[cpu] |= part.bits[cpu];
		}
	}
	if (!rc && !s) {
		/* One that is free, as xl does. */
		for (cpu = 0; cpu < DOMCTL_CPUS_MAX && !cpu_set_has(&free_set, cpu); cpu++) {
		}
		cpu_set_put(set, cpu, true);
		return cpu == DOMCTL_CPUS_MAX
			       ? failure_set(
					 f, -ENOSPC,
					 "no free cpu found; take one "
					 "out of a pool first: dais cpupool-cpu-remove Pool-0 CPU")
			       : 0;
	}
	for (cpu = 0; !rc && cpu < DOMCTL_CPUS_MAX; cpu++) {
		if (cpu_set_has(set, cpu) && !cpu_set_has(&free_set, cpu)) {
			rc = failure_set(f, -EBUSY,
					 "cpu %u illegal or not free; take it out of its "
					 "pool first: dais cpupool-cpu-remove Pool-0 %u",
					 cpu, cpu);
		}
	}
	return rc;
}

static int pool_make(struct toolstack *t, const struct config_tree *tree, struct failure *f)
{
	const char *name = tree_text(tree, "name"), *sched = tree_text(tree, "sched");
	struct cpu_set set;
	uint32_t scheduler, id, cpu;
	int number, rc;

	if (!name || !*name) {
		return failure_set(f, -EINVAL, "a pool needs a name: name=\"...\"");
	}
	rc = sysctl_scheduler(t->h, &scheduler);
	if (!rc && sched) {
		number = sysctl_scheduler_number(sched);
		if (number < 0) {
			return failure_set(f, -EINVAL, "unknown scheduler '%s'", sched);
		}
		scheduler = (uint32_t)number;
	}
	rc = rc ? rc : pool_cpus(t, tree, &set, f);
	rc = rc ? rc : sysctl_pool_create(t->h, scheduler, &id);
	if (rc) {
		return failure_set(f, rc, "the hypervisor refuses the pool: %s", strerror(-rc));
	}
	for (cpu = 0; !rc && cpu < DOMCTL_CPUS_MAX; cpu++) {
		if (cpu_set_has(&set, cpu)) {
			rc = sysctl_pool_add_cpu(t->h, id, cpu);
		}
	}
	rc = rc ? rc : store_write(t->xs, name, "/local/pool/%u/name", id);
	if (rc) {
		for (cpu = 0; cpu < DOMCTL_CPUS_MAX; cpu++) {
			if (cpu_set_has(&set, cpu)) {
				sysctl_pool_remove_cpu(t->h, id, cpu);
			}
		}
		sysctl_pool_destroy(t->h, id);
		return failure_set(f, rc, "cannot fill the pool: %s", strerror(-rc));
	}
	printf("Using config file \"command line\"\ncpupool name:   %s\nscheduler:      %s\n"
	       "number of cpus: %u\n",
	       name, sysctl_scheduler_name(scheduler), cpu_count(&set));
	return 0;
}

int verb_cpupool_create(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "defconfig", required_argument, NULL, 'f' },
		{ "dryrun", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct config_tree tree = { 0 };
	struct failure f = { 0 };
	struct toolstack t;
	const char *file = NULL;
	bool dry = false;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "f:n", longs, NULL, &status)) >= 0) {
		file = c == 'f' ? optarg : file;
		dry |= c == 'n';
	}
	if (c == -2) {
		return status;
	}
	if (!file && optind < argc && !strchr(argv[optind], '=')) {
		file = argv[optind++];
	}
	rc = pool_config(&tree, argc, argv, file, &f);
	if (!rc && !dry) {
		rc = toolstack_open(&t, &f);
		if (!rc) {
			rc = pool_make(&t, &tree, &f);
			toolstack_close(&t);
		}
	}
	config_tree_free(&tree);
	return rc ? cli_fail(&f) : 0;
}

/* Opens the tools and finds the pool that the first argument names. */
static int pool_verb(int argc, char **argv, int arguments, struct toolstack *t,
		     struct cpu_pool *pool)
{
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1) {
		return status ? status : -1;
	}
	status = cli_arguments(argc, arguments, arguments);
	status = status ? status : cli_open(t);
	if (!status && (status = pool_find(t, argv[optind], pool))) {
		toolstack_close(t);
	}
	return status;
}

static int pool_result(struct toolstack *t, int rc, const char *what)
{
	toolstack_close(t);
	return rc ? cli_error("%s: %s", what, strerror(-rc)) : 0;
}

int verb_cpupool_destroy(int argc, char **argv)
{
	struct toolstack t;
	struct cpu_pool pool;
	char path[48];
	uint32_t cpu;
	int rc = pool_verb(argc, argv, 1, &t, &pool);

	if (rc) {
		return rc < 0 ? 0 : rc;
	}
	if (!pool.id || pool.domains) {
		toolstack_close(&t);
		return cli_error("pool '%s' %s", argv[optind],
				 pool.id ? "has domains; move them with "
					   "`dais cpupool-migrate`"
					 : "is the one dom0 runs in and stays");
	}
	for (cpu = 0; !rc && cpu < DOMCTL_CPUS_MAX; cpu++) {
		if (cpu_set_has(&pool.cpus, cpu)) {
			rc = sysctl_pool_remove_cpu(t.h, pool.id, cpu);
		}
	}
	rc = rc ? rc : sysctl_pool_destroy(t.h, pool.id);
	if (!rc) {
		snprintf(path, sizeof(path), "/local/pool/%u", pool.id);
		xs_client_remove(t.xs, 0, path);
	}
	return pool_result(&t, rc, "the hypervisor refuses to destroy the pool");
}

int verb_cpupool_rename(int argc, char **argv)
{
	struct toolstack t;
	struct cpu_pool pool;
	int rc = pool_verb(argc, argv, 2, &t, &pool);

	if (rc) {
		return rc < 0 ? 0 : rc;
	}
	rc = store_write(t.xs, argv[optind + 1], "/local/pool/%u/name", pool.id);
	return pool_result(&t, rc, "cannot rename the pool");
}

static int pool_each_cpu(int argc, char **argv,
			 int (*op)(struct hypercall *h, uint32_t id, uint32_t cpu), bool remove)
{
	struct toolstack t;
	struct cpu_pool pool;
	struct cpu_set set;
	struct failure f = { 0 };
	uint32_t cpu;
	int rc = pool_verb(argc, argv, 2, &t, &pool);

	if (rc) {
		return rc < 0 ? 0 : rc;
	}
	if (guest_parse_cpus(&set, argv[optind + 1], &f)) {
		toolstack_close(&t);
		return cli_fail(&f);
	}
	for (cpu = 0; !rc && cpu < DOMCTL_CPUS_MAX; cpu++) {
		if (cpu_set_has(&set, cpu) && cpu_set_has(&pool.cpus, cpu) == remove) {
			rc = op(t.h, pool.id, cpu);
		}
	}
	return pool_result(&t, rc,
			   remove ? "the hypervisor keeps the CPU in the pool"
				  : "the CPU cannot join the pool (is it in another?)");
}

int verb_cpupool_cpu_add(int argc, char **argv)
{
	return pool_each_cpu(argc, argv, sysctl_pool_add_cpu, false);
}

int verb_cpupool_cpu_remove(int argc, char **argv)
{
	return pool_each_cpu(argc, argv, sysctl_pool_remove_cpu, true);
}

int verb_cpupool_migrate(int argc, char **argv)
{
	struct failure f = { 0 };
	struct toolstack t;
	struct cpu_pool pool;
	uint32_t domid;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 2, 2)) ||
	    (status = cli_open_domain(&t, argv[optind], &domid))) {
		return status;
	}
	if (pool_find(&t, argv[optind + 1], &pool)) {
		toolstack_close(&t);
		return EXIT_FAILED;
	}
	rc = sysctl_pool_move_domain(t.h, pool.id, domid);
	if (rc) {
		failure_set(&f, rc, "the hypervisor refuses to move the domain: %s", strerror(-rc));
	}
	toolstack_close(&t);
	return rc ? cli_fail(&f) : 0;
}
