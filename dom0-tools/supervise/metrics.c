/* SPDX-License-Identifier: MIT */
/*
 * Figures for monitoring: from the hypervisor, from the inventory, and for devices from the
 * counters of dom0's backends in sysfs. See supervise.h. Two spellings of the same: OpenMetrics
 * for those who ask, and the older text format for node_exporter's textfile collector, which
 * differs in what a counter's TYPE line names and has no end mark.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/domctl.h"
#include "lib/log.h"
#include "lib/sysctl.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

#define BACKENDS "bus/xen-backend/devices"

/* family: the one whose samples come now; total: they end in _total. */
struct metrics {
	FILE *out;
	enum metrics_form form;
	const char *family;
	bool total;
};

/* A backend device: kind "vbd" or "vif", `folder` where its counters are, below sysfs. */
struct device {
	char kind[4];
	uint32_t domid, number;
	char folder[96];
};

struct device_list {
	struct device *devices;
	size_t count;
};

/* A label's value: UTF-8 whatever the name is, quotes, backslashes and line ends escaped. */
static void put_label(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\') {
			fputc('\\', out);
		}
		if (*text == '\n') {
			fputs("\\n", out);
		} else {
			fputc((unsigned char)*text < 0x80 ? *text : '?', out);
		}
	}
}

static void family(struct metrics *m, const char *name, const char *type, const char *help)
{
	bool classic = m->form == METRICS_TEXTFILE;

	m->family = name;
	m->total = !strcmp(type, "counter");
	fprintf(m->out, "# TYPE dais_%s%s %s\n# HELP dais_%s%s %s\n", name,
		classic && m->total ? "_total" : "", type, name,
		classic && m->total ? "_total" : "", help);
}

static void sample(struct metrics *m)
{
	fprintf(m->out, "dais_%s%s", m->family, m->total ? "_total" : "");
}

/* Of a domain; domid -1: it does not run. `label` and its value may follow. */
static void sample_domain(struct metrics *m, const char *name, int64_t domid, const char *label,
			  const char *value)
{
	sample(m);
	fputs("{domain=\"", m->out);
	put_label(m->out, name);
	fputc('"', m->out);
	if (domid >= 0) {
		fprintf(m->out, ",domid=\"%" PRId64 "\"", domid);
	}
	if (label) {
		fprintf(m->out, ",%s=\"", label);
		put_label(m->out, value);
		fputc('"', m->out);
	}
	fputs("} ", m->out);
}

static double cpu_seconds(const struct xen_domctl_getdomaininfo *i)
{
	return (double)i->cpu_time / 1e9;
}

static double memory_bytes(const struct xen_domctl_getdomaininfo *i)
{
	return (double)i->tot_pages * 4096;
}

static double memory_max_bytes(const struct xen_domctl_getdomaininfo *i)
{
	return (double)i->max_pages * 4096;
}

static double vcpus(const struct xen_domctl_getdomaininfo *i)
{
	return i->nr_online_vcpus;
}

static double paused(const struct xen_domctl_getdomaininfo *i)
{
	return !!(i->flags & XEN_DOMINF_paused);
}

static void metrics_domains(struct metrics *m, const struct roster *all)
{
	static const struct {
		const char *name, *type, *help;
		double (*of)(const struct xen_domctl_getdomaininfo *i);
		int digits;
	} rows[] = {
		{ "domain_cpu_seconds", "counter", "CPU time used.", cpu_seconds, 9 },
		{ "domain_memory_bytes", "gauge", "Memory it has.", memory_bytes, 0 },
		{ "domain_memory_max_bytes", "gauge", "Memory it may have.", memory_max_bytes, 0 },
		{ "domain_vcpus", "gauge", "Virtual CPUs that are online.", vcpus, 0 },
		{ "domain_paused", "gauge", "Whether it is paused.", paused, 0 },
	};
	size_t i, k;

	for (k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		family(m, rows[k].name, rows[k].type, rows[k].help);
		for (i = 0; i < all->count; i++) {
			sample_domain(m, all->rows[i].name, all->rows[i].info.domain, NULL, NULL);
			fprintf(m->out, "%.*f\n", rows[k].digits, rows[k].of(&all->rows[i].info));
		}
	}
}

