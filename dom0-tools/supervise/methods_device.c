/* SPDX-License-Identifier: MIT */
/*
 * Methods that add and remove devices of running domains, each as a job. See supervise.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "domain/device.h"
#include "domain/store.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

#define LET_GO_SECONDS 20

struct device_job {
	struct request req;
	uint32_t domid;
	struct guest_disk disk;
	struct guest_nic nic;
	const char *kind;
	uint32_t number;
	bool attach, claimed, force;
};

static const char *text_of(json_t *params, const char *name)
{
	return json_string_value(json_object_get(params, name));
}

/* The running domain that params.domain means, in the inventory or not. */
static int find_running(struct supervisor *s, json_t *params, uint32_t *domid, struct record **r,
			struct failure *f)
{
	const char *domain = text_of(params, "domain");

	if (!domain) {
		return failure_set(f, -EINVAL, "the parameter 'domain' is missing");
	}
	if (!s->t.xs) {
		return failure_set(f, -ENOTCONN,
				   "the store is away; start it: dais stored --detach");
	}
	*r = record_find(s, domain);
	if (*r && (*r)->job) {
		return failure_set(f, -EBUSY, "'%s' is %s just now; try again in a moment",
				   (*r)->name, record_state_name((*r)->state));
	}
	return toolstack_find(&s->t, domain, domid, f);
}

static void device_job_free(struct device_job *j)
{
	guest_disk_free(&j->disk);
	guest_nic_free(&j->nic);
	free(j);
}

/* Nobody uses what was behind a disk that is gone, or that never came. */
static void device_claim_end(struct supervisor *s, const struct device_job *j, bool failed)
{
	if (!strcmp(j->kind, "vbd") && (j->attach ? j->claimed && failed : !failed)) {
		claim_drop(s, j->domid, j->number);
	}
}

static void done_device(struct supervisor *s, void *arg, json_t *result, const struct failure *f)
{
	struct device_job *j = arg;

	device_claim_end(s, j, !result);
	if (result) {
		server_result(s, j->req, json_incref(result));
	} else {
		server_error(s, j->req, f);
	}
	device_job_free(j);
}

static void device_start(struct supervisor *s, struct device_job *j, job_work_fn work,
			 struct failure *f)
{
	if (f->code || !job_start(s, j->req, NULL, work, done_device, j)) {
		failure_set(f, -EAGAIN, "cannot start a process: %s", strerror(errno));
		device_claim_end(s, j, true);
		server_error(s, j->req, f);
		device_job_free(j);
	}
}

static int work_block_attach(struct job_work *w, void *arg)
{
	struct device_job *j = arg;
	int rc = domain_attach_disk(&w->t, j->domid, &j->disk, &w->f);

	w->result = json_pack("{s:s}", "device", j->disk.vdev);
	return rc;
}

/* Relative to where the caller is, not to where the guest's configuration came from. */
static void disk_make_absolute(struct guest_disk *d, const char *cwd)
{
	char *whole;

	if (d->target && *d->target != '/') {
		whole = xmalloc(strlen(cwd) + strlen(d->target) + 2);
		sprintf(whole, "%s/%s", cwd, d->target);
		free(d->target);
		d->target = whole;
	}
}

void method_block_attach(struct supervisor *s, struct request req, json_t *p)
{
	struct device_job *j = xcalloc(1, sizeof(*j));
	const char *spec = text_of(p, "disk"), *cwd = text_of(p, "cwd");
	struct failure f = { 0 };
	struct record *r = NULL;
	size_t had;

	j->req = req;
	j->kind = "vbd";
	j->attach = true;
	if (!spec) {
		failure_set(&f, -EINVAL, "the parameter 'disk' is missing");
	} else if (!find_running(s, p, &j->domid, &r, &f) &&
		   !guest_parse_disk(&j->disk, spec, NULL, &f)) {
		disk_make_absolute(&j->disk, cwd ? cwd : "");
		j->number = j->disk.device;
		/* A target that is not there is not claimed, and the job will say so. */
		had = r ? r->claim_count : 0;
		j->claimed = r && !claim_disk(s, r, &j->disk, &f) && r->claim_count > had;
	}
	device_start(s, j, work_block_attach, &f);
}

static int work_network_attach(struct job_work *w, void *arg)
{
	struct device_job *j = arg;
	unsigned int devid = 0;
	int rc = domain_attach_nic(&w->t, j->domid, &j->nic, &devid, &w->f);

	w->result = json_pack("{s:i}", "device", (int)devid);
	return rc;
}

void method_network_attach(struct supervisor *s, struct request req, json_t *p)
{
	struct device_job *j = xcalloc(1, sizeof(*j));
	const char *spec = text_of(p, "vif");
	struct failure f = { 0 };
	struct record *r = NULL;

	j->req = req;
	j->kind = "vif";
	j->attach = true;
	if (!find_running(s, p, &j->domid, &r, &f)) {
		guest_parse_nic(&j->nic, spec ? spec : "", NULL, &f);
	}
	device_start(s, j, work_network_attach, &f);
}

static int work_detach(struct job_work *w, void *arg)
{
	struct device_job *j = arg;

	return device_remove(w->t.xs, j->domid, j->kind, j->number, j->force, LET_GO_SECONDS,
			     &w->f);
}

void method_block_detach(struct supervisor *s, struct request req, json_t *p)
{
	struct device_job *j = xcalloc(1, sizeof(*j));
	const char *device = text_of(p, "device");
	struct failure f = { 0 };
	struct record *r = NULL;

	j->req = req;
	j->kind = "vbd";
	j->force = json_is_true(json_object_get(p, "force"));
	if (!device || guest_vdev_number(device, &j->number)) {
		failure_set(&f, -EINVAL, "'%s' is not a virtual device; write such as xvdb",
			    device ? device : "");
	} else {
		find_running(s, p, &j->domid, &r, &f);
	}
	device_start(s, j, work_detach, &f);
}

/* By number, or by hardware address. */
static int nic_number(struct supervisor *s, uint32_t domid, const char *what, uint32_t *number,
		      struct failure *f)
{
	char **numbers, *mac, *end;
	size_t count, i;
	bool found = false;

	*number = (uint32_t)strtoul(what, &end, 10);
	if (*what && !*end) {
		return 0;
	}
	numbers = store_list(s->t.xs, &count, "/local/domain/%u/device/vif", domid);
	for (i = 0; !found && i < count; i++) {
		mac = store_read(s->t.xs, "/local/domain/%u/device/vif/%s/mac", domid, numbers[i]);
		found = mac && !strcasecmp(mac, what);
		*number = (uint32_t)strtoul(numbers[i], NULL, 10);
		free(mac);
	}
	free(numbers);
	return found ? 0
		     : failure_set(f, -ENODEV,
				   "the guest has no interface '%s'; `dais "
				   "network-list` shows those it has",
				   what);
}

void method_network_detach(struct supervisor *s, struct request req, json_t *p)
{
	struct device_job *j = xcalloc(1, sizeof(*j));
	const char *device = text_of(p, "device");
	struct failure f = { 0 };
	struct record *r = NULL;

	j->req = req;
	j->kind = "vif";
	j->force = json_is_true(json_object_get(p, "force"));
	if (!find_running(s, p, &j->domid, &r, &f)) {
		nic_number(s, j->domid, device ? device : "", &j->number, &f);
	}
	device_start(s, j, work_detach, &f);
}
