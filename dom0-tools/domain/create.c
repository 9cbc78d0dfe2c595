/* SPDX-License-Identifier: MIT */
/*
 * Creating a domain: a table of steps, each with what undoes it. A failure at any step undoes the
 * ones before in reverse order. Steps that only look come first, so that most mistakes are found
 * before anything exists. See domain.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "domain/create.h"
#include "domain/link.h"
#include "domain/store.h"
#include "lib/builder.h"
#include "lib/domctl.h"
#include "lib/hypercall.h"
#include "lib/sysctl.h"
#include "lib/uuid.h"
#include "lib/xalloc.h"

#define CLOSE_SECONDS 10

static int step_kernel(struct creation *c)
{
	if (c->g->boots_grub && access(c->g->kernel, R_OK)) {
		return failure_set(c->f, -errno,
				   "the guest is to boot by GRUB, and '%s' cannot be opened: %s; "
				   "install the package grub-xen-host",
				   c->g->kernel, strerror(errno));
	}
	return builder_kernel_load(&c->kernel, c->g->kernel, c->f);
}

static void undo_kernel(struct creation *c)
{
	builder_kernel_free(&c->kernel);
}

static int step_ramdisk(struct creation *c)
{
	struct stat st;

	if (!c->g->ramdisk) {
		return 0;
	}
	c->ramdisk = open(c->g->ramdisk, O_RDONLY | O_CLOEXEC);
	if (c->ramdisk < 0 || fstat(c->ramdisk, &st)) {
		return failure_set(c->f, -errno,
				   "cannot open the initrd '%s': %s; check `ramdisk` in "
				   "the configuration",
				   c->g->ramdisk, strerror(errno));
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		return failure_set(c->f, -EINVAL,
				   "the initrd '%s' is %s; check `ramdisk` in the "
				   "configuration",
				   c->g->ramdisk,
				   S_ISREG(st.st_mode) ? "empty" : "not a regular file");
	}
	c->ramdisk_len = (uint64_t)st.st_size;
	return 0;
}

static void undo_ramdisk(struct creation *c)
{
	if (c->ramdisk >= 0) {
		close(c->ramdisk);
		c->ramdisk = -1;
	}
}

static int step_nics(struct creation *c)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->g->nic_count; i++) {
		rc = nic_check(&c->g->nics[i], c->f);
	}
	if (!rc && c->g->nic_count) {
		c->link = link_listen();
		rc = c->link < 0 ? failure_set(c->f, c->link,
					       "cannot listen for network interfaces: "
					       "%s",
					       strerror(-c->link))
				 : 0;
	}
	return rc;
}

static void undo_nics(struct creation *c)
{
	if (c->link >= 0) {
		close(c->link);
		c->link = -1;
	}
}

static int step_disks(struct creation *c)
{
	size_t i;
	int rc = 0;

	c->backing = xcalloc(c->g->disk_count, sizeof(*c->backing));
	for (i = 0; i < c->g->disk_count; i++) {
		c->backing[i].loop.fd = -1;
	}
	for (i = 0; !rc && i < c->g->disk_count; i++) {
		rc = disk_open(&c->backing[i], &c->g->disks[i], c->f);
	}
	return rc;
}

static void undo_disks(struct creation *c)
{
	size_t i;

	for (i = 0; c->backing && i < c->g->disk_count; i++) {
		disk_close(&c->backing[i]);
	}
	free(c->backing);
	c->backing = NULL;
}

static int step_memory(struct creation *c)
{
	struct xen_sysctl_physinfo info;
	uint64_t needed = (c->g->memory_kib >> 10) + 1, there;
	int rc = sysctl_physinfo(c->t->h, &info);

	if (rc) {
		return failure_set(c->f, rc, "cannot ask the hypervisor for its memory: %s%s",
				   strerror(-rc), rc == -EPERM ? "; run this as root in dom0" : "");
	}
	c->grant_version = info.capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2 ? 2 : 1;
	there = (info.free_pages + info.scrub_pages - info.outstanding_pages) >> 8;
	if (there < needed) {
		return failure_set(c->f, -ENOMEM,
				   "the guest needs %llu MiB, %llu MiB are free; lower "
				   "`memory`, shut a guest down, or shrink dom0: dais mem-set "
				   "Domain-0 SIZE",
				   (unsigned long long)needed, (unsigned long long)there);
	}
	return 0;
}

/* The number of a CPU pool, by the names the tools keep in the store. */
static int find_pool(struct creation *c, uint32_t *pool)
{
	char **numbers, *name;
	size_t count, i;
	bool found = false;

	*pool = 0;
	if (!c->g->pool) {
		return 0;
	}
	numbers = store_list(c->t->xs, &count, "/local/pool");
	for (i = 0; !found && i < count; i++) {
		name = store_read(c->t->xs, "/local/pool/%s/name", numbers[i]);
		found = !strcmp(numbers[i], c->g->pool) || (name && !strcmp(name, c->g->pool));
		*pool = found ? (uint32_t)strtoul(numbers[i], NULL, 10) : 0;
		free(name);
	}
	free(numbers);
	if (!found && strcmp(c->g->pool, "0") && strcmp(c->g->pool, "Pool-0")) {
		return failure_set(c->f, -ENOENT,
				   "there is no CPU pool '%s'; `dais cpupool-list` "
				   "shows those that are",
				   c->g->pool);
	}
	return 0;
}

