/* SPDX-License-Identifier: MIT */
/*
 * The figures for monitoring, read by strict parsers of the two formats: OpenMetrics (every
 * sample after its TYPE, families not mixed, no sample twice, labels escaped, "# EOF" at the very
 * end) and the text format of node_exporter's textfile collector.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

#define SAMPLES_MAX 512

/* What a text was parsed into. */
static struct parsed {
	char *family[64], *type[64];
	size_t families;
	char *series[SAMPLES_MAX];
	double value[SAMPLES_MAX];
	size_t samples;
	bool end;
} parsed;

static void parsed_free(void)
{
	size_t i;

	for (i = 0; i < parsed.families; i++) {
		free(parsed.family[i]);
		free(parsed.type[i]);
	}
	for (i = 0; i < parsed.samples; i++) {
		free(parsed.series[i]);
	}
	memset(&parsed, 0, sizeof(parsed));
}

static const char *name_end(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_' && *s != ':') {
		return s;
	}
	while (isalnum((unsigned char)*s) || *s == '_' || *s == ':') {
		s++;
	}
	return s;
}

/* "# TYPE NAME TYPE" and "# HELP NAME TEXT". */
static void parse_comment(const char *line)
{
	char name[128], type[16], word[8];
	size_t i;
	int at = 0;

	if (!strcmp(line, "# EOF")) {
		parsed.end = true;
		return;
	}
	assert_int_equal(sscanf(line, "# %7[A-Z] %127s %n", word, name, &at), 2);
	assert_true(at > 0 && !*name_end(name));
	if (!strcmp(word, "TYPE")) {
		assert_int_equal(sscanf(line + at, "%15s", type), 1);
		assert_true(!strcmp(type, "counter") || !strcmp(type, "gauge"));
		for (i = 0; i < parsed.families; i++) {
			assert_string_not_equal(parsed.family[i], name);
		}
		parsed.family[parsed.families] = strdup(name);
		parsed.type[parsed.families++] = strdup(type);
	} else {
		assert_string_equal(word, "HELP");
		/* Of the family whose TYPE was just said. */
		assert_true(parsed.families > 0);
		assert_string_equal(parsed.family[parsed.families - 1], name);
		assert_true(strlen(line + at) > 3);
	}
}

/* {name="value",...}; returns what follows. */
static const char *parse_labels(const char *s)
{
	assert_int_equal(*s++, '{');
	for (;;) {
		const char *end = name_end(s);

		assert_true(end > s && end[0] == '=' && end[1] == '"');
		for (s = end + 2; *s != '"'; s++) {
			assert_true(*s && (unsigned char)*s < 0x80);
			if (*s == '\\') {
				s++;
				assert_true(*s == '\\' || *s == '"' || *s == 'n');
			}
		}
		s++;
		if (*s == '}') {
			return s + 1;
		}
		assert_int_equal(*s++, ',');
	}
}

static void parse_sample(const char *line, bool open)
{
	const char *end = name_end(line), *family = parsed.family[parsed.families - 1];
	bool counter = !strcmp(parsed.type[parsed.families - 1], "counter");
	size_t len = strlen(family), i;
	char *rest;

	assert_true(parsed.families > 0 && end > line);
	/* Each belongs to the family begun last. */
	assert_int_equal(strncmp(line, family, len), 0);
	if (counter && open) {
		assert_int_equal(strncmp(line + len, "_total", 6), 0);
		len += 6;
	} else if (counter) {
		assert_string_equal(family + len - 6, "_total");
	}
	assert_ptr_equal(line + len, end);
	if (*end == '{') {
		end = parse_labels(end);
	}
	assert_int_equal(*end, ' ');
	parsed.series[parsed.samples] = strndup(line, (size_t)(end - line));
	parsed.value[parsed.samples] = strtod(end + 1, &rest);
	assert_true(rest > end + 1 && !*rest);
	assert_true(!counter || parsed.value[parsed.samples] >= 0);
	for (i = 0; i < parsed.samples; i++) {
		assert_string_not_equal(parsed.series[i], parsed.series[parsed.samples]);
	}
	parsed.samples++;
	assert_true(parsed.samples < SAMPLES_MAX);
}

