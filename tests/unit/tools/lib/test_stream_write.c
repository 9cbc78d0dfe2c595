/* SPDX-License-Identifier: MIT */
/*
 * The file of a saved guest as it is written: byte for byte what xl's own files begin with, and
 * records with their padding.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/stream.h"
#include "lib/stream_write.h"

static struct stream_writer w;
static char *text;
static size_t len;

static int begin(void **state)
{
	(void)state;
	w = (struct stream_writer){ .out = open_memstream(&text, &len) };
	return w.out ? 0 : 1;
}

static int end(void **state)
{
	(void)state;
	fclose(w.out);
	free(text);
	return 0;
}

/* What was written is these bytes. */
static void assert_written(const void *bytes, size_t count)
{
	fflush(w.out);
	assert_int_equal(w.error, 0);
	assert_int_equal(len, count);
	assert_memory_equal(text, bytes, count);
}

static void the_file_is_xls(void **state)
{
	static const char expected[] = "Xen saved domain, xl format\n \0 \r" /* 32 bytes */
				       "\x04\x03\x02\x01\x02\0\0\0\0\0\0\0\x0a\0\0\0"
				       "\x06\0\0\0name=1"
				       "LibxlFmt\0\0\0\x02\0\0\0\0"
				       "\x01\0\0\0\0\0\0\0";

	(void)state;
	stream_write_file(&w, "name=1");
	stream_write_libxl(&w);
	assert_written(expected, sizeof(expected) - 1);
}

static void the_image_is_libxcs(void **state)
{
	static const char expected[] = "\xff\xff\xff\xff\xff\xff\xff\xff"
				       "XENF\0\0\0\x03\0\0\0\0\0\0\0\0"
				       "\x01\0\0\0\x0c\0\0\0\x04\0\0\0\x11\0\0\0";

	(void)state;
	stream_write_image(&w, 4, 17);
	assert_written(expected, sizeof(expected) - 1);
}

static void records_are_padded(void **state)
{
	static const struct stream_part parts[] = { { "abc", 3 }, { NULL, 0 }, { "defgh!", 6 } };
	static const char expected[] = "\x05\0\0\0\x09\0\0\0abcdefgh!\0\0\0\0\0\0\0"
				       "\x07\0\0\0\x08\0\0\0"
				       "01234567"
				       "\0\0\0\0\0\0\0\0"
				       "\x01\0\0\0\x01\0\0\0x\0\0\0\0\0\0\0";

	(void)state;
	stream_write_record(&w, STREAM_PV_VCPU_EXTENDED, parts, 3);
	stream_write_record(&w, STREAM_SHARED_INFO, &(struct stream_part){ "01234567", 8 }, 1);
	stream_write_record(&w, STREAM_END, NULL, 0);
	stream_write_begin(&w, STREAM_PAGE_DATA, 1);
	stream_write_put(&w, "x", 1);
	stream_write_end(&w, 1);
	assert_written(expected, sizeof(expected) - 1);
}

static void the_first_error_stays(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct stream_writer f = { .out = full };

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	stream_write_put(&f, "x", 1);
	assert_int_equal(f.error, -ENOSPC);
	errno = EBADF;
	stream_write_record(&f, STREAM_END, NULL, 0);
	assert_int_equal(f.error, -ENOSPC);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_file_is_xls, begin, end),
		cmocka_unit_test_setup_teardown(the_image_is_libxcs, begin, end),
		cmocka_unit_test_setup_teardown(records_are_padded, begin, end),
		cmocka_unit_test(the_first_error_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