static int step_domain(struct creation *c)
{
	struct guest_config *g = c->g;
	struct xen_domctl_createdomain config = {
		.max_vcpus = g->maxvcpus,
		.max_evtchn_port = g->max_event_channels,
		.max_grant_frames = g->max_grant_frames,
		.max_maptrack_frames = g->max_maptrack_frames,
		.arch.misc_flags = g->msr_relaxed ? XEN_X86_MSR_RELAXED : 0,
	};
	int rc = find_pool(c, &c->pool);

	if (rc) {
		return rc;
	}
	if (!g->uuid_set) {
		uuid_make(g->uuid);
		g->uuid_set = true;
	}
	config.cpupool_id = c->pool;
	config.grant_opts = XEN_DOMCTL_GRANT_version(g->max_grant_version ? g->max_grant_version
									  : c->grant_version);
	memcpy(config.handle, g->uuid, sizeof(config.handle));
	rc = domctl_create(c->t->h, &config, &c->domid);
	if (rc) {
		return failure_set(c->f, rc,
				   "the hypervisor refuses to create a domain with %u vCPUs: "
				   "%s; its console (`dais dmesg`) may say more",
				   g->maxvcpus, strerror(-rc));
	}
	return 0;
}

static void undo_domain(struct creation *c)
{
	if (c->domid) {
		domctl_destroy(c->t->h, c->domid);
		c->domid = 0;
	}
}

static int step_build(struct creation *c)
{
	struct builder_in in = {
		.kernel = &c->kernel,
		.cmdline = c->g->cmdline,
		.module_fd = c->ramdisk,
		.module_len = c->ramdisk_len,
		.nr_pages = c->g->memory_kib / 4,
		.console_port = c->rings.console_port,
		.store_port = c->rings.store_port,
	};
	struct builder_out out;
	int rc = builder_build(c->t->h, c->domid, &in, &out, c->f);

	if (!rc) {
		c->rings.console_frame = out.console_frame;
		c->rings.store_frame = out.store_frame;
		/* Megabytes that nobody needs any more. */
		builder_kernel_free(&c->kernel);
	}
	return rc;
}

static int step_store(struct creation *c)
{
	struct node_list l = { 0 };
	char now[24], uuid[UUID_TEXT];
	size_t i;
	int rc;

	nodes_domain(&l, c->domid, c->g, &c->rings);
	snprintf(now, sizeof(now), "%lld", (long long)time(NULL));
	uuid_format(c->g->uuid, uuid);
	node_add(&l, now, -1, -1, "/vm/%s/start_time", uuid);
	for (i = 0; i < c->g->disk_count; i++) {
		nodes_disk(&l, c->domid, &c->g->disks[i], c->backing[i].physical,
			   c->backing[i].path);
	}
	for (i = 0; i < c->g->nic_count; i++) {
		nodes_nic(&l, c->domid, &c->g->nics[i], (unsigned int)c->g->nics[i].devid);
	}
	rc = store_write_list(c->t->xs, &l, c->f);
	node_list_free(&l);
	return rc;
}

static void undo_store(struct creation *c)
{
	char base[48], vm[64], uuid[UUID_TEXT];

	device_remove_all(c->t->xs, c->domid, CLOSE_SECONDS);
	uuid_format(c->g->uuid, uuid);
	snprintf(base, sizeof(base), "/local/domain/%u", c->domid);
	snprintf(vm, sizeof(vm), "/vm/%s", uuid);
	store_remove_all(c->t->xs, (const char *const[]){ base, vm, NULL });
}

static int step_introduce(struct creation *c)
{
	int rc = store_introduce(c->t->xs, c->domid, c->rings.store_frame, c->rings.store_port);

	return rc ? failure_set(c->f, rc, "the store does not accept the new domain: %s",
				strerror(-rc))
		  : 0;
}

static int step_devices(struct creation *c)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->g->disk_count; i++) {
		rc = disk_settle(c->t->xs, c->domid, &c->g->disks[i], c->f);
	}
	for (i = 0; !rc && i < c->g->nic_count; i++) {
		rc = nic_settle(c->t->xs, c->link, c->domid, c->g->name, &c->g->nics[i],
				(unsigned int)c->g->nics[i].devid, c->f);
	}
	return rc;
}

