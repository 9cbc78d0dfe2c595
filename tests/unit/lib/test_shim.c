/* SPDX-License-Identifier: MIT */
/* The shim's checksums and copy against the libraries', at all small lengths and alignments. */
#include <dais/boot_info.h>

void *shim_malloc(size_t size);
void *shim_memcpy(void *restrict dst, const void *restrict src, size_t n);
uint32_t shim_crc32_lzma(const uint8_t *buf, size_t size, uint32_t crc);
unsigned long shim_crc32(unsigned long crc, const uint8_t *buf, unsigned int size);
uint64_t shim_crc64(const uint8_t *buf, size_t size, uint64_t crc);

void boot_halt(const char *why)
{
	fail_msg("%s", why);
	abort();
}

static void test_checksums(void **state)
{
	static uint8_t b[4096 + 8];

	(void)state;
	for (size_t i = 0; i < sizeof(b); i++) {
		b[i] = (uint8_t)(i * 31 + (i >> 8));
	}
	for (size_t off = 0; off < 8; off++) {
		for (size_t n = 0; n < 40; n++) {
			assert_int_equal(shim_crc32_lzma(b + off, n, 7), host_lzma_crc32(b + off, n, 7));
			assert_true(shim_crc64(b + off, n, 7) == host_lzma_crc64(b + off, n, 7));
		}
	}
	assert_int_equal(shim_crc32(0, b, 4096), host_lzma_crc32(b, 4096, 0));
	assert_int_equal(shim_crc32(0, NULL, 0), 0);
	assert_true(shim_crc64(b, 4096, 0) == host_lzma_crc64(b, 4096, 0));
}

static void test_copy(void **state)
{
	char src[64], dst[64];

	(void)state;
	for (size_t n = 0; n < 48; n++) {
		for (size_t i = 0; i < 64; i++) {
			src[i] = (char)i;
			dst[i] = 0x55;
		}
		shim_memcpy(dst + 3, src + 1, n);
		for (size_t i = 0; i < 64; i++) {
			assert_int_equal(dst[i], i >= 3 && i < 3 + n ? (char)(i - 2) : 0x55);
		}
	}
	assert_null(shim_malloc(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests_name("lib/shim", tests, NULL, NULL);
}
