/* SPDX-License-Identifier: MIT */
/*
 * The restorer: which record is taken by whom, and the order of what is done once all have been
 * read. See restorer.h. Owns the foreign-memory handle for the time of one restore; no lock.
 */
#include "lib/restorer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/restorer_internal.h"
#include "lib/xalloc.h"

#define DAMAGED "save the guest again"

/* Keeps the contents; there may be one such record. */
static int take_bytes(struct restorer *r, struct restorer_bytes *b, const void *bytes,
		      uint32_t len, const char *what)
{
	if (b->bytes) {
		return failure_set(r->f, -EINVAL, "the file is damaged: it has %s twice; " DAMAGED,
				   what);
	}
	b->bytes = xmemdup(bytes, len);
	b->len = len;
	return 0;
}

static int take_pv_info(struct restorer *r, const struct saved_record *record)
{
	const struct stream_pv_info *info = record->body;

	if (info->width != 8 || info->levels != 4) {
		return failure_set(r->f, -EOPNOTSUPP,
				   "it is a guest of %u bits with page tables of %u levels; only "
				   "those of 64 bits can run here",
				   info->width * 8u, info->levels);
	}
	r->has_info = true;
	return 0;
}

static int take_shared_info(struct restorer *r, const struct saved_record *record)
{
	return take_bytes(r, &r->shared, record->body, record->length, "the shared page");
}

static int take_tsc(struct restorer *r, const struct saved_record *record)
{
	return take_bytes(r, &r->tsc, record->body, record->length, "the time");
}

static int take_leaves(struct restorer *r, const struct saved_record *record)
{
	return take_bytes(r, &r->leaves, record->body, record->length, "a CPU policy");
}

static int take_msrs(struct restorer *r, const struct saved_record *record)
{
	return take_bytes(r, &r->msrs, record->body, record->length, "MSRs of a CPU policy");
}

static int take_static_end(struct restorer *r, const struct saved_record *record)
{
	(void)record;
	r->static_done = true;
	return restorer_set_policy(r);
}

static int take_vcpu(struct restorer *r, const struct saved_record *record)
{
	const struct stream_vcpu *head = record->body;
	const void *bytes = head + 1;
	uint32_t len = record->length - (uint32_t)sizeof(*head);
	struct restorer_bytes context = { 0 };
	struct restorer_vcpu *v;
	int rc;

	if (head->vcpu >= r->in->max_vcpus) {
		return failure_set(r->f, -EINVAL,
				   "it has the state of vCPU %u, and its configuration allows %u; "
				   "raise `vcpus` or `maxvcpus`",
				   head->vcpu, r->in->max_vcpus);
	}
	v = &r->vcpus[head->vcpu];
	if (record->type != STREAM_PV_VCPU_BASIC) {
		return take_bytes(r,
				  record->type == STREAM_PV_VCPU_XSAVE  ? &v->xsave
				  : record->type == STREAM_PV_VCPU_MSRS ? &v->msrs
									: &v->extended,
				  bytes, len, "a vCPU's state");
	}
	context.bytes = v->context;
	rc = take_bytes(r, &context, bytes, len, "a vCPU's state");
	v->context = context.bytes;
	return rc;
}

static int take_end(struct restorer *r, const struct saved_record *record)
{
	const char *missing = !r->p2m                ? "memory"
			      : !r->vcpus[0].context ? "registers of vCPU 0"
			      : !r->shared.bytes     ? "shared page"
						     : NULL;

	(void)record;
	return missing ? failure_set(r->f, -EINVAL, "the file is damaged: it has no %s; " DAMAGED,
				     missing)
		       : 0;
}

typedef int (*taker)(struct restorer *r, const struct saved_record *record);

static const taker takers[STREAM_TYPES] = {
	[STREAM_END] = take_end,
	[STREAM_PAGE_DATA] = restorer_take_pages,
	[STREAM_PV_INFO] = take_pv_info,
	[STREAM_PV_P2M_FRAMES] = restorer_take_p2m_frames,
	[STREAM_PV_VCPU_BASIC] = take_vcpu,
	[STREAM_PV_VCPU_EXTENDED] = take_vcpu,
	[STREAM_PV_VCPU_XSAVE] = take_vcpu,
	[STREAM_SHARED_INFO] = take_shared_info,
	[STREAM_TSC_INFO] = take_tsc,
	[STREAM_PV_VCPU_MSRS] = take_vcpu,
	[STREAM_STATIC_DATA_END] = take_static_end,
	[STREAM_CPUID_POLICY] = take_leaves,
	[STREAM_MSR_POLICY] = take_msrs,
};

/* What must have come before a record of this type. */
static int check_order(struct restorer *r, uint32_t type)
{
	bool is_static = type == STREAM_CPUID_POLICY || type == STREAM_MSR_POLICY ||
			 type == STREAM_STATIC_DATA_END;
	bool ok = type == STREAM_PV_INFO || is_static || r->has_info;

	if (is_static) {
		ok = !r->static_done;
	} else if (type != STREAM_PV_INFO && r->in->saved->version >= STREAM_IMAGE_VERSION) {
		ok = ok && r->static_done;
	}
	ok = ok && (type != STREAM_PAGE_DATA || r->p2m);
	return ok ? 0
		  : failure_set(r->f, -EINVAL,
				"the file is damaged: a record of type %#x is not in its place; "
				DAMAGED,
				type);
}

static int restorer_read(struct restorer *r)
{
	struct saved_record record;
	int rc = saved_enter(r->in->saved, r->f);

	if (rc) {
		return rc;
	}
	do {
		rc = saved_next(r->in->saved, &record, r->f);
		rc = rc ? rc : check_order(r, record.type);
		rc = rc ? rc : takers[record.type](r, &record);
	} while (!rc && record.type != STREAM_END);
	return rc;
}

static void restorer_free(struct restorer *r)
{
	uint32_t i;

	for (i = 0; i < r->in->max_vcpus; i++) {
		free(r->vcpus[i].context);
		free(r->vcpus[i].extended.bytes);
		free(r->vcpus[i].xsave.bytes);
		free(r->vcpus[i].msrs.bytes);
	}
	free(r->vcpus);
	free(r->shared.bytes);
	free(r->tsc.bytes);
	free(r->leaves.bytes);
	free(r->msrs.bytes);
	restorer_free_memory(r);
	xenforeignmemory_close(r->foreign);
	free(r);
}

int restorer_restore(struct hypercall *h, uint32_t domid, const struct restorer_in *in,
		     struct builder_out *out, struct failure *f)
{
	/* Registers last: the hypervisor looks at the tables that they name. */
	static int (*const steps[])(struct restorer * r) = {
		restorer_read,      restorer_set_tsc,          restorer_write_shared_info,
		restorer_write_p2m, restorer_write_start_info, restorer_pin,
		restorer_set_vcpus, restorer_grant_rings,
	};
	struct restorer *r = xcalloc(1, sizeof(*r));
	size_t i;
	int rc = 0;

	*r = (struct restorer){ .h = h, .domid = domid, .in = in, .out = out, .f = f };
	r->foreign = xenforeignmemory_open(NULL, 0);
	if (!r->foreign) {
		rc = failure_set(f, -errno,
				 "cannot open /dev/xen/privcmd: %s; this must run in dom0, as root",
				 strerror(errno));
		free(r);
		return rc;
	}
	r->vcpus = xcalloc(in->max_vcpus, sizeof(*r->vcpus));
	for (i = 0; !rc && i < sizeof(steps) / sizeof(steps[0]); i++) {
		rc = steps[i](r);
	}
	restorer_free(r);
	return rc;
}