/* Only a domain itself is told what others took from it; this one knows about dom0. */
static void metrics_steal(struct metrics *m)
{
	unsigned long long steal;
	FILE *in = fopen("/proc/stat", "re");

	if (in && fscanf(in, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal) == 1) {
		family(m, "domain_steal_seconds", "counter",
		       "Time vCPUs were ready and had no CPU; known of dom0.");
		sample_domain(m, "Domain-0", 0, NULL, NULL);
		fprintf(m->out, "%.2f\n", (double)steal / (double)sysconf(_SC_CLK_TCK));
	}
	if (in) {
		fclose(in);
	}
}

/* ---- devices ---- */

static bool read_counter(const char *path, uint64_t *value)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fscanf(f, "%" SCNu64, value) == 1;

	if (f) {
		fclose(f);
	}
	return ok;
}

/* The interface of a vif may have any name: it is the only entry of the folder net. */
static bool vif_folder(struct supervisor *s, const char *entry, char folder[96])
{
	char path[512];
	struct dirent *e;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/" BACKENDS "/%.32s/net", s->sysfs, entry);
	dir = opendir(path);
	while (dir && !found && (e = readdir(dir))) {
		if (*e->d_name != '.') {
			snprintf(folder, 96, "%.32s/net/%.32s/statistics", entry, e->d_name);
			found = true;
		}
	}
	if (dir) {
		closedir(dir);
	}
	return found;
}

static int device_order(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	if (x->domid != y->domid) {
		return x->domid < y->domid ? -1 : 1;
	}
	return x->number < y->number ? -1 : x->number > y->number;
}

/* All backends of this machine, with one look at one folder. */
static void devices_read(struct device_list *l, struct supervisor *s)
{
	char path[512];
	struct device d;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/" BACKENDS, s->sysfs);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (sscanf(e->d_name, "%3[a-z]-%u-%u", d.kind, &d.domid, &d.number) != 3) {
			continue;
		}
		snprintf(d.folder, sizeof(d.folder), "%.32s/statistics", e->d_name);
		if (strcmp(d.kind, "vbd") &&
		    (strcmp(d.kind, "vif") || !vif_folder(s, e->d_name, d.folder))) {
			continue;
		}
		l->devices = xrealloc(l->devices, l->count + 1, sizeof(d));
		l->devices[l->count++] = d;
	}
	if (dir) {
		closedir(dir);
	}
	if (l->count) {
		qsort(l->devices, l->count, sizeof(*l->devices), device_order);
	}
}

static const char *name_of(const struct roster *all, uint32_t domid)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		if (all->rows[i].info.domain == domid) {
			return all->rows[i].name;
		}
	}
	return NULL;
}

