/* SPDX-License-Identifier: MIT */
/*
 * Sub-operation dispatch: what is refused before the call, what is copied in and out, and when.
 * Guest memory is one small array at address 0x1000, whose second half can be made read-only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <xen/errno.h>

#include "../../../hypercalls/subop.h"

#define GUEST_VA	0x1000UL
#define GUEST_RO	(GUEST_VA + 64)
#define GUEST_END	(GUEST_VA + 128)

struct pair {
	uint32_t a, b;
};

static uint8_t guest[128];
static unsigned int reads, writes;
static long fn_result;
static struct domain dom;
static struct vcpu vcpu = { .domain = &dom };
static struct cpu cpu = { .current = &vcpu };

struct cpu *this_cpu(void)
{
	return &cpu;
}

int copy_from_guest(void *dst, unsigned long va, size_t n)
{
	if (va < GUEST_VA || va + n > GUEST_END) {
		return -XEN_EFAULT;
	}
	reads++;
	memcpy(dst, guest + (va - GUEST_VA), n);
	return 0;
}

int copy_to_guest(unsigned long va, const void *src, size_t n)
{
	if (va < GUEST_VA || va + n > GUEST_RO) {
		return -XEN_EFAULT;
	}
	writes++;
	memcpy(guest + (va - GUEST_VA), src, n);
	return 0;
}

/* Swaps its pair; called at most as often as the test expects. */
static unsigned int calls;

static long op_swap(void *arg)
{
	struct pair *p = arg;
	uint32_t a = p->a;

	calls++;
	p->a = p->b;
	p->b = a;
	return fn_result;
}

static long op_none(void *arg)
{
	assert_null(arg);
	calls++;
	return 7;
}

static const struct subop table[] = {
	[0] = SUBOP(struct pair, SUBOP_IN, op_swap),
	[1] = SUBOP(struct pair, SUBOP_INOUT, op_swap),
	[2] = SUBOP(struct pair, SUBOP_OUT, op_swap),
	[3] = SUBOP(struct pair, SUBOP_INOUT | SUBOP_OUT_ERR, op_swap),
	[5] = SUBOP_NOARG(0, op_none),
	[6] = SUBOP_NOARG(SUBOP_PRIV, op_none),
};

#define RUN(cmd, va)	subop_dispatch(table, ARRAY_SIZE(table), (cmd), (va))

static int setup(void **state)
{
	static const struct pair p = { 11, 22 };

	(void)state;
	memcpy(guest, &p, sizeof(p));
	memcpy(guest + 64, &p, sizeof(p));
	reads = writes = calls = 0;
	fn_result = 0;
	dom.is_privileged = false;
	return 0;
}

static struct pair seen(void)
{
	struct pair p;

	memcpy(&p, guest, sizeof(p));
	return p;
}

static void test_unknown(void **state)
{
	(void)state;
	assert_int_equal(RUN(4, GUEST_VA), -XEN_ENOSYS);	/* a hole */
	assert_int_equal(RUN(7, GUEST_VA), -XEN_ENOSYS);
	assert_int_equal(RUN(~0U, GUEST_VA), -XEN_ENOSYS);
	assert_int_equal(calls + reads, 0);
}

static void test_privilege(void **state)
{
	(void)state;
	assert_int_equal(RUN(6, 0), -XEN_EPERM);
	dom.is_privileged = true;
	assert_int_equal(RUN(6, 0), 7);
	assert_int_equal(RUN(5, 0), 7);
	assert_int_equal(calls, 2);
}

static void test_in_is_read_once_and_not_written(void **state)
{
	(void)state;
	assert_int_equal(RUN(0, GUEST_VA), 0);
	assert_int_equal(RUN(0, GUEST_RO), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(reads, 2);
	assert_int_equal(writes, 0);
	assert_int_equal(seen().a, 11);
}

static void test_out(void **state)
{
	(void)state;
	assert_int_equal(RUN(1, GUEST_VA), 0);
	assert_int_equal(seen().a, 22);
	assert_int_equal(RUN(2, GUEST_VA), 0);	/* not IN: starts from zeroes */
	assert_int_equal(seen().a, 0);
	assert_int_equal(seen().b, 0);
}

static void test_faults_come_before_the_call(void **state)
{
	(void)state;
	assert_int_equal(RUN(0, GUEST_END), -XEN_EFAULT);
	assert_int_equal(RUN(1, GUEST_END), -XEN_EFAULT);
	assert_int_equal(RUN(1, GUEST_RO), -XEN_EFAULT);
	assert_int_equal(RUN(2, GUEST_RO), -XEN_EFAULT);
	assert_int_equal(calls, 0);
}

static void test_failure(void **state)
{
	(void)state;
	fn_result = -XEN_EINVAL;
	assert_int_equal(RUN(1, GUEST_VA), -XEN_EINVAL);
	assert_int_equal(seen().a, 11);		/* a failed call shows nothing ... */
	assert_int_equal(RUN(3, GUEST_VA), -XEN_EINVAL);
	assert_int_equal(seen().a, 22);		/* ... unless its row says so */
	fn_result = -ERESTART;
	assert_int_equal(RUN(1, GUEST_VA), -ERESTART);
	assert_int_equal(seen().a, 11);		/* progress is kept for the next try */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_unknown, setup),
		cmocka_unit_test_setup(test_privilege, setup),
		cmocka_unit_test_setup(test_in_is_read_once_and_not_written, setup),
		cmocka_unit_test_setup(test_out, setup),
		cmocka_unit_test_setup(test_faults_come_before_the_call, setup),
		cmocka_unit_test_setup(test_failure, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
