/* SPDX-License-Identifier: MIT */
/* bzImage headers, right and wrong in every field that is looked at. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <dais/bzimage.h>

#define SETUP	(3 * 512)		/* setup_sects = 2 */
#define PAYLOAD	100			/* packed bytes, size trailer included */

static uint8_t *image;			/* exactly as long as it says, for the sanitizer */
static size_t image_len;
static const char *why;
static struct bzimage_payload payload;

static void put(size_t at, uint32_t v, size_t bytes)
{
	memcpy(image + at, &v, bytes);
}

static int setup(void **state)
{
	(void)state;
	image_len = SETUP + 64 + PAYLOAD;
	image = calloc(1, image_len);
	image[0x1f1] = 2;
	put(0x1fe, 0xaa55, 2);
	memcpy(image + 0x202, "HdrS", 4);
	put(0x206, 0x020f, 2);
	put(0x248, 64, 4);
	put(0x24c, PAYLOAD, 4);
	memcpy(image + SETUP + 64, "\xfd" "7zXZ\0", 6);
	put(SETUP + 64 + PAYLOAD - 4, 5000, 4);
	why = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(image);
	return 0;
}

static void good(enum payload_format format, size_t len, size_t unpacked)
{
	assert_int_equal(bzimage_payload(image, image_len, &payload, &why), 0);
	assert_int_equal(payload.format, format);
	assert_int_equal(payload.len, len);
	assert_int_equal(payload.unpacked_len, unpacked);
	assert_ptr_equal(payload.data, image + SETUP + 64);
}

static void bad(const char *text)
{
	assert_int_equal(bzimage_payload(image, image_len, &payload, &why), -22);
	assert_non_null(why);
	assert_non_null(strstr(why, text));
}

static void test_formats(void **state)
{
	(void)state;
	good(PAYLOAD_XZ, PAYLOAD - 4, 5000);
	memcpy(image + SETUP + 64, "\x02\x21\x4c\x18", 4);
	good(PAYLOAD_LZ4, PAYLOAD - 4, 5000);
	memcpy(image + SETUP + 64, "\x28\xb5\x2f\xfd", 4);
	good(PAYLOAD_ZSTD, PAYLOAD - 4, 5000);
	memcpy(image + SETUP + 64, "BZh9", 4);
	good(PAYLOAD_BZIP2, PAYLOAD - 4, 5000);
	memcpy(image + SETUP + 64, "\x1f\x8b\x08\x00", 4);
	good(PAYLOAD_GZIP, PAYLOAD, 5000);
	memcpy(image + SETUP + 64, "\x7f" "ELF", 4);
	good(PAYLOAD_ELF, PAYLOAD, PAYLOAD);
	image[0x1f1] = 0;
	image_len = 5 * 512 + 64 + PAYLOAD;
	image = realloc(image, image_len);
	memset(image + SETUP, 0, image_len - SETUP);
	memcpy(image + 5 * 512 + 64, "\x1f\x8b\x08\x00", 4);
	put(image_len - 4, 9, 4);
	assert_int_equal(bzimage_payload(image, image_len, &payload, &why), 0);
	assert_int_equal(payload.unpacked_len, 9);
}

static void test_elf_alone(void **state)
{
	(void)state;
	memcpy(image, "\x7f" "ELF", 4);
	assert_int_equal(bzimage_payload(image, image_len, &payload, &why), 0);
	assert_int_equal(payload.format, PAYLOAD_ELF);
	assert_int_equal(payload.len, image_len);
	assert_ptr_equal(payload.data, image);
}

static void test_not_a_kernel(void **state)
{
	(void)state;
	for (size_t n = 0; n < 0x250; n += 7) {
		uint8_t *part = malloc(n);

		memcpy(part, image, n);
		assert_int_equal(bzimage_payload(part, n, &payload, &why), -22);
		free(part);
	}
	image[0x202] = 'h';
	bad("neither");
	image[0x202] = 'H';
	image[0x1fe] = 0;
	bad("neither");
}

static void test_damaged(void **state)
{
	(void)state;
	put(0x206, 0x0207, 2);
	bad("older");
	put(0x206, 0x0208, 2);
	good(PAYLOAD_XZ, PAYLOAD - 4, 5000);
	image_len--;
	bad("cut short");
	image_len++;
	put(0x248, 0xffffffff, 4);
	bad("cut short");
	put(0x248, 64, 4);
	put(0x24c, 0xffffffff, 4);
	bad("cut short");
	put(0x24c, 7, 4);
	bad("no kernel");
	put(0x24c, PAYLOAD, 4);
	put(SETUP + 64 + PAYLOAD - 4, 0, 4);
	bad("damaged");
	put(SETUP + 64 + PAYLOAD - 4, 0x7fffffff, 4);
	bad("damaged");
	image[SETUP + 64] = 0;
	bad("unknown format");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(payload_format_name(PAYLOAD_XZ), "xz");
	assert_string_equal(payload_format_name(PAYLOAD_LZMA), "lzma");
	assert_string_equal(payload_format_name(PAYLOAD_UNKNOWN), "unknown");
	assert_int_equal(payload_format("\x5d\0\0", 3), PAYLOAD_LZMA);
	assert_int_equal(payload_format("\x1f", 1), PAYLOAD_UNKNOWN);
	assert_int_equal(payload_format("\x89LZO", 4), PAYLOAD_LZO);
	assert_int_equal(payload_format("\x04\x22\x4d\x18", 4), PAYLOAD_LZ4_FRAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_formats, setup, teardown),
		cmocka_unit_test_setup_teardown(test_elf_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_a_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("lib/bzimage", tests, NULL, NULL);
}
