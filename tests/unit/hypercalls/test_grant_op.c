/* SPDX-License-Identifier: MIT */
/*
 * The door of grant_table_op over a pretended grant room that writes down what it was asked:
 * batches, continuation, statuses, and what happens when the guest's array goes away under the
 * call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dais/grant.h>
#include <dais/preempt.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/grant_table.h>

#include "../../fake/fake.h"
#include "guest_mem.h"

#define ARG	GUEST_BASE
#define LIST	(GUEST_BASE + 0x8000)

static struct domain dom = { .domid = 3 };
static unsigned int mapped, unmapped, largest, copied;
static uint32_t frames_limit = 4;

/* --- the pretended room --- */

void grant_map(struct domain *caller, void *arg)
{
	struct gnttab_map_grant_ref *op = arg;

	assert_ptr_equal(caller, &dom);
	op->status = op->ref == 99 ? GNTST_bad_gntref : GNTST_okay;
	op->handle = op->ref + 1000;
	mapped += op->status == GNTST_okay;
}

void grant_unmap_batch(void *ops, unsigned int n)
{
	struct gnttab_unmap_grant_ref *op = ops;

	largest = n > largest ? n : largest;
	for (unsigned int i = 0; i < n; i++) {
		assert_true(op[i].handle >= 1000 && op[i].handle != 1099);
		op[i].status = GNTST_okay;
		unmapped++;
	}
}

void grant_unmap_replace_batch(void *ops, unsigned int n)
{
	(void)ops;
	(void)n;
}

void grant_copy(struct domain *caller, void *arg)
{
	struct gnttab_copy *op = arg;

	assert_ptr_equal(caller, &dom);
	op->status = GNTST_okay;
	copied++;
}

void grant_transfer(struct domain *caller, void *arg)
{
	struct gnttab_transfer *op = arg;

	(void)caller;
	op->status = GNTST_general_error;
}

void grant_swap(struct domain *d, void *arg)
{
	struct gnttab_swap_grant_ref *op = arg;

	(void)d;
	op->status = op->ref_a == op->ref_b ? GNTST_bad_gntref : GNTST_okay;
}

int grant_cache_flush(struct domain *d, const struct gnttab_cache_flush *op)
{
	(void)d;
	(void)op;
	return -XEN_EOPNOTSUPP;
}

int grant_setup_table(struct domain *d, uint32_t nr_frames)
{
	(void)d;
	return nr_frames > frames_limit ? -XEN_ENOSPC : 0;
}

int grant_frame_mfn(struct domain *d, bool status, uint32_t idx, uint64_t *mfn)
{
	(void)d;
	(void)status;
	*mfn = 500 + idx;
	return idx < frames_limit ? 0 : -XEN_EINVAL;
}

void grant_query_size(struct domain *d, uint32_t *nr_frames, uint32_t *max_frames)
{
	(void)d;
	*nr_frames = 1;
	*max_frames = frames_limit;
}

uint32_t grant_nr_status_frames(struct domain *d)
{
	(void)d;
	return 1;
}

int grant_set_version(struct domain *d, uint32_t version)
{
	(void)d;
	return version == 1 ? 0 : -XEN_ENOSYS;
}

uint32_t grant_get_version(struct domain *d)
{
	(void)d;
	return 1;
}

bool domain_get(struct domain *d)
{
	d->refs++;
	return true;
}

void domain_put(struct domain *d)
{
	d->refs--;
}

/* --- tests --- */

