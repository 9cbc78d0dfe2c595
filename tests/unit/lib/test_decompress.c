/* SPDX-License-Identifier: MIT */
/*
 * Unpacking what the libraries' own encoders packed, in each format; then the same data cut
 * short at every length, with bits flipped, with too little room and too little memory. Inputs
 * and outputs are exact allocations, so the sanitizer sees any step outside.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <lz4hc.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <dais/decompress.h>
#include <xen/errno.h>

#define RAW_LEN	100000

static uint8_t raw[RAW_LEN];

struct packed {
	uint8_t *data;
	size_t len;
};

/* Text-like, with calls (e8 ...) for the x86 filter, and an incompressible stretch. */
static void make_raw(void)
{
	uint32_t x = 12345;

	for (size_t i = 0; i < RAW_LEN; i++) {
		x = x * 1664525 + 1013904223;
		raw[i] = i % 37 == 0 ? 0xe8 : i > 60000 && i < 62000 ? (uint8_t)(x >> 24) :
			 (uint8_t)("kernel image "[(i + (x >> 30)) % 13]);
	}
}

static struct packed pack_gzip(void)
{
	struct packed p = { malloc(RAW_LEN * 2), 0 };
	z_stream z = { .next_in = raw, .avail_in = RAW_LEN, .next_out = p.data,
		       .avail_out = RAW_LEN * 2 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, 0), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	p.len = z.total_out;
	deflateEnd(&z);
	return p;
}

static struct packed pack_xz(lzma_check check, uint32_t dict)
{
	struct packed p = { malloc(RAW_LEN * 2), 0 };
	lzma_options_lzma opt;
	lzma_filter filters[] = { { LZMA_FILTER_X86, NULL }, { LZMA_FILTER_LZMA2, &opt },
				  { LZMA_VLI_UNKNOWN, NULL } };

	lzma_lzma_preset(&opt, 6);
	opt.dict_size = dict;
	assert_int_equal(lzma_stream_buffer_encode(filters, check, NULL, raw, RAW_LEN, p.data,
						   &p.len, RAW_LEN * 2), LZMA_OK);
	return p;
}

static struct packed pack_lz4(void)
{
	struct packed p = { malloc(RAW_LEN * 2), 4 };

	memcpy(p.data, "\x02\x21\x4c\x18", 4);
	for (size_t at = 0; at < RAW_LEN; at += 30000) {
		int n = (int)(RAW_LEN - at < 30000 ? RAW_LEN - at : 30000);
		int len = LZ4_compress_HC((char *)raw + at, (char *)p.data + p.len + 4, n,
					  RAW_LEN, 9);

		assert_true(len > 0);
		memcpy(p.data + p.len, &len, 4);
		p.len += 4 + (size_t)len;
	}
	return p;
}

static struct packed pack_zstd(void)
{
	struct packed p = { malloc(RAW_LEN * 2), 0 };

	p.len = ZSTD_compress(p.data, RAW_LEN * 2, raw, RAW_LEN, 19);
	assert_false(ZSTD_isError(p.len));
	return p;
}

/* Unpack into exactly cap bytes, with an arena of exactly the size that is asked for. */
static int unpack(const struct packed *p, size_t cap, size_t arena_cut, bool *same)
{
	size_t arena_len = decompress_arena_size(p->data, p->len) - arena_cut, n = 99;
	uint8_t *in = malloc(p->len), *out = malloc(cap), *arena = malloc(arena_len);
	const char *why = NULL;
	int ret;

	memcpy(in, p->data, p->len);
	ret = decompress(in, p->len, out, cap, &n, arena, arena_len, &why);
	if (ret == 0) {
		*same = n == RAW_LEN && memcmp(out, raw, n) == 0;
	} else {
		assert_int_equal(n, 0);
		assert_non_null(why);
		assert_int_equal(why[strlen(why) - 1], '.');
		*same = false;
	}
	free(in);
	free(out);
	free(arena);
	return ret;
}

static void try_format(struct packed p, bool checked)
{
	struct packed part = { p.data, 0 };
	bool same;
	int ret;

	assert_int_equal(unpack(&p, RAW_LEN, 0, &same), 0);
	assert_true(same);
	assert_int_equal(unpack(&p, RAW_LEN + 1000, 0, &same), 0);
	assert_true(same);
	assert_int_not_equal(unpack(&p, RAW_LEN - 1, 0, &same), 0);
	assert_int_not_equal(unpack(&p, 0, 0, &same), 0);
	for (part.len = 0; part.len < p.len; part.len += 1 + part.len / 20) {
		unpack(&part, RAW_LEN, 0, &same);
		assert_false(same);
	}
	for (size_t i = 4; i < p.len; i += 1 + p.len / 300) {
		p.data[i] ^= 0x10;
		ret = unpack(&p, RAW_LEN, 0, &same);
		/* With a checksum, wrong data never passes for good. */
		assert_true(!checked || ret != 0 || same);
		p.data[i] ^= 0x10;
	}
	free(p.data);
}

static void test_gzip(void **state)
{
	(void)state;
	try_format(pack_gzip(), true);
}

static void test_xz(void **state)
{
	struct packed p = pack_xz(LZMA_CHECK_CRC32, 1 << 20);
	bool same;

	(void)state;
	assert_int_equal(unpack(&p, RAW_LEN, 1 << 19, &same), -XEN_ENOMEM);
	try_format(p, true);
	try_format(pack_xz(LZMA_CHECK_CRC64, 3 << 19), true);
	try_format(pack_xz(LZMA_CHECK_SHA256, 4096), true);
}

static void test_xz_dictionary(void **state)
{
	(void)state;
	for (uint32_t dict = 4096; dict <= 128u << 20; dict *= 2) {
		struct packed p = pack_xz(LZMA_CHECK_NONE, dict);
		size_t arena = decompress_arena_size(p.data, p.len);

		assert_true(arena >= dict && arena <= dict + (256 << 10));
		free(p.data);
	}
}

static void test_lz4(void **state)
{
	(void)state;
	try_format(pack_lz4(), false);
}

static void test_zstd(void **state)
{
	struct packed p = pack_zstd();
	bool same;

	(void)state;
	assert_int_equal(unpack(&p, RAW_LEN, 200 << 10, &same), -XEN_ENOMEM);
	try_format(p, false);
}

static void test_refused(void **state)
{
	static const char *const inputs[] = { "BZh91AY", "\x5d\0\0\x80", "\x89LZO\0\r\n",
					      "\x04\x22\x4d\x18" };
	const char *why;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(decompress(inputs[i], 4, NULL, 0, &n, NULL, 0, &why),
				 -XEN_ENOSYS);
		assert_non_null(strstr(why, "not supported"));
	}
	assert_int_equal(decompress("plain", 5, NULL, 0, &n, NULL, 0, &why), -XEN_EINVAL);
	assert_int_equal(decompress("", 0, NULL, 0, &n, NULL, 0, &why), -XEN_EINVAL);
	assert_int_equal(decompress("", 1ul << 32, NULL, 0, &n, NULL, 0, &why), -XEN_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip),	       cmocka_unit_test(test_xz),
		cmocka_unit_test(test_xz_dictionary),  cmocka_unit_test(test_lz4),
		cmocka_unit_test(test_zstd),	       cmocka_unit_test(test_refused),
	};

	make_raw();
	return cmocka_run_group_tests_name("lib/decompress", tests, NULL, NULL);
}