static void parse(const char *text, bool open)
{
	char line[1024];
	const char *end;

	parsed_free();
	while (*text) {
		assert_false(parsed.end); /* nothing follows the end mark */
		end = strchr(text, '\n');
		assert_non_null(end);
		assert_true(end > text && (size_t)(end - text) < sizeof(line));
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
		if (*line == '#') {
			parse_comment(line);
		} else {
			parse_sample(line, open);
		}
		text = end + 1;
	}
	assert_int_equal(parsed.end, open);
}

static double value_of(const char *series)
{
	size_t i;

	for (i = 0; i < parsed.samples; i++) {
		if (!strcmp(parsed.series[i], series)) {
			return parsed.value[i];
		}
	}
	print_error("there is no %s\n", series);
	fail();
	return -1;
}

/* ---- the pretended machine ---- */

static void put(const char *path, const char *value)
{
	char full[256], *slash;
	FILE *out;

	snprintf(full, sizeof(full), "%s/bus/xen-backend/devices/%s", world.folder, path);
	for (slash = full + strlen(world.folder); (slash = strchr(slash + 1, '/'));) {
		*slash = 0;
		mkdir(full, 0700);
		*slash = '/';
	}
	out = fopen(full, "w");
	assert_non_null(out);
	fprintf(out, "%s\n", value);
	fclose(out);
}

static int setup(void **state)
{
	struct xen_domctl_getdomaininfo *d;

	(void)state;
	world_begin();
	world.s.t.xs = (struct xs_client *)&world; /* there is a store; its content is pretended */
	d = world_domain(3, "web");
	d->cpu_time = 1234567890123;
	d->tot_pages = 65536;
	d->max_pages = 65792;
	d->nr_online_vcpus = 2;
	world_domain(4, "a \"quoted\\name\"\nof two lines");
	/* Being torn down, beside its successor of the same name. */
	world_domain(5, "web")->flags = XEN_DOMINF_dying;
	world_domain(6, NULL);
	return 0;
}

static int teardown(void **state)
{
	char command[160];

	(void)state;
	world.s.t.xs = NULL;
	snprintf(command, sizeof(command), "rm -rf %s/bus %s/metrics*", world.folder, world.folder);
	if (system(command)) {
		return -1;
	}
	world_end();
	parsed_free();
	return 0;
}

static void read_metrics(enum metrics_form form)
{
	struct failure f = { 0 };
	char *text = metrics_text(&world.s, form, &f);

	assert_non_null(text);
	parse(text, form == METRICS_OPEN);
	free(text);
}

static void test_domains_and_machine(void **state)
{
	(void)state;
	read_metrics(METRICS_OPEN);
	assert_true(value_of("dais_domain_cpu_seconds_total{domain=\"web\",domid=\"3\"}") > 1234.5);
	assert_true(value_of("dais_domain_memory_bytes{domain=\"web\",domid=\"3\"}") ==
		    65536 * 4096.);
	assert_true(value_of("dais_domain_vcpus{domain=\"web\",domid=\"3\"}") == 2);
	assert_true(value_of("dais_domain_vcpus{domain=\"Domain-0\",domid=\"0\"}") == 0);
	assert_true(value_of("dais_domain_vcpus{domain=\"web\",domid=\"5\"}") == 0);
	assert_true(value_of("dais_domain_vcpus{domain=\"\",domid=\"6\"}") == 0);
	assert_true(value_of("dais_domain_vcpus{domain=\"a \\\"quoted\\\\name\\\"\\nof two lines\","
			     "domid=\"4\"}") == 0);
	assert_true(value_of("dais_domain_steal_seconds_total{domain=\"Domain-0\",domid=\"0\"}") >=
		    0);
	assert_true(value_of("dais_memory_bytes") == 4096. * 1024 * 1024);
	assert_true(value_of("dais_memory_free_bytes") == 1024 * 4096.);
	assert_true(value_of("dais_cpus") == 2);
	assert_true(value_of("dais_domains") == 5);
	assert_true(value_of("dais_cpu_idle_seconds_total{cpu=\"0\"}") == 1.5);
	assert_true(value_of("dais_events_total") == 0);
}

