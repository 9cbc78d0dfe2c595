/* SPDX-License-Identifier: MIT */
/* Other names for what hypervisor/lib/libc_shim.c replaces, so that both can be called. */
#ifndef HOST_SHIM_H
#define HOST_SHIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <lzma.h>

static inline uint32_t host_lzma_crc32(const uint8_t *buf, size_t size, uint32_t crc)
{
	return lzma_crc32(buf, size, crc);
}

static inline uint64_t host_lzma_crc64(const uint8_t *buf, size_t size, uint64_t crc)
{
	return lzma_crc64(buf, size, crc);
}

#define malloc shim_malloc
#define calloc shim_calloc
#define free shim_free
#define memcpy shim_memcpy
#define crc32 shim_crc32
#define adler32 shim_adler32
#define lzma_crc32 shim_crc32_lzma
#define lzma_crc64 shim_crc64
#define __stack_chk_fail shim_stack_chk_fail

#endif
