/* SPDX-License-Identifier: MIT */
/* The lz4 block decoder under decompress.c. */
#ifndef LIB_LZ4_H
#define LIB_LZ4_H

#include <stddef.h>
#include <stdint.h>

/*
 * Unpack one block into at most out_cap bytes. The number of bytes made, or -1 when the block
 * is damaged, cut short or does not fit.
 */
long lz4_unpack_block(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_cap);

#endif /* LIB_LZ4_H */
