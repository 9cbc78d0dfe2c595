/* SPDX-License-Identifier: MIT */
/*
 * Instructions that only some processors want: in the image they are NOPs of the same length, each
 * noted in a table, and x86/protect.init.c puts in the real ones before any guest runs. Also for
 * assembly.
 */
#ifndef DAIS_PATCH_H
#define DAIS_PATCH_H

#define PATCH_STAC	0	/* ring 0 may touch guests' pages from here ... */
#define PATCH_CLAC	1	/* ... to here */
#define PATCH_VERW	2	/* clear the buffers that MDS and its kin read from; changes flags */

/* Calls into x86/entry.S: */
#define PATCH_XPTI_ENTER	3	/* from a guest */
#define PATCH_XPTI_LEAVE	4	/* to a guest */
#define PATCH_XPTI_RING0	5	/* an interrupt of ring 0 begins ... */
#define PATCH_XPTI_RING0_END	6	/* ... and ends */

#define PATCH_NOP3	0x0f, 0x1f, 0x00
#define PATCH_NOP7	0x0f, 0x1f, 0x80, 0, 0, 0, 0

#endif
