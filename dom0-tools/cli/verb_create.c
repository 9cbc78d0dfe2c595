/* SPDX-License-Identifier: MIT */
/*
 * Verbs that make guests from configurations: create, run, check, config-update. The configuration
 * is read and checked here, so that mistakes are told at once; the supervisor does the work. No
 * state of its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/create.h"
#include "cli/verb.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"

#define CONFIG_MAX  (1u << 20)
#define EXIT_CREATE 3 /* xl's status for a creation that failed */

char *cli_read_file(const char *path, size_t *len, struct failure *f)
{
	FILE *in = !strcmp(path, "-") ? stdin : fopen(path, "re");
	struct stat st;
	char *text;

	if (!in || fstat(fileno(in), &st) || S_ISDIR(st.st_mode)) {
		failure_set(f, in ? -EISDIR : -errno, "Failed to read config file: %s: %s", path,
			    in ? "Is a directory" : strerror(errno));
		if (in && in != stdin) {
			fclose(in);
		}
		return NULL;
	}
	text = xcalloc(CONFIG_MAX + 2, 1);
	*len = fread(text, 1, CONFIG_MAX + 1, in);
	if (in != stdin) {
		fclose(in);
	}
	return text;
}

void cli_print_notes(const struct config_notes *notes)
{
	size_t i;

	for (i = 0; i < notes->count; i++) {
		fprintf(stderr, "%s: warning: %s\n", cli_program, notes->text[i]);
	}
}

void cli_text_add(char **text, const char *line)
{
	size_t len = *text ? strlen(*text) : 0, more = strlen(line);

	*text = xrealloc(*text, len + more + 2, 1);
	memcpy(*text + len, line, more);
	strcpy(*text + len + more, "\n");
}

/* xl takes NAME=VALUE arguments after the file; ours may come without quotes around a text. */
static void request_override(struct create_request *r, const char *argument)
{
	const char *equal = strchr(argument, '=');
	const char *value = equal ? equal + 1 : "";
	char *line;

	if (!equal || *value == '"' || *value == '\'' || *value == '[' || strchr(argument, ';')) {
		cli_text_add(&r->overrides, argument);
		return;
	}
	line = xmalloc(strlen(argument) + 4);
	sprintf(line, "%.*s\"%s\"", (int)(value - argument), argument, value);
	cli_text_add(&r->overrides, line);
	free(line);
}

void cli_request_overrides(struct create_request *r, int argc, char **argv)
{
	for (; optind < argc; optind++) {
		request_override(r, argv[optind]);
	}
}

/* Checks the configuration here; the notes are printed. */
static int request_check(struct create_request *r, struct failure *f)
{
	struct config_notes notes = { 0 };
	struct guest_config g;
	int rc = guest_parse(&g, r->where, r->text, r->len, r->overrides, &notes, f);

	if (!r->quiet) {
		cli_print_notes(&notes);
	}
	config_notes_free(&notes);
	if (!rc) {
		snprintf(r->name, sizeof(r->name), "%s", g.name);
		guest_free(&g);
	}
	return rc;
}

json_t *cli_request_json(const struct create_request *r)
{
	char cwd[4096];
	json_t *o = json_pack("{s:s, s:s, s:s}", "config", r->text, "where", r->where, "cwd",
			      getcwd(cwd, sizeof(cwd)) ? cwd : "/");

	if (!o) {
		return NULL; /* not UTF-8 */
	}
	if (r->overrides) {
		json_object_set_new(o, "overrides", json_string(r->overrides));
	}
	if (r->paused) {
		json_object_set_new(o, "paused", json_true());
	}
	if (r->fail_after) {
		json_object_set_new(o, "fail_after", json_string(r->fail_after));
	}
	if (r->restore) {
		json_object_set_new(o, "file", json_string(r->restore));
	}
	return o;
}

int cli_request_load(struct create_request *r, struct failure *f)
{
	int rc = 0;

	if (!r->text) {
		r->text = cli_read_file(r->where, &r->len, f);
		rc = r->text ? 0 : f->code;
	}
	return rc ? rc : request_check(r, f);
}

/* Without the supervisor, in this process: nobody will look after the guest. */
static int create_here(struct create_request *r, struct failure *f)
{
	struct domain_options o = { .paused = r->paused,
				    .restore = r->restore,
				    .fail_after = r->fail_after };
	struct guest_config g;
	struct toolstack t;
	uint32_t domid;
	int rc = guest_parse(&g, r->where, r->text, r->len, r->overrides, NULL, f);

	if (rc) {
		return rc;
	}
	rc = toolstack_open(&t, f);
	if (!rc) {
		if (!toolstack_find(&t, g.name, &domid, NULL)) {
			rc = failure_set(f, -EEXIST, "there is a guest '%s' already", g.name);
		} else {
			cli_busy(r->restore ? "restoring the guest" : "creating the guest");
			rc = domain_create(&t, &g, &o, &domid, f);
			cli_done();
		}
		toolstack_close(&t);
	}
	guest_free(&g);
	return rc;
}