static int step_start(struct creation *c)
{
	char uuid[UUID_TEXT];
	int rc;

	/* By this node a supervisor that died meanwhile learns that nothing is missing. */
	uuid_format(c->g->uuid, uuid);
	rc = store_write(c->t->xs, "1", "/vm/%s/complete", uuid);
	if (!rc && !c->o->paused) {
		rc = domctl_unpause(c->t->h, c->domid);
	}
	return rc ? failure_set(c->f, rc, "cannot start the domain: %s", strerror(-rc)) : 0;
}

enum step_when { ALWAYS, BOOTING, RESTORING };

static const struct step {
	const char *name;
	int (*run)(struct creation *c);
	void (*undo)(struct creation *c);
	bool keep; /* undone only after a failure */
	enum step_when when;
} steps[] = {
	{ "kernel", step_kernel, undo_kernel, false, BOOTING },
	{ "ramdisk", step_ramdisk, undo_ramdisk, false, BOOTING },
	{ "state", restore_open, restore_close, false, RESTORING },
	{ "network", step_nics, undo_nics, false, ALWAYS },
	{ "disks", step_disks, undo_disks, false, ALWAYS },
	{ "memory", step_memory, NULL, false, ALWAYS },
	{ "domain", step_domain, undo_domain, true, ALWAYS },
	{ "limits", create_limits, NULL, false, ALWAYS },
	{ "scheduling", create_scheduling, NULL, false, ALWAYS },
	{ "permissions", create_permissions, NULL, false, ALWAYS },
	{ "ports", create_ports, NULL, false, ALWAYS },
	{ "build", step_build, NULL, false, BOOTING },
	{ "restore", restore_build, NULL, false, RESTORING },
	{ "store", step_store, undo_store, true, ALWAYS },
	{ "introduce", step_introduce, NULL, false, ALWAYS },
	{ "devices", step_devices, NULL, false, ALWAYS },
	{ "start", step_start, NULL, false, ALWAYS },
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static bool step_due(const struct step *s, bool restore)
{
	return s->when == ALWAYS || (s->when == RESTORING) == restore;
}

const char *domain_create_step(bool restore, unsigned int i)
{
	size_t at;

	for (at = 0; at < STEPS; at++) {
		if (step_due(&steps[at], restore) && !i--) {
			return steps[at].name;
		}
	}
	return NULL;
}

/* Interfaces without a number get the lowest that is free. */
static void number_nics(struct guest_config *g)
{
	size_t i, j;

	for (i = 0; i < g->nic_count; i++) {
		int id = 0;

		if (g->nics[i].devid >= 0) {
			continue;
		}
		for (j = 0; j < g->nic_count; j++) {
			if (g->nics[j].devid == id) {
				id++;
				j = (size_t)-1;
			}
		}
		g->nics[i].devid = id;
	}
}

/* Undoes the steps before number `end`; after a success only those that are not to stay. */
static void create_undo(struct creation *c, size_t end, bool all)
{
	while (end--) {
		if (steps[end].undo && (all || !steps[end].keep) &&
		    step_due(&steps[end], c->o->restore)) {
			steps[end].undo(c);
		}
	}
}

static int create_try(void *arg, struct failure *f)
{
	struct creation *c = arg;
	int rc = 0;

	c->f = f;
	for (c->done = 0; !rc && c->done < STEPS; c->done++) {
		const struct step *s = &steps[c->done];

		if (!step_due(s, c->o->restore)) {
			continue;
		}
		if (c->o->progress) {
			c->o->progress(c->o->arg, s->name);
		}
		/* Undoing copes with a step that did its work in part. */
		rc = s->run(c);
		if (!rc && c->o->fail_after && !strcmp(c->o->fail_after, s->name)) {
			rc = failure_set(f, -ECANCELED, "given up after step '%s', as asked",
					 s->name);
		}
	}
	if (!rc) {
		create_undo(c, STEPS, false);
	}
	return rc;
}

static void create_failed(void *arg)
{
	struct creation *c = arg;

	create_undo(c, c->done, true);
}

int domain_create(struct toolstack *t, struct guest_config *g, const struct domain_options *o,
		  uint32_t *domid, struct failure *f)
{
	struct creation c = { .t = t, .g = g, .o = o, .ramdisk = -1, .link = -1 };
	int rc;

	number_nics(g);
	rc = toolstack_retry(t, create_try, create_failed, &c, f);
	if (!rc) {
		*domid = c.domid;
	}
	return rc;
}

int domain_check(struct toolstack *t, struct guest_config *g, struct failure *f)
{
	const struct domain_options o = { 0 };
	struct creation c = { .t = t, .g = g, .o = &o, .f = f, .ramdisk = -1, .link = -1 };
	int (*const first_that_asks)(struct creation *c) = t->h ? step_domain : step_nics;
	size_t i;
	int rc = 0;

	number_nics(g);
	for (i = 0; !rc && steps[i].run != first_that_asks; i++) {
		rc = step_due(&steps[i], false) ? steps[i].run(&c) : 0;
	}
	create_undo(&c, i, true);
	return rc;
}
