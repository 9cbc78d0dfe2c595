/* SPDX-License-Identifier: MIT */
/*
 * What the compression libraries want from the world and must not get, or get smaller. Linked
 * only with them (see lib.mk), every name here stays inside that one object.
 *
 * The allocator is never reached, because decompress.c gives each library one of its own. The
 * checksums replace ones with 30 KiB of tables; the old zstd formats (before 1.0, 2016) were
 * never used for kernels and would be 90 KiB.
 */
#include <stddef.h>
#include <stdint.h>
#include <dais/boot_info.h>

typedef uint64_t __attribute__((__aligned__(1), __may_alias__)) unaligned_u64;

void *malloc(size_t size)
{
	return NULL;
}

void *calloc(size_t n, size_t size)
{
	return NULL;
}

void free(void *p)
{
}

void __attribute__((__noreturn__)) __stack_chk_fail(void)
{
	boot_halt("A decompression library overran its stack.");
}

/*
 * Words that the decoders copy are short and many: a plain loop beats the string instructions
 * that serve the rest of the hypervisor.
 */
void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	for (; n >= 8; n -= 8, d += 8, s += 8) {
		*(unaligned_u64 *)d = *(const unaligned_u64 *)s;
	}
	for (; n > 0; n--) {
		*d++ = *s++;
	}
	return dst;
}

/*
 * CRC-32 of IEEE 802.3, bits reversed, eight bytes a step. crc_table[k][b] is the CRC of byte b
 * with k zero bytes behind it; all are made at the first call.
 */
static uint32_t crc_table[8][256];

/* The CRC of the one byte v, for either width. */
static uint64_t crc_byte(uint64_t v, uint64_t polynomial)
{
	for (unsigned int bit = 0; bit < 8; bit++) {
		v = (v >> 1) ^ ((v & 1) ? polynomial : 0);
	}
	return v;
}

static void crc_table_fill(void)
{
	for (unsigned int i = 0; i < 256; i++) {
		uint32_t v = crc_table[0][i] = crc_byte(i, 0xedb88320u);

		for (unsigned int k = 1; k < 8; k++) {
			v = crc_table[k][i] = (v >> 8) ^ crc_byte(v & 0xff, 0xedb88320u);
		}
	}
}

uint32_t lzma_crc32(const uint8_t *buf, size_t size, uint32_t crc)
{
	if (crc_table[0][1] == 0) {
		crc_table_fill();
	}
	crc = ~crc;
	for (; size >= 8; size -= 8, buf += 8) {
		uint64_t v = *(const unaligned_u64 *)buf ^ crc;

		crc = crc_table[7][v & 0xff] ^ crc_table[6][(v >> 8) & 0xff] ^
		      crc_table[5][(v >> 16) & 0xff] ^ crc_table[4][(v >> 24) & 0xff] ^
		      crc_table[3][(v >> 32) & 0xff] ^ crc_table[2][(v >> 40) & 0xff] ^
		      crc_table[1][(v >> 48) & 0xff] ^ crc_table[0][v >> 56];
	}
	for (; size > 0; size--) {
		crc = crc_table[0][(crc ^ *buf++) & 0xff] ^ (crc >> 8);
	}
	return ~crc;
}

/* zlib's names for the same; its other checksum is for streams that are not gzip's. */
unsigned long crc32(unsigned long crc, const uint8_t *buf, unsigned int size)
{
	return buf == NULL ? 0 : lzma_crc32(buf, size, (uint32_t)crc);
}

unsigned long adler32(unsigned long sum, const uint8_t *buf, unsigned int size)
{
	return 1;
}

/* CRC-64 of ECMA-182, bits reversed; a table of 256 entries is made at the first call. */
uint64_t lzma_crc64(const uint8_t *buf, size_t size, uint64_t crc)
{
	static uint64_t table[256];

	if (table[1] == 0) {
		for (unsigned int i = 0; i < 256; i++) {
			table[i] = crc_byte(i, 0xc96c5795d7870f42UL);
		}
	}
	crc = ~crc;
	for (; size > 0; size--) {
		crc = table[(crc ^ *buf++) & 0xff] ^ (crc >> 8);
	}
	return ~crc;
}

/* zstd's tracing hooks: 0 from the first means that nothing is traced. */
unsigned long long ZSTD_trace_decompress_begin(const void *ctx)
{
	return 0;
}

void ZSTD_trace_decompress_end(unsigned long long trace, const void *what)
{
}

/*
 * zstd asks this first about a frame in one of the old formats; the answer is the error
 * "unknown format", after which it calls none of the others; they refuse all the same.
 */
#define ZSTD_UNKNOWN_FORMAT	((size_t)-10)

static void __attribute__((__used__)) zstd_old_frame(const void *src, size_t size, size_t *frame,
						     unsigned long long *bound)
{
	*frame = ZSTD_UNKNOWN_FORMAT;
	*bound = ~0ull - 1;
}

static size_t __attribute__((__used__)) zstd_old_refuse(void)
{
	return ZSTD_UNKNOWN_FORMAT;
}

static void *__attribute__((__used__)) zstd_old_none(void)
{
	return NULL;
}

#define ZSTD_OLD_ALIAS(name, target) \
	__typeof__(target) name __attribute__((__alias__(#target), __visibility__("default")))

#define ZSTD_OLD(v) \
	ZSTD_OLD_ALIAS(ZSTDv0##v##_findFrameSizeInfoLegacy, zstd_old_frame); \
	ZSTD_OLD_ALIAS(ZSTDv0##v##_getFrameParams, zstd_old_refuse); \
	ZSTD_OLD_ALIAS(ZSTDv0##v##_createDCtx, zstd_old_none); \
	ZSTD_OLD_ALIAS(ZSTDv0##v##_freeDCtx, zstd_old_refuse); \
	ZSTD_OLD_ALIAS(ZSTDv0##v##_decompress_usingDict, zstd_old_refuse); \
	ZSTD_OLD_ALIAS(ZBUFFv0##v##_createDCtx, zstd_old_none); \
	ZSTD_OLD_ALIAS(ZBUFFv0##v##_freeDCtx, zstd_old_refuse); \
	ZSTD_OLD_ALIAS(ZBUFFv0##v##_decompressInitDictionary, zstd_old_refuse); \
	ZSTD_OLD_ALIAS(ZBUFFv0##v##_decompressContinue, zstd_old_refuse)

ZSTD_OLD(5);
ZSTD_OLD(6);
ZSTD_OLD(7);
