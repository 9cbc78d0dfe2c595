/* SPDX-License-Identifier: MIT */
/* Bitmaps of tools: shorter and longer than ours, odd numbers of bits, and memory that faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <xen/errno.h>
#include <xen/xen.h>

#include "../../../hypercalls/ctlbitmap.h"
#include "guest_mem.h"

bool domain_get(struct domain *d)
{
	(void)d;
	return true;
}

static int setup(void **state)
{
	(void)state;
	guest_reset(NULL);
	return 0;
}

static struct xenctl_bitmap map_of(uint32_t bits)
{
	return (struct xenctl_bitmap){ .bitmap = GUEST_BASE, .nr_bits = bits };
}

static void test_read(void **state)
{
	unsigned long m[2] = { ~0UL, ~0UL };
	struct xenctl_bitmap b = map_of(12);

	(void)state;
	memset(guest_mem, 0xff, 16);
	assert_int_equal(ctlbitmap_read(&b, m, 128), 0);
	assert_int_equal(m[0], 0xfff);		/* not the rest of the second byte */
	assert_int_equal(m[1], 0);
	b = map_of(128);
	assert_int_equal(ctlbitmap_read(&b, m, 70), 0);
	assert_true(m[0] == ~0UL);
	assert_int_equal(m[1], 0x3f);		/* what is beyond ours is ignored */
	b = map_of(0);
	assert_int_equal(ctlbitmap_read(&b, m, 128), 0);
	assert_int_equal(m[0], 0);
}

static void test_read_refused(void **state)
{
	unsigned long m[1];
	struct xenctl_bitmap b = map_of(CTLBITMAP_BITS_MAX + 1);

	(void)state;
	assert_int_equal(ctlbitmap_read(&b, m, 64), -XEN_E2BIG);
	b = map_of(64);
	guest_fault(GUEST_BASE + 7, 1, false);
	assert_int_equal(ctlbitmap_read(&b, m, 64), -XEN_EFAULT);
	b.nr_bits = 56;
	assert_int_equal(ctlbitmap_read(&b, m, 64), 0);
}

static void test_write(void **state)
{
	unsigned long m[1] = { 0xa5 };
	struct xenctl_bitmap b = map_of(24);

	(void)state;
	memset(guest_mem, 0xff, 16);
	assert_int_equal(ctlbitmap_write(&b, m, 4), 0);
	assert_int_equal(guest_mem[0], 0x5);	/* nothing beyond ours */
	assert_int_equal(guest_mem[1], 0);	/* the tool's rest */
	assert_int_equal(guest_mem[2], 0);
	assert_int_equal(guest_mem[3], 0xff);	/* not the tool's any more */
	m[0] = ~0UL;
	assert_int_equal(ctlbitmap_write(&b, m, 10), 0);
	assert_int_equal(guest_mem[0], 0xff);
	assert_int_equal(guest_mem[1], 0x3);
	assert_int_equal(guest_mem[2], 0);
	b = map_of(4);
	assert_int_equal(ctlbitmap_write(&b, m, 10), 0);
	assert_int_equal(guest_mem[0], 0xff);	/* a byte of the tool's is a whole one */
	b.nr_bits = 0;
	assert_int_equal(ctlbitmap_write(&b, m, 10), 0);
	b.bitmap = 0;
	assert_int_equal(ctlbitmap_write(&b, m, 64), 0);
}

static void test_write_refused(void **state)
{
	unsigned long m[1] = { 1 };
	struct xenctl_bitmap b = map_of(64);

	(void)state;
	guest_fault(GUEST_BASE + 4, 1, true);
	assert_int_equal(ctlbitmap_write(&b, m, 64), -XEN_EFAULT);
	assert_int_equal(ctlbitmap_write(&b, m, 8), -XEN_EFAULT); /* in the part to be cleared */
	b.nr_bits = CTLBITMAP_BITS_MAX + 1;
	assert_int_equal(ctlbitmap_write(&b, m, 64), -XEN_E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_read, setup),
		cmocka_unit_test_setup(test_read_refused, setup),
		cmocka_unit_test_setup(test_write, setup),
		cmocka_unit_test_setup(test_write_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
