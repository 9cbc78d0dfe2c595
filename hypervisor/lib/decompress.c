/* SPDX-License-Identifier: MIT */
/*
 * One function for each format, over the distribution's libraries (lz4: our own): it returns NULL,
 * or a sentence about what is wrong. All memory the libraries ask for comes from the caller's
 * arena: handed out upwards, given back only at the end.
 *
 * Init code; the arena is the only state, so one call at a time.
 */
#include <stdint.h>
#include <dais/compiler.h>
#include <dais/decompress.h>
#include <dais/string.h>
#include <xen/errno.h>

#define ZSTD_STATIC_LINKING_ONLY	/* for contexts in memory of our own */
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>
#include "lz4.h"

/* More than any of the libraries needs besides xz's dictionary (measured: 160 KiB, zstd). */
#define DECOMPRESS_ARENA_BASE	(256 * 1024UL)

struct decompress_job {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_cap, out_len;
	uint8_t *arena;
	size_t arena_left;
	bool arena_short;		/* an allocation failed */
	int error;			/* with the sentence that a format's function returns */
};

static void *decompress_alloc(void *ctx, size_t n, size_t size)
{
	struct decompress_job *job = ctx;
	size_t bytes;
	void *p = job->arena;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > job->arena_left ||
	    ROUND_UP(bytes, 16) > job->arena_left) {
		job->arena_short = true;
		return NULL;
	}
	bytes = ROUND_UP(bytes, 16);
	job->arena += bytes;
	job->arena_left -= bytes;
	return p;
}

static void decompress_free(void *ctx __maybe_unused, void *p __maybe_unused)
{
}

/* What every library calls by another name: more came out than there was to be. */
static const char *decompress_full(struct decompress_job *job)
{
	job->error = -XEN_ENOSPC;
	return "The packed kernel is larger than it says it is.";
}

static void *decompress_zalloc(void *ctx, unsigned int n, unsigned int size)
{
	return decompress_alloc(ctx, n, size);
}

static const char *decompress_gzip(struct decompress_job *job)
{
	z_stream z = {
		.next_in = (Bytef *)(uintptr_t)job->in, .avail_in = (uInt)job->in_len,
		.next_out = job->out, .avail_out = (uInt)job->out_cap,
		.zalloc = decompress_zalloc, .zfree = decompress_free, .opaque = job,
	};
	int ret = inflateInit2(&z, 16 + MAX_WBITS);	/* a gzip header is a must */

	if (ret == Z_OK) {
		ret = inflate(&z, Z_FINISH);
		job->out_len = z.total_out;
		inflateEnd(&z);
	}
	if (ret == Z_STREAM_END) {
		return NULL;
	}
	if (ret == Z_BUF_ERROR && z.avail_out == 0) {
		return decompress_full(job);
	}
	return ret == Z_BUF_ERROR ? "The gzip data ends too early." : "The gzip data is damaged.";
}

static const char *decompress_xz(struct decompress_job *job)
{
	const lzma_allocator allocator = {
		.alloc = decompress_alloc, .free = decompress_free, .opaque = job,
	};
	uint64_t memlimit = UINT64_MAX;
	size_t in_pos = 0;
	lzma_ret ret = lzma_stream_buffer_decode(&memlimit, 0, &allocator, job->in, &in_pos,
						 job->in_len, job->out, &job->out_len,
						 job->out_cap);

	if (ret == LZMA_OK) {
		return NULL;
	}
	if (ret == LZMA_BUF_ERROR) {
		return decompress_full(job);
	}
	if (ret == LZMA_OPTIONS_ERROR) {
		job->error = -XEN_ENOSYS;
		return "The xz data uses a filter that is not supported.";
	}
	return "The xz data is damaged.";
}

#define LZ4_LEGACY_MAGIC	0x184c2102u

/* Magic, then blocks: compressed size (u32), data. The magic may come again between blocks. */
static const char *decompress_lz4(struct decompress_job *job)
{
	size_t at = 4, left;
	uint32_t size = 0;
	long got;

	for (; at < job->in_len; at += 4 + (size != LZ4_LEGACY_MAGIC ? size : 0)) {
		left = job->in_len - at;
		if (left >= 4) {
			memcpy(&size, job->in + at, 4);
		}
		if (left < 4 || (size != LZ4_LEGACY_MAGIC && size > left - 4)) {
			return "The lz4 data ends too early.";
		}
		if (size == LZ4_LEGACY_MAGIC) {
			continue;
		}
		got = lz4_unpack_block(job->in + at + 4, size, job->out + job->out_len,
				       job->out_cap - job->out_len);
		if (got < 0) {
			return "The lz4 data is damaged, or larger than it says it is.";
		}
		job->out_len += (size_t)got;
	}
	return NULL;
}

