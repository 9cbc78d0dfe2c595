/* SPDX-License-Identifier: MIT */
/*
 * Door of grant_table_op. Commands on many elements are worked off in batches of GRANT_BATCH,
 * copied in once and their statuses out once, with a look for other work between batches; commands
 * about a table take exactly one element. Elements report their own failures; the call fails only
 * when its array cannot be read or written.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/grant.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/grant_table.h>
#include <xen/xen.h>

#define ELEMENT_MAX	40	/* bytes of the largest element */
#define COUNT_MAX	0x7fffffffu

static struct domain *caller(void)
{
	return current_vcpu()->domain;
}

/* --- commands on many elements --- */

/* The guest cannot be told the handles: take the mappings away again. */
static void map_undo(void *ops, unsigned int n)
{
	const struct gnttab_map_grant_ref *m = ops;
	struct gnttab_unmap_grant_ref u[GRANT_BATCH];
	unsigned int nr = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (m[i].status == GNTST_okay) {
			u[nr++] = (struct gnttab_unmap_grant_ref){
				.host_addr = m[i].flags & GNTMAP_host_map ? m[i].host_addr : 0,
				.dev_bus_addr =
				    m[i].flags & GNTMAP_device_map ? m[i].dev_bus_addr : 0,
				.handle = m[i].handle,
			};
		}
	}
	if (nr) {
		grant_unmap_batch(u, nr);
	}
}

/* --- commands on one table --- */

/* The domain an element names, or what goes into its status. */
static int16_t table_target(uint16_t domid, struct domain **d)
{
	int rc = domain_target(domid, true, d);

	return rc == 0 ? GNTST_okay : rc == -XEN_EPERM ? GNTST_permission_denied : GNTST_bad_domain;
}

/*
 * List the first n frames of a table, grown to that, or of its status frames. Neither goes beyond
 * its limit, which bounds the list too.
 */
static int16_t list_frames(uint16_t domid, bool status, uint32_t n, unsigned long list)
{
	struct domain *d;
	int16_t rc = table_target(domid, &d);

	if (rc) {
		return rc;
	}
	if (status ? n > grant_nr_status_frames(d) : grant_setup_table(d, n) != 0) {
		rc = GNTST_general_error;
	}
	for (uint32_t i = 0; !rc && i < n; i++) {
		uint64_t mfn;

		if (grant_frame_mfn(d, status, i, &mfn)) {
			rc = GNTST_general_error;
		} else if (copy_elem_to_guest(list, i, &mfn, sizeof(mfn))) {
			rc = GNTST_bad_virt_addr;
		}
	}
	domain_put(d);
	return rc;
}

static long single_setup_table(void *arg)
{
	struct gnttab_setup_table *op = arg;

	op->status = list_frames(op->dom, false, op->nr_frames, op->frame_list);
	return 0;
}

static long single_status_frames(void *arg)
{
	struct gnttab_get_status_frames *op = arg;

	op->status = list_frames(op->dom, true, op->nr_frames, op->frame_list);
	return 0;
}

static long single_query_size(void *arg)
{
	struct gnttab_query_size *op = arg;
	struct domain *d;

	op->status = table_target(op->dom, &d);
	if (op->status == GNTST_okay) {
		grant_query_size(d, &op->nr_frames, &op->max_nr_frames);
		domain_put(d);
	}
	return 0;
}

static long single_set_version(void *arg)
{
	struct gnttab_set_version *op = arg;
	int rc = grant_set_version(caller(), op->version);

	op->version = grant_get_version(caller());
	return rc;
}

static long single_get_version(void *arg)
{
	struct gnttab_get_version *op = arg;
	struct domain *d;
	int rc = domain_target(op->dom, true, &d);

	if (rc == 0) {
		op->version = grant_get_version(d);
		domain_put(d);
	}
	return rc;
}

static long single_cache_flush(void *arg)
{
	return grant_cache_flush(caller(), arg);
}

/* --- dispatch --- */

struct grant_row {
	uint16_t size;
	void (*each)(struct domain *caller, void *op);
	void (*batch)(void *ops, unsigned int n);	/* where elements share work */
	void (*undo)(void *ops, unsigned int n);	/* statuses could not be written */
	long (*single)(void *op);
};

#define EACH(type, fn)	{ .size = sizeof(type), .each = (fn) }
#define BATCH(type, fn)	{ .size = sizeof(type), .batch = (fn) }
#define SINGLE(type, fn) { .size = sizeof(type), .single = (fn) }

