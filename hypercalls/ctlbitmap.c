/* SPDX-License-Identifier: MIT */
/* See ctlbitmap.h. Both sides number bits from the lowest of byte 0 on, as this processor does. */
#include <dais/compiler.h>
#include <dais/guest_access.h>
#include <dais/string.h>
#include <xen/errno.h>
#include <xen/xen.h>

#include "ctlbitmap.h"

int ctlbitmap_read(const struct xenctl_bitmap *b, unsigned long *map, unsigned int nbits)
{
	unsigned int bits = min(b->nr_bits, nbits);

	if (b->nr_bits > CTLBITMAP_BITS_MAX) {
		return -XEN_E2BIG;
	}
	memset(map, 0, DIV_ROUND_UP(nbits, 64u) * sizeof(map[0]));
	if (bits && copy_from_guest(map, b->bitmap, DIV_ROUND_UP(bits, 8u))) {
		return -XEN_EFAULT;
	}
	/* the last byte may have brought more than was asked for */
	if (bits % 64) {
		map[bits / 64] &= (1UL << (bits % 64)) - 1;
	}
	return 0;
}

/*
 * Of our last byte, bits beyond nbits do not count: an affinity to every CPU there may ever be has
 * some.
 */
int ctlbitmap_write(const struct xenctl_bitmap *b, const unsigned long *map, unsigned int nbits)
{
	unsigned int have = DIV_ROUND_UP(nbits, 8u), room = DIV_ROUND_UP(b->nr_bits, 8u);
	unsigned int n = min(have, room);
	uint8_t last;

	if (!b->bitmap) {
		return 0;
	}
	if (b->nr_bits > CTLBITMAP_BITS_MAX) {
		return -XEN_E2BIG;
	}
	if (n) {
		last = ((const uint8_t *)map)[n - 1];
		if (n * 8 > nbits) {
			last &= (1u << (nbits % 8)) - 1;
		}
		if (copy_to_guest(b->bitmap, map, n - 1) ||
		    copy_to_guest(b->bitmap + n - 1, &last, 1)) {
			return -XEN_EFAULT;
		}
	}
	return clear_guest(b->bitmap + n, room - n);
}