int cli_request_do(struct create_request *r, int failed)
{
	struct failure f = { 0 };
	json_t *params, *done;
	int rc = cli_request_load(r, &f);

	if (rc) {
		cli_fail(&f);
		return failed;
	}
	if (r->here) {
		rc = create_here(r, &f);
	} else {
		params = cli_request_json(r);
		if (!params) {
			return cli_error("%s is not a text in UTF-8", r->where);
		}
		done = api_once(r->restore ? "restore" : "create", params, &f);
		rc = done ? 0 : f.code;
		json_decref(done);
	}
	if (rc) {
		cli_fail(&f);
		return failed;
	}
	return r->console ? cli_console(r->name) : 0;
}

static int dry_run(struct create_request *r)
{
	struct failure f = { 0 };
	struct guest_config g;
	char uuid[UUID_TEXT];
	json_t *o;

	if (cli_request_load(r, &f) ||
	    guest_parse(&g, r->where, r->text, r->len, r->overrides, NULL, &f)) {
		cli_fail(&f);
		return 3;
	}
	uuid_format(g.uuid, uuid);
	o = json_pack("{s:s, s:I, s:I, s:i, s:i, s:s, s:s, s:i, s:i}", "name", g.name, "memory_kib",
		      (json_int_t)g.memory_kib, "max_memory_kib", (json_int_t)g.maxmem_kib, "vcpus",
		      (int)g.vcpus, "max_vcpus", (int)g.maxvcpus, "kernel", g.kernel, "cmdline",
		      g.cmdline, "disks", (int)g.disk_count, "vifs", (int)g.nic_count);
	if (g.ramdisk) {
		json_object_set_new(o, "ramdisk", json_string(g.ramdisk));
	}
	if (g.uuid_set) {
		json_object_set_new(o, "uuid", json_string(uuid));
	}
	guest_free(&g);
	return cli_print_json(o);
}

int verb_create(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "console", no_argument, NULL, 'c' },
		{ "defconfig", required_argument, NULL, 'f' },
		{ "dryrun", no_argument, NULL, 'n' },
		{ "paused", no_argument, NULL, 'p' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "unsupervised", no_argument, NULL, 2 },
		{ "fail-after", required_argument, NULL, 3 },
		{ NULL, 0, NULL, 0 },
	};
	struct create_request r = { 0 };
	int c, status = 0;

	while ((c = cli_option(argc, argv, "cCdeFf:npqVAk:", longs, NULL, &status)) >= 0) {
		r.console |= c == 'c';
		r.dry |= c == 'n' || c == 'd';
		r.paused |= c == 'p';
		r.quiet |= c == 'q';
		r.here |= c == 2;
		r.where = c == 'f' ? optarg : r.where;
		r.fail_after = c == 3 ? optarg : r.fail_after;
	}
	if (c == -2) {
		return status;
	}
	if (!r.where && optind < argc && !strchr(argv[optind], '=')) {
		r.where = argv[optind++];
	}
	if (!r.where) {
		cli_error("Config file not specified; name one: %s create FILE", cli_program);
		return 6; /* xl's */
	}
	cli_request_overrides(&r, argc, argv);
	if (r.dry) {
		return dry_run(&r);
	}
	if (!r.quiet && !strcmp(cli_program, "xl")) {
		printf("Parsing config from %s\n", r.where);
		fflush(stdout);
	}
	return cli_request_do(&r, EXIT_CREATE);
}

/* Outside of dom0 there are neither bridges nor disks to look at. */
int verb_check(int argc, char **argv)
{
	struct create_request r = { 0 };
	struct toolstack t = { 0 };
	struct failure f = { 0 };
	struct guest_config g;
	bool in_dom0 = !access("/dev/xen/privcmd", R_OK | W_OK);
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, -1))) {
		return status;
	}
	r.where = argv[optind++];
	cli_request_overrides(&r, argc, argv);
	if (cli_request_load(&r, &f) ||
	    guest_parse(&g, r.where, r.text, r.len, r.overrides, NULL, &f)) {
		return cli_fail(&f);
	}
	rc = in_dom0 ? toolstack_open_hypervisor(&t, &f) : 0;
	rc = rc ? rc : domain_check(&t, &g, &f);
	toolstack_close(&t);
	guest_free(&g);
	if (rc) {
		return cli_fail(&f);
	}
	printf("%s: %s\n", r.where,
	       in_dom0 ? "nothing is wrong"
		       : "nothing is wrong as far as can be seen outside dom0");
	return 0;
}