static const struct grant_row grant_op_table[] = {
	[GNTTABOP_map_grant_ref] = { sizeof(struct gnttab_map_grant_ref), grant_map, NULL, map_undo,
				     NULL },
	[GNTTABOP_unmap_grant_ref] = BATCH(struct gnttab_unmap_grant_ref, grant_unmap_batch),
	[GNTTABOP_unmap_and_replace] =
	    BATCH(struct gnttab_unmap_and_replace, grant_unmap_replace_batch),
	[GNTTABOP_transfer] = EACH(struct gnttab_transfer, grant_transfer),
	[GNTTABOP_copy] = EACH(struct gnttab_copy, grant_copy),
	[GNTTABOP_swap_grant_ref] = EACH(struct gnttab_swap_grant_ref, grant_swap),
	[GNTTABOP_setup_table] = SINGLE(struct gnttab_setup_table, single_setup_table),
	[GNTTABOP_query_size] = SINGLE(struct gnttab_query_size, single_query_size),
	[GNTTABOP_set_version] = SINGLE(struct gnttab_set_version, single_set_version),
	[GNTTABOP_get_status_frames] =
	    SINGLE(struct gnttab_get_status_frames, single_status_frames),
	[GNTTABOP_get_version] = SINGLE(struct gnttab_get_version, single_get_version),
	[GNTTABOP_cache_flush] = SINGLE(struct gnttab_cache_flush, single_cache_flush),
};

BUILD_BUG_ON(sizeof(struct gnttab_copy) > ELEMENT_MAX);
BUILD_BUG_ON(sizeof(struct gnttab_map_grant_ref) > ELEMENT_MAX);

static long __noinline run_single(const struct grant_row *row, unsigned long args, unsigned int count)
{
	_Alignas(16) uint8_t op[ELEMENT_MAX];
	long rc;

	if (count != 1) {
		return -XEN_EINVAL;
	}
	/* Written back before as well as after: a result must not get lost. */
	if (copy_from_guest(op, args, row->size) || copy_to_guest(args, op, row->size)) {
		return -XEN_EFAULT;
	}
	rc = row->single(op);
	return copy_to_guest(args, op, row->size) ? -XEN_EFAULT : rc;
}

/* Copy n elements in, work them off, copy their results out. */
static __always_inline long run_batch(const struct grant_row *row, void *ops, unsigned long args,
				      unsigned int n)
{
	size_t size = (size_t)n * row->size;

	if (unlikely(copy_from_guest(ops, args, size))) {
		return -XEN_EFAULT;
	}
	if (row->batch) {
		row->batch(ops, n);
	}
	for (unsigned int i = 0; row->each && i < n; i++) {
		row->each(caller(), (char *)ops + i * (size_t)row->size);
	}
	if (unlikely(copy_to_guest(args, ops, size))) {
		if (row->undo) {
			row->undo(ops, n);
		}
		return -XEN_EFAULT;
	}
	return 0;
}

/* What nearly every call is: one element. */
static __always_inline long run_one(const struct grant_row *row, unsigned long args)
{
	_Alignas(16) uint8_t op[ELEMENT_MAX];

	return run_batch(row, op, args, 1);
}

/* Calls of any length, which may stop half-way and are issued again for the rest. */
static long __noinline run_many(const struct grant_row *row, unsigned int cmd, unsigned long args,
				unsigned int count)
{
	_Alignas(16) uint8_t ops[GRANT_BATCH * ELEMENT_MAX];
	long rc = 0;

	while (!rc && count > 0) {
		unsigned int n = min(count, GRANT_BATCH);

		rc = run_batch(row, ops, args, n);
		count -= n;
		args += (unsigned long)n * row->size;
		if (!rc && count > 0 && preempt_check()) {
			return hypercall_continue(__HYPERVISOR_grant_table_op, 3,
						  (unsigned long)cmd, args, (unsigned long)count);
		}
	}
	return rc;
}

long do_grant_table_op(unsigned int cmd, unsigned long args, unsigned int count)
{
	const struct grant_row *row;

	/* The two that backends make all the time: the compiler knows their rows. */
	if (count == 1 && cmd == GNTTABOP_map_grant_ref) {
		return run_one(&grant_op_table[GNTTABOP_map_grant_ref], args);
	}
	if (count == 1 && cmd == GNTTABOP_unmap_grant_ref) {
		return run_one(&grant_op_table[GNTTABOP_unmap_grant_ref], args);
	}
	if (count > COUNT_MAX) {
		return -XEN_EINVAL;
	}
	if (cmd >= ARRAY_SIZE(grant_op_table)) {
		return -XEN_ENOSYS;
	}
	row = &grant_op_table[array_index_nospec((unsigned long)cmd, ARRAY_SIZE(grant_op_table))];
	if (row->batch || row->each) {
		return run_many(row, cmd, args, count);
	}
	return row->single ? run_single(row, args, count) : -XEN_ENOSYS;
}
