/* SPDX-License-Identifier: MIT */
/*
 * Figures for monitoring, as OpenMetrics text: from the hypervisor, and for devices from the
 * counters of dom0's backends. See supervise.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain/store.h"
#include "lib/domctl.h"
#include "lib/log.h"
#include "lib/sysctl.h"
#include "supervise/supervise.h"

/* One number from a file of sysfs. */
static bool read_counter(const char *path, uint64_t *value)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fscanf(f, "%" SCNu64, value) == 1;

	if (f) {
		fclose(f);
	}
	return ok;
}

/* A label's value: quotes and backslashes escaped. */
static void put_label(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\') {
			fputc('\\', out);
		}
		fputc(*text, out);
	}
}

static void put_row(FILE *out, const char *metric, const struct roster_row *row, const char *more)
{
	fprintf(out, "dais_domain_%s{domain=\"", metric);
	put_label(out, row->name);
	fprintf(out, "\",domid=\"%u\"%s} ", row->info.domain, more);
}

static void put_type(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# TYPE dais_%s %s\n# HELP dais_%s %s\n", name, type, name, help);
}

static void metrics_domains(FILE *out, const struct roster *all)
{
	size_t i;

	put_type(out, "domain_cpu_seconds", "counter", "CPU time used.");
	for (i = 0; i < all->count; i++) {
		put_row(out, "cpu_seconds_total", &all->rows[i], "");
		fprintf(out, "%.9f\n", (double)all->rows[i].info.cpu_time / 1e9);
	}
	put_type(out, "domain_memory_bytes", "gauge", "Memory it has.");
	for (i = 0; i < all->count; i++) {
		put_row(out, "memory_bytes", &all->rows[i], "");
		fprintf(out, "%" PRIu64 "\n", all->rows[i].info.tot_pages * 4096);
	}
	put_type(out, "domain_memory_max_bytes", "gauge", "Memory it may have.");
	for (i = 0; i < all->count; i++) {
		put_row(out, "memory_max_bytes", &all->rows[i], "");
		fprintf(out, "%" PRIu64 "\n", all->rows[i].info.max_pages * 4096);
	}
	put_type(out, "domain_vcpus", "gauge", "Virtual CPUs that are online.");
	for (i = 0; i < all->count; i++) {
		put_row(out, "vcpus", &all->rows[i], "");
		fprintf(out, "%u\n", all->rows[i].info.nr_online_vcpus);
	}
}

/* One counter of every device of a kind; `file` is where sysfs has it. */
static void metrics_device(FILE *out, struct supervisor *s, const struct roster *all,
			   const char *kind, const char *metric, const char *file, uint64_t factor)
{
	char **numbers, path[192], label[32];
	uint64_t value;
	size_t count, i, k;

	for (i = 0; i < all->count; i++) {
		numbers = store_list(s->t.xs, &count, "/local/domain/0/backend/%s/%u", kind,
				     all->rows[i].info.domain);
		for (k = 0; k < count; k++) {
			snprintf(path, sizeof(path), file, all->rows[i].info.domain, numbers[k]);
			snprintf(label, sizeof(label), ",device=\"%.16s\"", numbers[k]);
			if (read_counter(path, &value)) {
				put_row(out, metric, &all->rows[i], label);
				fprintf(out, "%" PRIu64 "\n", value * factor);
			}
		}
		free(numbers);
	}
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void metrics_devices(FILE *out, struct supervisor *s, const struct roster *all)
{
	static const struct {
		const char *kind, *name, *help, *file;
		uint64_t factor;
	} counters[] = {
		{ "vbd", "disk_read_bytes", "Bytes read from disks.",
		  "/sys/bus/xen-backend/devices/vbd-%u-%s/statistics/rd_sect", 512 },
		{ "vbd", "disk_written_bytes", "Bytes written to disks.",
		  "/sys/bus/xen-backend/devices/vbd-%u-%s/statistics/wr_sect", 512 },
		{ "vbd", "disk_reads", "Read requests.",
		  "/sys/bus/xen-backend/devices/vbd-%u-%s/statistics/rd_req", 1 },
		{ "vbd", "disk_writes", "Write requests.",
		  "/sys/bus/xen-backend/devices/vbd-%u-%s/statistics/wr_req", 1 },
		/* What dom0 receives the guest has sent. */
		{ "vif", "network_sent_bytes", "Bytes the guest sent.",
		  "/sys/class/net/vif%u.%s/statistics/rx_bytes", 1 },
		{ "vif", "network_received_bytes", "Bytes the guest received.",
		  "/sys/class/net/vif%u.%s/statistics/tx_bytes", 1 },
	};
	char name[64], metric[64];
	size_t i;

	for (i = 0; s->t.xs && i < sizeof(counters) / sizeof(counters[0]); i++) {
		snprintf(name, sizeof(name), "domain_%s", counters[i].name);
		snprintf(metric, sizeof(metric), "%s_total", counters[i].name);
		put_type(out, name, "counter", counters[i].help);
		metrics_device(out, s, all, counters[i].kind, metric, counters[i].file,
			       counters[i].factor);
	}
}
#pragma GCC diagnostic pop

static void metrics_machine(FILE *out, struct supervisor *s)
{
	struct xen_sysctl_physinfo p;
	uint64_t *idle;
	uint32_t count, i;

	if (!sysctl_physinfo(s->t.h, &p)) {
		put_type(out, "memory_bytes", "gauge", "Memory of the machine.");
		fprintf(out, "dais_memory_bytes %" PRIu64 "\n", p.total_pages * 4096);
		put_type(out, "memory_free_bytes", "gauge", "Memory that no domain has.");
		fprintf(out, "dais_memory_free_bytes %" PRIu64 "\n",
			(p.free_pages + p.scrub_pages) * 4096);
		put_type(out, "cpus", "gauge", "CPUs that are online.");
		fprintf(out, "dais_cpus %u\n", p.nr_cpus);
	}
	if (!sysctl_idle_times(s->t.h, &idle, &count)) {
		put_type(out, "cpu_idle_seconds", "counter", "Time a CPU had nothing to do.");
		for (i = 0; i < count; i++) {
			fprintf(out, "dais_cpu_idle_seconds_total{cpu=\"%u\"} %.9f\n", i,
				(double)idle[i] / 1e9);
		}
		free(idle);
	}
	put_type(out, "events", "counter", "Events of the supervisor.");
	fprintf(out, "dais_events_total %" PRIu64 "\n", s->event_number);
}

char *metrics_text(struct supervisor *s, struct failure *f)
{
	struct roster all;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (roster_read(&all, &s->t, f)) {
		return NULL;
	}
	out = open_memstream(&text, &len);
	metrics_machine(out, s);
	metrics_domains(out, &all);
	metrics_devices(out, s, &all);
	fputs("# EOF\n", out);
	fclose(out);
	roster_free(&all);
	return text;
}

void metrics_write(struct supervisor *s)
{
	struct failure f = { 0 };
	char path[4096], *text;
	FILE *out;
	bool ok;

	if (!s->metrics_file) {
		return;
	}
	text = metrics_text(s, &f);
	snprintf(path, sizeof(path), "%s.new", s->metrics_file);
	out = text ? fopen(path, "we") : NULL;
	ok = out && fputs(text, out) >= 0;
	if (out) {
		ok = !fclose(out) && ok;
	}
	if (!ok || rename(path, s->metrics_file)) {
		log_warn("cannot write %s: %s", s->metrics_file, text ? strerror(errno) : f.text);
		unlink(path);
	}
	free(text);
}