static void metrics_devices(struct metrics *m, struct supervisor *s, const struct roster *all)
{
	static const struct {
		const char *kind, *name, *help, *file;
		uint64_t factor;
	} rows[] = {
		{ "vbd", "domain_disk_read_bytes", "Bytes read from disks.", "rd_sect", 512 },
		{ "vbd", "domain_disk_written_bytes", "Bytes written to disks.", "wr_sect", 512 },
		{ "vbd", "domain_disk_reads", "Read requests.", "rd_req", 1 },
		{ "vbd", "domain_disk_writes", "Write requests.", "wr_req", 1 },
		/* What dom0 receives the guest has sent. */
		{ "vif", "domain_network_sent_bytes", "Bytes the guest sent.", "rx_bytes", 1 },
		{ "vif", "domain_network_received_bytes", "Bytes the guest received.", "tx_bytes",
		  1 },
		{ "vif", "domain_network_sent_packets", "Packets the guest sent.", "rx_packets",
		  1 },
		{ "vif", "domain_network_received_packets", "Packets the guest received.",
		  "tx_packets", 1 },
	};
	struct device_list l = { 0 };
	char path[512], number[16];
	const char *name;
	uint64_t value;
	size_t i, k;

	devices_read(&l, s);
	for (k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		family(m, rows[k].name, "counter", rows[k].help);
		for (i = 0; i < l.count; i++) {
			const struct device *d = &l.devices[i];

			snprintf(path, sizeof(path), "%s/" BACKENDS "/%s/%s", s->sysfs, d->folder,
				 rows[k].file);
			name = strcmp(d->kind, rows[k].kind) ? NULL : name_of(all, d->domid);
			if (!name || !read_counter(path, &value)) {
				continue;
			}
			snprintf(number, sizeof(number), "%u", d->number);
			sample_domain(m, name, d->domid, "device", number);
			fprintf(m->out, "%" PRIu64 "\n", value * rows[k].factor);
		}
	}
	free(l.devices);
}

/* ---- the machine, and the supervisor itself ---- */

static void gauge(struct metrics *m, const char *name, const char *help, uint64_t value)
{
	family(m, name, "gauge", help);
	sample(m);
	fprintf(m->out, " %" PRIu64 "\n", value);
}

static void metrics_machine(struct metrics *m, struct supervisor *s, const struct roster *all)
{
	struct xen_sysctl_physinfo p;
	uint64_t *idle;
	uint32_t count, i;

	if (!sysctl_physinfo(s->t.h, &p)) {
		gauge(m, "memory_bytes", "Memory of the machine.", p.total_pages * 4096);
		gauge(m, "memory_free_bytes", "Memory that no domain has.",
		      (p.free_pages + p.scrub_pages) * 4096);
		gauge(m, "memory_claimed_bytes", "Memory set aside for guests being created.",
		      p.outstanding_pages * 4096);
		gauge(m, "cpus", "CPUs that are online.", p.nr_cpus);
	}
	gauge(m, "domains", "Domains that are there.", all->count);
	if (!sysctl_idle_times(s->t.h, &idle, &count)) {
		family(m, "cpu_idle_seconds", "counter", "Time a CPU had nothing to do.");
		for (i = 0; i < count; i++) {
			sample(m);
			fprintf(m->out, "{cpu=\"%u\"} %.9f\n", i, (double)idle[i] / 1e9);
		}
		free(idle);
	}
}

static void metrics_events(struct metrics *m, struct supervisor *s)
{
	struct record *r;
	const char *event;
	json_t *count;

	family(m, "events", "counter", "Events of the supervisor.");
	sample(m);
	fprintf(m->out, " %" PRIu64 "\n", s->event_number);
	family(m, "domain_events", "counter", "Events of a guest that the supervisor knows.");
	LIST_FOREACH(r, &s->records, link)
	{
		json_object_foreach(r->event_counts, event, count)
		{
			sample_domain(m, r->name, -1, "event", event);
			fprintf(m->out, "%" JSON_INTEGER_FORMAT "\n", json_integer_value(count));
		}
	}
}

char *metrics_text(struct supervisor *s, enum metrics_form form, struct failure *f)
{
	struct metrics m = { .form = form };
	struct roster all;
	char *text = NULL;
	size_t len = 0;

	if (roster_read(&all, &s->t, f)) {
		return NULL;
	}
	m.out = open_memstream(&text, &len);
	metrics_machine(&m, s, &all);
	metrics_domains(&m, &all);
	metrics_steal(&m);
	metrics_devices(&m, s, &all);
	metrics_events(&m, s);
	if (form == METRICS_OPEN) {
		fputs("# EOF\n", m.out);
	}
	fclose(m.out);
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
	text = metrics_text(s, METRICS_TEXTFILE, &f);
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