static int setup(void **state)
{
	(void)state;
	guest_reset(&dom);
	dom.is_privileged = false;
	dom.refs = 1;
	mapped = unmapped = largest = copied = 0;
	fake_preempt_at(0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return dom.refs != 1;
}

static struct gnttab_map_grant_ref *maps(unsigned int n)
{
	struct gnttab_map_grant_ref *m = guest_at(ARG);

	for (unsigned int i = 0; i < n; i++) {
		m[i] = (struct gnttab_map_grant_ref){ .ref = i,
						      .flags = GNTMAP_host_map,
						      .status = 77 };
	}
	return m;
}

static void test_batches(void **state)
{
	struct gnttab_map_grant_ref *m = maps(50);
	struct gnttab_unmap_grant_ref *u = guest_at(ARG);

	(void)state;
	m[20].ref = 99;
	assert_int_equal(do_grant_table_op(GNTTABOP_map_grant_ref, ARG, 50), 0);
	assert_int_equal(mapped, 49);
	for (unsigned int i = 0; i < 50; i++) {
		assert_int_equal(m[i].status, i == 20 ? GNTST_bad_gntref : GNTST_okay);
	}
	assert_int_equal(m[49].handle, 1049);
	assert_int_equal(do_grant_table_op(GNTTABOP_map_grant_ref, ARG, 0), 0);
	for (unsigned int i = 0; i < 50; i++) {
		u[i] = (struct gnttab_unmap_grant_ref){ .handle = 1000 + i, .status = 77 };
	}
	assert_int_equal(do_grant_table_op(GNTTABOP_unmap_grant_ref, ARG, 50), 0);
	assert_int_equal(unmapped, 50);
	assert_int_equal(largest, GRANT_BATCH);
}

static void test_continued(void **state)
{
	const struct gnttab_map_grant_ref *m = maps(50);
	unsigned int done;

	(void)state;
	fake_preempt_at(1);
	assert_int_equal(do_grant_table_op(GNTTABOP_map_grant_ref, ARG, 50), CONTINUED);
	done = mapped;
	assert_int_equal(done, GRANT_BATCH);
	assert_int_equal(guest_continued.args[1], ARG + done * sizeof(*m));
	assert_int_equal(guest_continued.args[2], 50 - done);
	assert_int_equal(do_grant_table_op((unsigned int)guest_continued.args[0],
					   guest_continued.args[1],
					   (unsigned int)guest_continued.args[2]),
			 0);
	assert_int_equal(mapped, 50);
}

/* Handles that cannot be given to the guest must not stay mapped. */
static void test_map_undone(void **state)
{
	struct gnttab_map_grant_ref *m = maps(10);

	(void)state;
	m[4].ref = 99;
	guest_fault(ARG + 7 * sizeof(*m), 1, true);
	assert_int_equal(do_grant_table_op(GNTTABOP_map_grant_ref, ARG, 10), -XEN_EFAULT);
	assert_int_equal(mapped, 9);
	assert_int_equal(unmapped, 9);
}

static void test_unreadable(void **state)
{
	struct gnttab_map_grant_ref *m = maps(40);

	(void)state;
	guest_fault(ARG + 30 * sizeof(*m), 1, false);
	assert_int_equal(do_grant_table_op(GNTTABOP_map_grant_ref, ARG, 40), -XEN_EFAULT);
	assert_int_equal(mapped, GRANT_BATCH);	/* the first batch stands, and was reported */
	assert_int_equal(m[GRANT_BATCH - 1].status, GNTST_okay);
	assert_int_equal(unmapped, 0);
}

static void test_setup_table(void **state)
{
	struct gnttab_setup_table *s = guest_at(ARG);
	const uint64_t *list = guest_at(LIST);

	(void)state;
	*s = (struct gnttab_setup_table){ .dom = DOMID_SELF, .nr_frames = 3, .frame_list = LIST };
	assert_int_equal(do_grant_table_op(GNTTABOP_setup_table, ARG, 1), 0);
	assert_int_equal(s->status, GNTST_okay);
	assert_int_equal(list[2], 502);
	assert_int_equal(list[3], 0);
	s->nr_frames = frames_limit + 1;
	assert_int_equal(do_grant_table_op(GNTTABOP_setup_table, ARG, 1), 0);
	assert_int_equal(s->status, GNTST_general_error);
	s->nr_frames = 1;
	s->frame_list = 8;
	assert_int_equal(do_grant_table_op(GNTTABOP_setup_table, ARG, 1), 0);
	assert_int_equal(s->status, GNTST_bad_virt_addr);
	assert_int_equal(do_grant_table_op(GNTTABOP_setup_table, ARG, 2), -XEN_EINVAL);
}

static void test_other_domain(void **state)
{
	static struct domain other = { .domid = 9, .refs = 1 };
	struct gnttab_query_size *q = guest_at(ARG);

	(void)state;
	guest_other = &other;
	*q = (struct gnttab_query_size){ .dom = 9 };
	assert_int_equal(do_grant_table_op(GNTTABOP_query_size, ARG, 1), 0);
	assert_int_equal(q->status, GNTST_permission_denied);
	q->dom = 10;
	assert_int_equal(do_grant_table_op(GNTTABOP_query_size, ARG, 1), 0);
	assert_int_equal(q->status, GNTST_bad_domain);
	dom.is_privileged = true;
	q->dom = 9;
	assert_int_equal(do_grant_table_op(GNTTABOP_query_size, ARG, 1), 0);
	assert_int_equal(q->status, GNTST_okay);
	assert_int_equal(q->max_nr_frames, frames_limit);
	assert_int_equal(other.refs, 1);
}

static void test_refused(void **state)
{
	(void)state;
	assert_int_equal(do_grant_table_op(13, ARG, 1), -XEN_ENOSYS);
	assert_int_equal(do_grant_table_op(~0U, ARG, 1), -XEN_ENOSYS);
	assert_int_equal(do_grant_table_op(GNTTABOP_copy, ARG, 1U << 31), -XEN_EINVAL);
	assert_int_equal(do_grant_table_op(GNTTABOP_copy, 0, 1), -XEN_EFAULT);
	assert_int_equal(copied, 0);
}

static void test_version(void **state)
{
	struct gnttab_set_version *v = guest_at(ARG);

	(void)state;
	v->version = 2;
	assert_int_equal(do_grant_table_op(GNTTABOP_set_version, ARG, 1), -XEN_ENOSYS);
	assert_int_equal(v->version, 1);	/* what is in force */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_batches),    TEST(test_continued),   TEST(test_map_undone),
		TEST(test_unreadable), TEST(test_setup_table), TEST(test_other_domain),
		TEST(test_refused),    TEST(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
