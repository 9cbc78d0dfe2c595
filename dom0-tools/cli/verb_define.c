/* SPDX-License-Identifier: MIT */
/*
 * Verbs about the supervisor's inventory: define, undefine, start, autostart, config, events,
 * logs, why, metrics. Each is a call of its API. No state of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/create.h"
#include "cli/verb.h"
#include "lib/xalloc.h"

static int call(const char *method, json_t *params)
{
	struct failure f = { 0 };
	json_t *done = api_once(method, params, &f);

	json_decref(done);
	return done ? 0 : cli_fail(&f);
}

int verb_define(int argc, char **argv)
{
	struct create_request r = { 0 };
	struct failure f = { 0 };
	json_t *params;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, -1))) {
		return status;
	}
	r.where = argv[optind++];
	cli_request_overrides(&r, argc, argv);
	if (cli_request_load(&r, &f)) {
		return cli_fail(&f);
	}
	params = cli_request_json(&r);
	if (!params) {
		return cli_error("%s is not a text in UTF-8", r.where);
	}
	return call("define", params);
}

/* Verbs whose only argument is a guest. */
static int guest_verb(int argc, char **argv, const char *method)
{
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	return call(method, json_pack("{s:s}", "domain", argv[optind]));
}

int verb_undefine(int argc, char **argv)
{
	return guest_verb(argc, argv, "undefine");
}

int verb_start(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "console", no_argument, NULL, 'c' },
		{ "paused", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	bool console = false, paused = false;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "cp", longs, NULL, &status)) >= 0) {
		console |= c == 'c';
		paused |= c == 'p';
	}
	if (c == -2 || (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	status = call("start", json_pack("{s:s, s:b}", "domain", argv[optind], "paused", paused));
	return status || !console ? status : cli_console(argv[optind]);
}

int verb_autostart(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "order", required_argument, NULL, 'o' },
		{ "off", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t order = 50;
	bool on = true;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "o:n", longs, NULL, &status)) >= 0) {
		on = on && c != 'n';
		if (c == 'o' && !cli_number(optarg, 0, 9999, &order)) {
			return cli_usage("--order is a number from 0 (first) to 9999, not '%s'",
					 optarg);
		}
	}
	if (c == -2 || (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	return call("autostart", json_pack("{s:s, s:b, s:I}", "domain", argv[optind], "on", on,
					   "order", (json_int_t)order));
}

/* Lets $EDITOR change the text; false when it was left alone or the editor failed. */
static bool edit(char **text)
{
	char path[] = "/tmp/dais-config-XXXXXX";
	const char *editor = getenv("VISUAL") ? getenv("VISUAL") : getenv("EDITOR");
	struct failure f = { 0 };
	size_t len;
	char *new = NULL;
	int fd = mkstemp(path), status = -1;
	pid_t pid;

	if (fd < 0 || write(fd, *text, strlen(*text)) != (ssize_t)strlen(*text)) {
		cli_error("cannot write %s: %s", path, strerror(errno));
	} else if (!(pid = fork())) {
		execlp(editor ? editor : "vi", editor ? editor : "vi", path, (char *)NULL);
		_exit(127);
	} else if (waitpid(pid, &status, 0) != pid || status) {
		cli_error("the editor did not end well; the configuration stays as it was");
	} else {
		new = cli_read_file(path, &len, &f);
	}
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	if (!new || !strcmp(new, *text)) {
		free(new);
		return false;
	}
	free(*text);
	*text = new;
	return true;
}

int verb_config(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "edit", no_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};
	struct failure f = { 0 };
	bool editing = false, json = false;
	json_t *record;
	char *text;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "e", longs, &json, &status)) >= 0) {
		editing |= c == 'e';
	}
	if (c == -2 || (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	record = api_once("get", json_pack("{s:s}", "domain", argv[optind]), &f);
	if (!record) {
		return cli_fail(&f);
	}
	if (json && !editing) {
		return cli_print_json(record);
	}
	text = xstrdup(json_string_value(json_object_get(record, "config"))
			       ? json_string_value(json_object_get(record, "config"))
			       : "");
	json_decref(record);
	if (!editing) {
		fputs(text, stdout);
	} else if (edit(&text)) {
		status = call("config_update",
			      json_pack("{s:s, s:s}", "domain", argv[optind], "config", text));
	}
	free(text);
	return status;
}

static void event_print(json_t *e, bool json)
{
	json_int_t when = json_integer_value(json_object_get(e, "time"));
	time_t seconds = (time_t)(when / 1000);
	const char *name = json_string_value(json_object_get(e, "name"));
	const char *event = json_string_value(json_object_get(e, "event"));
	const char *text = json_string_value(json_object_get(e, "text"));
	char stamp[32];
	struct tm local;

	if (json) {
		json_dumpf(e, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		localtime_r(&seconds, &local);
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &local);
		printf("%s %-12s %-20s %s\n", stamp, event ? event : "", name ? name : "",
		       text ? text : "");
	}
	fflush(stdout);
}

int verb_events(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct failure f = { 0 };
	bool follow = false, json = false;
	struct api *a;
	json_t *past, *e;
	size_t i;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "f", longs, &json, &status)) >= 0) {
		follow |= c == 'f';
	}
	if (c == -2 || (status = cli_arguments(argc, 0, 1))) {
		return status;
	}
	a = api_open(true, &f);
	past = a ? api_call(a, "events",
			    json_pack("{s:b, s:s*}", "follow", follow, "domain",
				      optind < argc ? argv[optind] : NULL),
			    &f)
		 : NULL;
	if (!past) {
		api_close(a);
		return cli_fail(&f);
	}
	json_array_foreach(past, i, e)
	{
		event_print(e, json);
	}
	json_decref(past);
	while (follow && (e = api_next(a))) {
		event_print(json_object_get(e, "event"), json);
		json_decref(e);
	}
	api_close(a);
	return 0;
}