static void run_setting(char **text, const char *name, const char *value)
{
	char *line = xmalloc(strlen(name) + 2 * strlen(value) + 8), *to;

	to = line + sprintf(line, "%s = \"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\') {
			*to++ = '\\';
		}
		*to++ = *value;
	}
	strcpy(to, "\"");
	cli_text_add(text, line);
	free(line);
}

struct run_options {
	char *text, *disks, *vifs;
	const char *name;
	unsigned int disk_count;
};

static void run_list(char **list, const char *item, const char *vdev)
{
	char line[4200];

	snprintf(line, sizeof(line), vdev ? "\"%s,raw,%s,rw\"," : "\"%s\",", item, vdev);
	cli_text_add(list, line);
}

static void run_take(struct run_options *o, int c, char *value)
{
	char vdev[8], line[64];

	switch (c) {
	case 'i':
		run_setting(&o->text, "ramdisk", value);
		break;
	case 'a':
		run_setting(&o->text, "cmdline", value);
		break;
	case 'm':
		snprintf(line, sizeof(line), "memory = %.32s", value);
		cli_text_add(&o->text, line);
		break;
	case 'v':
		snprintf(line, sizeof(line), "vcpus = %.32s", value);
		cli_text_add(&o->text, line);
		break;
	case 'd':
		snprintf(vdev, sizeof(vdev), "xvd%c", 'a' + (char)(o->disk_count++ % 16));
		run_list(&o->disks, value, strchr(value, ',') ? NULL : vdev);
		break;
	case 'b':
		snprintf(line, sizeof(line), "bridge=%.32s", value);
		run_list(&o->vifs, line, NULL);
		break;
	default:
		break;
	}
}

static void run_finish(struct run_options *o, const char *kernel)
{
	char name[32];

	snprintf(name, sizeof(name), "run-%d", (int)getpid());
	run_setting(&o->text, "name", o->name ? o->name : name);
	run_setting(&o->text, "kernel", kernel);
	cli_text_add(&o->text, "on_reboot = \"restart\"\non_crash = \"destroy\"");
	if (o->disks) {
		cli_text_add(&o->text, "disk = [");
		cli_text_add(&o->text, o->disks);
		cli_text_add(&o->text, "]");
	}
	if (o->vifs) {
		cli_text_add(&o->text, "vif = [");
		cli_text_add(&o->text, o->vifs);
		cli_text_add(&o->text, "]");
	}
	free(o->disks);
	free(o->vifs);
}

int verb_run(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "append", required_argument, NULL, 'a' },
		{ "bridge", required_argument, NULL, 'b' },
		{ "disk", required_argument, NULL, 'd' },
		{ "initrd", required_argument, NULL, 'i' },
		{ "memory", required_argument, NULL, 'm' },
		{ "name", required_argument, NULL, 'n' },
		{ "vcpus", required_argument, NULL, 'v' },
		{ "no-console", no_argument, NULL, 'N' },
		{ NULL, 0, NULL, 0 },
	};
	struct create_request r = { .where = "command line", .console = true };
	struct run_options o = { .text = xstrdup("memory = 256\ncmdline = \"console=hvc0\"\n") };
	int c, status = 0;

	while ((c = cli_option(argc, argv, "a:b:d:i:m:n:v:N", longs, NULL, &status)) >= 0) {
		o.name = c == 'n' ? optarg : o.name;
		r.console = r.console && c != 'N';
		run_take(&o, c, optarg);
	}
	if (c == -2 || (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	run_finish(&o, argv[optind]);
	r.text = o.text;
	r.len = strlen(o.text);
	status = cli_request_do(&r, EXIT_CREATE);
	free(o.text);
	return status;
}

int verb_config_update(int argc, char **argv)
{
	struct create_request r = { 0 };
	struct failure f = { 0 };
	json_t *params, *done;
	const char *domain;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "f:d", NULL, NULL, &status)) >= 0) {
		r.where = c == 'f' ? optarg : r.where;
	}
	if (c == -2 || (status = cli_arguments(argc, 1, -1))) {
		return status;
	}
	domain = argv[optind++];
	if (!r.where && optind < argc && !strchr(argv[optind], '=')) {
		r.where = argv[optind++];
	}
	cli_request_overrides(&r, argc, argv);
	if (!r.where && !r.overrides) {
		return cli_error("Config file not specified");
	}
	if (r.where) {
		if (cli_request_load(&r, &f)) {
			return cli_fail(&f);
		}
		params = cli_request_json(&r);
	} else {
		params = json_pack("{s:s}", "overrides", r.overrides);
	}
	json_object_set_new(params, "domain", json_string(domain));
	done = api_once("config_update", params, &f);
	json_decref(done);
	return done ? 0 : cli_fail(&f);
}