static const char *decompress_zstd(struct decompress_job *job)
{
	size_t need = ZSTD_estimateDCtxSize();
	void *mem = decompress_alloc(job, 1, need);
	ZSTD_DCtx *ctx = mem == NULL ? NULL : ZSTD_initStaticDCtx(mem, need);
	size_t ret;

	if (ctx == NULL) {
		job->arena_short = true;
		return "";
	}
	ret = ZSTD_decompressDCtx(ctx, job->out, job->out_cap, job->in, job->in_len);
	if (!ZSTD_isError(ret)) {
		job->out_len = ret;
		return NULL;
	}
	if (ZSTD_getErrorCode(ret) == ZSTD_error_dstSize_tooSmall) {
		return decompress_full(job);
	}
	return "The zstd data is damaged or ends too early.";
}

/* A variable-length number of xz: 7 bits a byte, low first. False when it runs out. */
static bool decompress_xz_vli(const uint8_t **p, const uint8_t *end, uint64_t *value)
{
	*value = 0;
	for (unsigned int shift = 0; shift < 63 && *p < end; shift += 7) {
		uint8_t b = *(*p)++;

		*value |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80)) {
			return true;
		}
	}
	return false;
}

/*
 * The dictionary that the first block of an xz stream asks for: stream header (12 bytes), block
 * header size and flags, optional sizes, then the filters, each with id, length of properties
 * and properties. LZMA2's one property byte is the size: 2 or 3 times a power of two.
 */
static uint64_t decompress_xz_dict(const uint8_t *in, size_t in_len)
{
	const uint8_t *p = in + 14, *end;
	uint64_t id, len;

	if (in_len < 14 || in_len < 12 + (in[12] + 1u) * 4) {
		return 0;
	}
	end = in + 12 + (in[12] + 1u) * 4;
	if (((in[13] & 0x40) && !decompress_xz_vli(&p, end, &len)) ||
	    ((in[13] & 0x80) && !decompress_xz_vli(&p, end, &len))) {
		return 0;
	}
	while (decompress_xz_vli(&p, end, &id) && decompress_xz_vli(&p, end, &len) &&
	       len <= (uint64_t)(end - p)) {
		if (id == LZMA_FILTER_LZMA2 && len == 1) {
			return p[0] > 40 ? 0 : (2ul | (p[0] & 1)) << (p[0] / 2 + 11);
		}
		p += len;
	}
	return 0;
}

size_t decompress_arena_size(const void *in, size_t in_len)
{
	bool xz = payload_format(in, in_len) == PAYLOAD_XZ;

	return DECOMPRESS_ARENA_BASE + (xz ? decompress_xz_dict(in, in_len) : 0);
}

static const char *decompress_run(struct decompress_job *job)
{
	switch (payload_format(job->in, job->in_len)) {
	case PAYLOAD_GZIP:
		return decompress_gzip(job);
	case PAYLOAD_XZ:
		return decompress_xz(job);
	case PAYLOAD_LZ4:
		return decompress_lz4(job);
	case PAYLOAD_ZSTD:
		return decompress_zstd(job);
	case PAYLOAD_UNKNOWN:
	case PAYLOAD_ELF:
		return "The data is in no known packed format.";
	default:
		job->error = -XEN_ENOSYS;
		return "Kernels packed with bzip2, lzma, lzo or framed lz4 are not supported: use "
		       "gzip, xz, lz4 or zstd.";
	}
}

int decompress(const void *in, size_t in_len, void *out, size_t out_cap, size_t *out_len,
	       void *arena, size_t arena_len, const char **why)
{
	struct decompress_job job = {
		.in = in, .in_len = in_len, .out = out, .out_cap = out_cap,
		.arena = arena, .arena_left = arena_len, .error = -XEN_EINVAL,
	};
	struct decompress_cpu cpu;
	const char *bad;

	*out_len = 0;
	if (in_len > INT32_MAX || out_cap > INT32_MAX) {
		*why = "Packed kernels of 2 GiB and more are not supported.";
		return -XEN_EINVAL;
	}
	decompress_cpu_begin(&cpu);
	bad = decompress_run(&job);
	decompress_cpu_end(&cpu);
	if (!bad) {
		*out_len = job.out_len;
		return 0;
	}
	*why = job.arena_short ? "There is not enough memory to unpack the kernel." : bad;
	return job.arena_short ? -XEN_ENOMEM : job.error;
}