static void test_devices(void **state)
{
	size_t before;

	(void)state;
	put("vbd-3-51712/statistics/rd_sect", "8");
	put("vbd-3-51712/statistics/wr_sect", "16");
	put("vbd-3-51712/statistics/rd_req", "1");
	put("vbd-3-51712/statistics/wr_req", "2");
	put("vbd-3-51728/statistics/rd_sect", "80");
	/* The interface was renamed by vifname=. */
	put("vif-3-0/net/uplink/statistics/rx_bytes", "1000");
	put("vif-3-0/net/uplink/statistics/tx_bytes", "2000");
	read_metrics(METRICS_OPEN);
	assert_true(value_of("dais_domain_disk_read_bytes_total{domain=\"web\",domid=\"3\","
			     "device=\"51712\"}") == 4096);
	assert_true(value_of("dais_domain_disk_written_bytes_total{domain=\"web\",domid=\"3\","
			     "device=\"51712\"}") == 8192);
	assert_true(value_of("dais_domain_disk_read_bytes_total{domain=\"web\",domid=\"3\","
			     "device=\"51728\"}") == 40960);
	assert_true(value_of("dais_domain_network_sent_bytes_total{domain=\"web\",domid=\"3\","
			     "device=\"0\"}") == 1000);
	assert_true(value_of("dais_domain_network_received_bytes_total{domain=\"web\","
			     "domid=\"3\",device=\"0\"}") == 2000);
	/* Of no domain, of no known kind, without counters, with nonsense in them. */
	before = parsed.samples;
	put("vbd-77-51712/statistics/rd_sect", "8");
	put("vkbd-3-0/statistics/rd_sect", "8");
	put("vif-3-1/hotplug", "8");
	put("vbd-3-51744/statistics/rd_sect", "many");
	put("README", "8");
	read_metrics(METRICS_OPEN);
	assert_int_equal(parsed.samples, before);
}

static void test_events_of_guests(void **state)
{
	struct record *r;
	uint8_t uuid[16] = { 1 };

	(void)state;
	r = record_new(&world.s, uuid, "db \"main\"");
	event_tell(&world.s, r, NULL, "started", "as domain 9");
	event_tell(&world.s, r, NULL, "ended", "crash");
	event_tell(&world.s, r, NULL, "started", "as domain 10");
	event_tell(&world.s, NULL, "other", "gone", "%s", "");
	read_metrics(METRICS_OPEN);
	assert_true(value_of("dais_events_total") == 4);
	assert_true(value_of("dais_domain_events_total{domain=\"db \\\"main\\\"\","
			     "event=\"started\"}") == 2);
	assert_true(value_of("dais_domain_events_total{domain=\"db \\\"main\\\"\","
			     "event=\"ended\"}") == 1);
}

/* By the method and by the file: the same series, each in its format. */
static void test_socket_and_file(void **state)
{
	static char text[65536];
	char path[96];
	struct talker t;
	json_t *answer;
	FILE *in;

	(void)state;
	talker_open(&t);
	answer = talker_call(&t, "metrics", NULL);
	parse(json_string_value(json_object_get(json_object_get(answer, "result"), "text")), true);
	json_decref(answer);
	talker_close(&t);
	snprintf(path, sizeof(path), "%s/metrics.prom", world.folder);
	world.s.metrics_file = path;
	metrics_write(&world.s);
	in = fopen(path, "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = 0;
	fclose(in);
	parse(text, false);
	assert_true(value_of("dais_domain_vcpus{domain=\"web\",domid=\"3\"}") == 2);
	/* A folder that is not there is a warning, and leaves nothing. */
	world.s.metrics_file = "/nonexistent/metrics.prom";
	metrics_write(&world.s);
}

/* The parsers see what they are meant to see. */
static void test_other_figures_after_a_change(void **state)
{
	(void)state;
	read_metrics(METRICS_TEXTFILE);
	assert_true(value_of("dais_domain_paused{domain=\"web\",domid=\"3\"}") == 0);
	world.domains[1].flags |= XEN_DOMINF_paused;
	read_metrics(METRICS_TEXTFILE);
	assert_true(value_of("dais_domain_paused{domain=\"web\",domid=\"3\"}") == 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_domains_and_machine),
		TEST(test_devices),
		TEST(test_events_of_guests),
		TEST(test_socket_and_file),
		TEST(test_other_figures_after_a_change),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
