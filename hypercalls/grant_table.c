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
#include <dais/string.h>
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

static void batch_map(void *ops, unsigned int n)
{
	grant_map_batch(ops, n);
}

/* The guest cannot be told the handles: take the mappings away again. */
static void batch_map_undo(void *ops, unsigned int n)
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

static void batch_unmap(void *ops, unsigned int n)
{
	grant_unmap_batch(ops, n);
}

static void batch_unmap_replace(void *ops, unsigned int n)
{
	grant_unmap_replace_batch(ops, n);
}

static void batch_copy(void *ops, unsigned int n)
{
	struct gnttab_copy *op = ops;

	for (unsigned int i = 0; i < n; i++) {
		grant_copy_one(caller(), &op[i]);
	}
}

static void batch_transfer(void *ops, unsigned int n)
{
	struct gnttab_transfer *op = ops;

	for (unsigned int i = 0; i < n; i++) {
		op[i].status = grant_transfer(caller(), &op[i]);
	}
}

static void batch_swap(void *ops, unsigned int n)
{
	struct gnttab_swap_grant_ref *op = ops;

	for (unsigned int i = 0; i < n; i++) {
		op[i].status = grant_swap(caller(), op[i].ref_a, op[i].ref_b);
	}
}

/* --- commands on one table --- */

/* The domain an element names, or what goes into its status. */
static int16_t table_target(uint16_t domid, struct domain **d)
{
	int rc = domain_target(domid, true, d);

	return rc == 0 ? GNTST_okay : rc == -XEN_EPERM ? GNTST_permission_denied : GNTST_bad_domain;
}

static int16_t list_frames(struct domain *d, uint32_t n, unsigned long list,
			   int (*get)(struct domain *d, uint32_t idx, uint64_t *mfn))
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t mfn;

		if (get(d, i, &mfn)) {
			return GNTST_general_error;
		}
		if (copy_elem_to_guest(list, i, &mfn, sizeof(mfn))) {
			return GNTST_bad_virt_addr;
		}
	}
	return GNTST_okay;
}

/* The room grows the table only up to its limit, which bounds the list too. */
static long single_setup_table(void *arg)
{
	struct gnttab_setup_table *op = arg;
	struct domain *d;

	op->status = table_target(op->dom, &d);
	if (op->status == GNTST_okay) {
		op->status = grant_setup_table(d, op->nr_frames);
		if (op->status == GNTST_okay) {
			op->status = list_frames(d, op->nr_frames, op->frame_list, grant_frame_mfn);
		}
		domain_put(d);
	}
	return 0;
}

static long single_status_frames(void *arg)
{
	struct gnttab_get_status_frames *op = arg;
	struct domain *d;

	op->status = table_target(op->dom, &d);
	if (op->status == GNTST_okay) {
		op->status = op->nr_frames > grant_nr_status_frames(d) ? GNTST_general_error :
			     list_frames(d, op->nr_frames, op->frame_list, grant_status_frame_mfn);
		domain_put(d);
	}
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
	void (*batch)(void *ops, unsigned int n);
	void (*undo)(void *ops, unsigned int n);	/* statuses could not be written */
	long (*single)(void *op);
};

#define BATCH(type, fn)	{ .size = sizeof(type), .batch = (fn) }
#define SINGLE(type, fn) { .size = sizeof(type), .single = (fn) }

static const struct grant_row grant_op_table[] = {
	[GNTTABOP_map_grant_ref] = { sizeof(struct gnttab_map_grant_ref), batch_map, batch_map_undo,
				     NULL },
	[GNTTABOP_unmap_grant_ref] = BATCH(struct gnttab_unmap_grant_ref, batch_unmap),
	[GNTTABOP_unmap_and_replace] = BATCH(struct gnttab_unmap_and_replace, batch_unmap_replace),
	[GNTTABOP_transfer] = BATCH(struct gnttab_transfer, batch_transfer),
	[GNTTABOP_copy] = BATCH(struct gnttab_copy, batch_copy),
	[GNTTABOP_swap_grant_ref] = BATCH(struct gnttab_swap_grant_ref, batch_swap),
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

/* What nearly every call is: one element. */
static __always_inline long run_one(const struct grant_row *row, unsigned long args)
{
	_Alignas(16) uint8_t op[ELEMENT_MAX];
	size_t size = row->size;

	if (unlikely(copy_from_guest(op, args, size))) {
		return -XEN_EFAULT;
	}
	row->batch(op, 1);
	if (unlikely(copy_to_guest(args, op, size))) {
		if (row->undo) {
			row->undo(op, 1);
		}
		return -XEN_EFAULT;
	}
	return 0;
}

/*
 * Returns the number of elements done, which is less than count when other work is due; or -errno.
 */
static long __noinline run_batches(const struct grant_row *row, unsigned long args, unsigned int count)
{
	_Alignas(16) uint8_t ops[GRANT_BATCH * ELEMENT_MAX];
	unsigned int done = 0;

	while (done < count) {
		unsigned int n = min(count - done, GRANT_BATCH);
		unsigned long at = args + (unsigned long)done * row->size;

		if (done && preempt_check()) {
			break;
		}
		if (copy_from_guest(ops, at, (size_t)n * row->size)) {
			return -XEN_EFAULT;
		}
		row->batch(ops, n);
		if (copy_to_guest(at, ops, (size_t)n * row->size)) {
			if (row->undo) {
				row->undo(ops, n);
			}
			return -XEN_EFAULT;
		}
		done += n;
	}
	return done;
}

/* Calls of any length, which may stop half-way and are issued again for the rest. */
static long __noinline run_many(const struct grant_row *row, unsigned int cmd, unsigned long args,
				unsigned int count)
{
	long done = run_batches(row, args, count);

	if (done >= 0 && (unsigned long)done < count) {
		return hypercall_continue(__HYPERVISOR_grant_table_op, 3, (unsigned long)cmd,
					  args + (unsigned long)done * row->size,
					  (unsigned long)count - (unsigned long)done);
	}
	return done < 0 ? done : 0;
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
	if (row->batch) {
		return run_many(row, cmd, args, count);
	}
	return row->single ? run_single(row, args, count) : -XEN_ENOSYS;
}
