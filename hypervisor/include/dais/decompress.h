/* SPDX-License-Identifier: MIT */
/*
 * Unpacking what kernels are packed with, whole buffer to whole buffer: gzip, xz (with the x86
 * filter), lz4 (the legacy frame that Linux uses) and zstd. Works on any input, however broken.
 *
 * Init code in the hypervisor: the decoders are the distribution's own libraries, linked in and
 * freed after boot. One call at a time (the boot CPU's). In the hypervisor the FPU state of the
 * CPU is lost, for the libraries use vector registers.
 */
#ifndef DAIS_DECOMPRESS_H
#define DAIS_DECOMPRESS_H

#include <stddef.h>

enum payload_format {
	PAYLOAD_UNKNOWN = 0,
	PAYLOAD_ELF,			/* not packed */
	PAYLOAD_GZIP,
	PAYLOAD_XZ,
	PAYLOAD_LZ4,			/* legacy frame */
	PAYLOAD_ZSTD,
	/* Known by name only, for the message that refuses them. */
	PAYLOAD_BZIP2,
	PAYLOAD_LZMA,
	PAYLOAD_LZO,
	PAYLOAD_LZ4_FRAME,
};

/* What the first bytes say; and the format's name. */
enum payload_format payload_format(const void *in, size_t in_len);
const char *payload_format_name(enum payload_format format);

/*
 * Bytes of working memory that decompress() needs for this input: what xz's dictionary asks
 * for (32 MiB for a Linux kernel), less than 256 KiB for all others.
 */
size_t decompress_arena_size(const void *in, size_t in_len);

/*
 * Unpack in[0, in_len) into out, at most out_cap bytes; *out_len is how many there were.
 * arena[0, arena_len): working memory, 16-byte aligned, contents lost.
 *
 * 0, or -errno with *why a complete sentence: -EINVAL bad data, -ENOSYS a format we cannot
 * unpack, -ENOMEM arena too small, -ENOSPC more than out_cap.
 */
int decompress(const void *in, size_t in_len, void *out, size_t out_cap, size_t *out_len,
	       void *arena, size_t arena_len, const char **why);

/*
 * Prepare the CPU for library code, and undo that. Hypervisor: lib/decompress_cpu.c; on a
 * host they do nothing (tests/fake/decompress_cpu.c).
 */
struct decompress_cpu {
	unsigned long cr0, cr4, fs_base;
};
void decompress_cpu_begin(struct decompress_cpu *saved);
void decompress_cpu_end(const struct decompress_cpu *saved);

#endif /* DAIS_DECOMPRESS_H */
