/* SPDX-License-Identifier: MIT */
/* Bitmaps in tools' memory (struct xenctl_bitmap) to and from ours, of nbits bits. */
#ifndef HYPERCALLS_CTLBITMAP_H
#define HYPERCALLS_CTLBITMAP_H

struct xenctl_bitmap;

#define CTLBITMAP_BITS_MAX	65536u	/* a tool's map longer than this is refused */

/* What the tool's map lacks is 0; what it has beyond nbits is ignored. 0, -EFAULT, -E2BIG. */
int ctlbitmap_read(const struct xenctl_bitmap *b, unsigned long *map, unsigned int nbits);
/* As much as fits; all the tool's other bits become 0. A map at address 0 is left alone. */
int ctlbitmap_write(const struct xenctl_bitmap *b, const unsigned long *map, unsigned int nbits);

#endif
