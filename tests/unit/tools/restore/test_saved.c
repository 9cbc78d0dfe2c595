/* SPDX-License-Identifier: MIT */
/*
 * Reading saved guests' files: all of the sample; cut short anywhere; with wrong headers, lengths
 * and types.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "sample.h"

static struct sample s;

static int begin(void **state)
{
	(void)state;
	sample_make(&s, STREAM_IMAGE_VERSION);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sample_free(&s);
	return 0;
}

/* Reads all of it; how many records there were, or the failure. */
static int read_all(struct failure *f)
{
	const struct saved_source source = sample_source(&s);
	struct saved_record r = { 0 };
	struct saved_pages p;
	struct saved saved;
	int rc, n = 0;

	memset(f, 0, sizeof(*f));
	rc = saved_begin(&saved, &source, f);
	rc = rc ? rc : saved_enter(&saved, f);
	do {
		rc = rc ? rc : saved_next(&saved, &r, f);
		rc = !rc && r.type == STREAM_PAGE_DATA ? saved_pages(&r, &p, f) : rc;
		n++;
	} while (!rc && r.type != STREAM_END);
	saved_free(&saved);
	return rc ? rc : n;
}

static void refused(const char *says)
{
	struct failure f;

	assert_true(read_all(&f) < 0);
	assert_true(f.code < 0);
	if (!strstr(f.text, says)) {
		fail_msg("'%s' does not say: %s", f.text, says);
	}
}

static void test_all(void **state)
{
	struct saved_source source;
	struct failure f = { 0 };
	struct saved saved;

	(void)state;
	assert_int_equal(read_all(&f), 17);
	source = sample_source(&s);
	assert_int_equal(saved_begin(&saved, &source, &f), 0);
	assert_string_equal(saved.config, SAMPLE_CONFIG);
	assert_true(saved.config_len == strlen(SAMPLE_CONFIG) && !saved.json);
	saved_free(&saved);
}

static void test_cut_short_anywhere(void **state)
{
	size_t whole = s.len;

	(void)state;
	for (s.len = 0; s.len < whole; s.len += s.len < 1000 || s.len > whole - 100 ? 1 : 97) {
		refused(s.len < sizeof(struct stream_file) ? "not a saved guest" : "is cut short");
	}
	s.len = whole;
}

static void test_wrong_words(void **state)
{
	const struct {
		size_t at;
		uint32_t value;
		const char *says;
	} wrong[] = {
		{ 0, 0, "not a saved guest" },
		{ 28, 0x0a200020, "not a saved guest" },
		{ 32, 0x04030201, "another byte order" },
		{ 36, 0, "another version" },
		{ 36, 6, "another version" },
		{ 44, 3, "its configuration has 3 bytes" },
		{ 44, 0xffffffff, "its configuration has" },
		{ 48, 0xffffffff, "its configuration has" },
		{ s.libxl, 0, "damaged or of another version" },
		{ s.libxl + 8, 0x03000000, "another version (3," },
		{ s.libxl + 12, 0x02000000, "options 0x2" },
		{ s.context, 77, "unknown type 0x4d" },
		{ s.context, STREAM_LIBXL_CHECKPOINT_END, "unknown type 0x4" },
		{ s.context, 0x80000009, "of libxl has 4294967295 bytes" },
		{ s.context, STREAM_LIBXL_END, "has no state" },
		{ s.context + 4, 8, "record 1 of libxl has 8 bytes" },
		{ s.context - 24 + 4, 0xfffffff0, "of libxl has 4294967280 bytes" },
		{ s.image, 0, "no state begins" },
		{ s.image + 8, 0, "no state begins" },
		{ s.image + 12, 0x01000000, "version 1," },
		{ s.image + 12, 0x04000000, "version 4," },
		{ s.image + 16, 0x00000100, "options 0x1" },
		{ s.domain, STREAM_DOMAIN_X86_HVM, "only PV guests can run here" },
		{ s.domain, 9, "not a guest for x86" },
		{ s.domain + 4, 13, "pages of 2^13" },
		{ s.at[STREAM_PV_INFO], STREAM_HVM_CONTEXT, "HVM guest" },
		{ s.at[STREAM_PV_INFO], STREAM_CHECKPOINT, "checkpoints" },
		{ s.at[STREAM_PV_INFO], STREAM_TYPES, "unknown type 0x13" },
		{ s.at[STREAM_PV_INFO] + 4, 9, "has 9 bytes" },
		{ s.at[STREAM_STATIC_DATA_END] + 4, 1, "has 1 bytes" },
		{ s.at[STREAM_CPUID_POLICY] + 4, 47, "has 47 bytes" },
		{ s.at[STREAM_PV_P2M_FRAMES] + 4, 0x7ffffff8, "bytes" },
		{ s.at[STREAM_PAGE_DATA] + 4, 0xfffffff8, "bytes" },
		{ s.at[STREAM_PAGE_DATA] + 8, 0, "0 pages in" },
		{ s.at[STREAM_PAGE_DATA] + 8, SAMPLE_PFNS + 1, "" },
		{ s.at[STREAM_PAGE_DATA] + 8, STREAM_PAGES_MAX + 1, "1025 pages in" },
		{ s.at[STREAM_PAGE_DATA] + 8, 0xffffffff, "pages in" },
		{ s.at[STREAM_PAGE_DATA] + 20, 0x50000000, "no pages of type 0x500" },
		{ s.at[STREAM_PAGE_DATA] + 20, 0x80000000, "no pages of type 0x800" },
		{ s.at[STREAM_PAGE_DATA] + 20, 0x00100000, "no pages of type 0x1" },
		{ s.at[STREAM_PAGE_DATA] + 20, 0xf0000000, "10 pages need" },
		{ s.at[STREAM_PV_VCPU_BASIC] + 4, 4000, "has 4000 bytes" },
		{ s.at[STREAM_PV_VCPU_MSRS] + 4, 20, "has 20 bytes" },
		{ s.at[STREAM_PV_VCPU_XSAVE] + 4, 0x40000000, "bytes" },
		{ s.at[STREAM_SHARED_INFO] + 4, 4095, "has 4095 bytes" },
		{ s.last, STREAM_LIBXL_CONTEXT, "two states" },
		{ s.last + 4, 16, "of libxl has 16 bytes" },
	};
	struct failure f;
	uint32_t kept;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(&kept, s.bytes + wrong[i].at, sizeof(kept));
		sample_put32(&s, wrong[i].at, wrong[i].value);
		refused(wrong[i].says);
		sample_put32(&s, wrong[i].at, kept);
	}
	assert_true(read_all(&f) > 0);
}

static long broken_read(void *arg, void *to, size_t len)
{
	(void)arg;
	(void)to;
	(void)len;
	return -EIO;
}

static void test_file_cannot_be_read(void **state)
{
	const struct saved_source source = { broken_read, NULL };
	struct failure f = { 0 };
	struct saved saved;

	(void)state;
	assert_int_equal(saved_begin(&saved, &source, &f), -EIO);
	assert_non_null(strstr(f.text, "cannot be read"));
	saved_free(&saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, begin, end),
		cmocka_unit_test_setup_teardown(test_cut_short_anywhere, begin, end),
		cmocka_unit_test_setup_teardown(test_wrong_words, begin, end),
		cmocka_unit_test(test_file_cannot_be_read),
	};

	return cmocka_run_group_tests_name("saved", tests, NULL, NULL);
}