int verb_logs(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	static const char *const folders[] = { "/var/log/dais/console", "/var/log/xen/console" };
	char path[512], buffer[8192];
	bool follow = false;
	int c, status = 0, fd = -1;
	size_t i;
	ssize_t n;

	while ((c = cli_option(argc, argv, "f", longs, NULL, &status)) >= 0) {
		follow |= c == 'f';
	}
	if (c == -2 || (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	if (strchr(argv[optind], '/')) {
		return cli_error("'%s' is not the name of a guest", argv[optind]);
	}
	for (i = 0; fd < 0 && i < 4; i++) {
		snprintf(path, sizeof(path), i % 2 ? "%s/guest-%s.log" : "%s/%s.log",
			 folders[i / 2], argv[optind]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		return cli_error(
			"there is no console log of '%s'; logs are in %s while `dais consoled` "
			"runs",
			argv[optind], folders[0]);
	}
	for (;;) {
		n = read(fd, buffer, sizeof(buffer));
		if (n > 0) {
			fwrite(buffer, 1, (size_t)n, stdout);
		} else if (!follow) {
			break;
		} else {
			fflush(stdout);
			usleep(200000);
		}
	}
	close(fd);
	return 0;
}

int verb_why(int argc, char **argv)
{
	struct failure f = { 0 };
	bool json = false;
	json_t *answer, *line;
	size_t i;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, &json, &status) != -1 ||
	    (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	answer = api_once("why", json_pack("{s:s}", "domain", argv[optind]), &f);
	if (!answer) {
		return cli_fail(&f);
	}
	if (json) {
		return cli_print_json(answer);
	}
	json_array_foreach(json_object_get(answer, "reasons"), i, line)
	{
		puts(json_string_value(line));
	}
	json_decref(answer);
	return 0;
}

int verb_metrics(int argc, char **argv)
{
	struct failure f = { 0 };
	json_t *answer;
	int status = 0;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1) {
		return status;
	}
	answer = api_once("metrics", json_object(), &f);
	if (!answer) {
		return cli_fail(&f);
	}
	fputs(json_string_value(json_object_get(answer, "text")), stdout);
	json_decref(answer);
	return 0;
}
