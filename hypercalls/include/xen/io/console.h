/* SPDX-License-Identifier: MIT */
/*
 * The console page: two byte rings shared by the guest and a console daemon. "in" flows to the
 * guest, "out" from it. Indexes run freely; take them modulo the ring's size. Bytes are written
 * before the producer index, which is followed by an event to the other side. Neither side may
 * trust the distance between the other's indexes.
 */
#ifndef XEN_IO_CONSOLE_H
#define XEN_IO_CONSOLE_H

#include <stdint.h>

typedef uint32_t XENCONS_RING_IDX;

#define MASK_XENCONS_IDX(idx, ring)	((idx) & (sizeof(ring) - 1))

struct xencons_interface {
	char in[1024];
	char out[2048];
	XENCONS_RING_IDX in_cons, in_prod;
	XENCONS_RING_IDX out_cons, out_prod;
};

#endif
