/* SPDX-License-Identifier: MIT */
/*
 * Verbs about the machine and the hypervisor: info, dmesg, debug-keys. No state of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "lib/hypercall.h"
#include "lib/sysctl.h"

#define FIELD "%-23s: "

struct machine {
	struct utsname uname;
	struct xen_sysctl_physinfo phys;
	struct hypervisor_version version;
	uint32_t scheduler;
	unsigned int free_cpus;
};

static int machine_read(struct machine *m, struct hypercall *h)
{
	struct cpu_set free_set;
	unsigned int i;
	int rc;

	memset(m, 0, sizeof(*m));
	uname(&m->uname);
	rc = sysctl_physinfo(h, &m->phys);
	rc = rc ? rc : sysctl_version(h, &m->version);
	rc = rc ? rc : sysctl_scheduler(h, &m->scheduler);
	if (!rc && !sysctl_pool_free_cpus(h, &free_set)) {
		for (i = 0; i <= m->phys.max_cpu_id; i++) {
			m->free_cpus += cpu_set_has(&free_set, i);
		}
	}
	return rc;
}

static uint64_t mib(uint64_t pages)
{
	return pages >> 8;
}

static void capabilities_text(uint32_t caps, char *text, size_t room)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
		{ XEN_SYSCTL_PHYSCAP_pv, "pv" },
		{ XEN_SYSCTL_PHYSCAP_hvm, "hvm" },
		{ XEN_SYSCTL_PHYSCAP_directio, "pv_directio" },
		{ XEN_SYSCTL_PHYSCAP_hap, "hap" },
		{ XEN_SYSCTL_PHYSCAP_shadow, "shadow" },
		{ XEN_SYSCTL_PHYSCAP_vmtrace, "vmtrace" },
		{ XEN_SYSCTL_PHYSCAP_vpmu, "vpmu" },
		{ XEN_SYSCTL_PHYSCAP_gnttab_v1, "gnttab-v1" },
		{ XEN_SYSCTL_PHYSCAP_gnttab_v2, "gnttab-v2" },
	};
	size_t i, len = 0;

	*text = 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (caps & names[i].bit && len < room) {
			len += (size_t)snprintf(text + len, room - len, "%s%s", len ? " " : "",
						names[i].name);
		}
	}
}

static void info_physical(const struct machine *m)
{
	const struct xen_sysctl_physinfo *p = &m->phys;
	char caps[128];
	unsigned int i;

	capabilities_text(p->capabilities, caps, sizeof(caps));
	printf(FIELD "%u\n", "nr_cpus", p->nr_cpus);
	printf(FIELD "%u\n", "max_cpu_id", p->max_cpu_id);
	printf(FIELD "%u\n", "nr_nodes", p->nr_nodes);
	printf(FIELD "%u\n", "cores_per_socket", p->cores_per_socket);
	printf(FIELD "%u\n", "threads_per_core", p->threads_per_core);
	printf(FIELD "%u.%03u\n", "cpu_mhz", p->cpu_khz / 1000, p->cpu_khz % 1000);
	printf(FIELD, "hw_caps");
	for (i = 0; i < 8; i++) {
		printf("%s%08x", i ? ":" : "", p->hw_cap[i]);
	}
	printf("\n" FIELD "%s\n", "virt_caps", caps);
	printf(FIELD "%" PRIu64 "\n", "total_memory", mib(p->total_pages));
	printf(FIELD "%" PRIu64 "\n", "free_memory",
	       mib(p->free_pages + p->scrub_pages - p->outstanding_pages));
	printf(FIELD "0\n" FIELD "0\n", "sharing_freed_memory", "sharing_used_memory");
	printf(FIELD "%" PRIu64 "\n", "outstanding_claims", mib(p->outstanding_pages));
	printf(FIELD "%u\n", "free_cpus", m->free_cpus);
}

static void info_version(const struct machine *m)
{
	const struct hypervisor_version *v = &m->version;

	printf(FIELD "%u\n", "xen_major", v->major);
	printf(FIELD "%u\n", "xen_minor", v->minor);
	printf(FIELD "%s\n", "xen_extra", v->extra);
	printf(FIELD "%u.%u%s\n", "xen_version", v->major, v->minor, v->extra);
	printf(FIELD "%s\n", "xen_caps", v->capabilities);
	printf(FIELD "%s\n", "xen_scheduler", sysctl_scheduler_name(m->scheduler));
	printf(FIELD "%u\n", "xen_pagesize", v->page_size);
	printf(FIELD "virt_start=0x%" PRIx64 "\n", "platform_params", v->virt_start);
	printf(FIELD "%s\n", "xen_changeset", v->changeset);
	printf(FIELD "%s\n", "xen_commandline", v->command_line);
	printf(FIELD "%s\n", "cc_compiler", v->compile.compiler);
	printf(FIELD "%s\n", "cc_compile_by", v->compile.compile_by);
	printf(FIELD "%s\n", "cc_compile_domain", v->compile.compile_domain);
	printf(FIELD "%s\n", "cc_compile_date", v->compile.compile_date);
	printf(FIELD "%s\n", "build_id", v->build_id);
	printf(FIELD "4\n", "xend_config_format");
}

static int info_topology(struct hypercall *h)
{
	struct xen_sysctl_cputopo *cpus;
	struct xen_sysctl_meminfo *nodes;
	uint32_t count, i, j, *distance;
	int rc = sysctl_cpu_topology(h, &cpus, &count);

	if (rc) {
		return rc;
	}
	printf("cpu_topology           :\ncpu:    core    socket     node\n");
	for (i = 0; i < count; i++) {
		if (cpus[i].core != XEN_INVALID_CORE_ID) {
			printf("%3u:    %4u     %4u     %4u\n", i, cpus[i].core, cpus[i].socket,
			       cpus[i].node);
		}
	}
	free(cpus);
	printf("device topology        :\ndevice           node\n"
	       "No device topology data available\n");
	rc = sysctl_nodes(h, &nodes, &distance, &count);
	if (rc) {
		return rc;
	}
	printf("numa_info              :\nnode:    memsize    memfree    distances\n");
	for (i = 0; i < count; i++) {
		printf("%4u:    %6" PRIu64 "     %6" PRIu64, i, nodes[i].memsize >> 20,
		       nodes[i].memfree >> 20);
		for (j = 0; j < count; j++) {
			printf("%s%u", j ? "," : "      ", distance[i * count + j]);
		}
		putchar('\n');
	}
	free(nodes);
	free(distance);
	return 0;
}

static json_t *info_json(const struct machine *m)
{
	const struct xen_sysctl_physinfo *p = &m->phys;
	const struct hypervisor_version *v = &m->version;
	char caps[128], version[64];

	capabilities_text(p->capabilities, caps, sizeof(caps));
	snprintf(version, sizeof(version), "%u.%u%s", v->major, v->minor, v->extra);
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:s, s:s, s:s, s:s}",
			 "host", m->uname.nodename, "release", m->uname.release, "machine",
			 m->uname.machine, "cpus", (int)p->nr_cpus, "nodes", (int)p->nr_nodes,
			 "cpu_khz", (int)p->cpu_khz, "free_cpus", (int)m->free_cpus, "memory_kib",
			 (json_int_t)(p->total_pages * 4), "free_kib",
			 (json_int_t)((p->free_pages + p->scrub_pages - p->outstanding_pages) * 4),
			 "claimed_kib", (json_int_t)(p->outstanding_pages * 4), "capabilities",
			 caps, "version", version, "scheduler", sysctl_scheduler_name(m->scheduler),
			 "command_line", v->command_line);
}

int verb_info(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "numa", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct toolstack t;
	struct machine m;
	bool numa = false, json = false;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "n", longs, &json, &status)) >= 0) {
		numa |= c == 'n';
	}
	if (c == -2 || (status = cli_open_hypervisor(&t))) {
		return status;
	}
	rc = machine_read(&m, t.h);
	if (!rc && json) {
		toolstack_close(&t);
		return cli_print_json(info_json(&m));
	}
	if (!rc) {
		printf(FIELD "%s\n", "host", m.uname.nodename);
		printf(FIELD "%s\n", "release", m.uname.release);
		printf(FIELD "%s\n", "version", m.uname.version);
		printf(FIELD "%s\n", "machine", m.uname.machine);
		info_physical(&m);
		rc = numa ? info_topology(t.h) : 0;
		info_version(&m);
	}
	toolstack_close(&t);
	return rc ? cli_error("cannot ask the hypervisor: %s", strerror(-rc)) : 0;
}

int verb_dmesg(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "clear", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct toolstack t;
	uint32_t index = 0;
	char buffer[16384];
	bool clear = false;
	int c, status = 0, got;

	while ((c = cli_option(argc, argv, "c", longs, NULL, &status)) >= 0) {
		clear |= c == 'c';
	}
	if (c == -2 || (status = cli_open_hypervisor(&t))) {
		return status;
	}
	while ((got = hypercall_read_console(t.h, &index, buffer, sizeof(buffer))) > 0) {
		fwrite(buffer, 1, (size_t)got, stdout);
	}
	if (!got && clear) {
		got = sysctl_clear_console(t.h, index);
	}
	toolstack_close(&t);
	return got ? cli_error("cannot read the hypervisor's console: %s", strerror(-got)) : 0;
}

int verb_debug_keys(int argc, char **argv)
{
	struct toolstack t;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 1, 1)) || (status = cli_open_hypervisor(&t))) {
		return status;
	}
	rc = sysctl_debug_keys(t.h, argv[optind]);
	toolstack_close(&t);
	return rc ? cli_error("cannot send debug keys: %s", strerror(-rc)) : 0;
}
