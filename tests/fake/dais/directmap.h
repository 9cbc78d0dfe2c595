/* SPDX-License-Identifier: MIT */
/*
 * Host stand-in for <dais/directmap.h>: the machine's memory is an arena (tests/fake/arena.c),
 * frame table and M2P are arrays. Page tables may be made tiny with -DPT_ENTRIES=n
 * -DPT_HOLE_FIRST=a -DPT_HOLE_LAST=b.
 */
#ifndef DAIS_DIRECTMAP_H
#define DAIS_DIRECTMAP_H

#include <dais/types.h>

#define FAKE_FRAMES	4096		/* 16 MiB of machine */
#define DIRECTMAP_FRAMES FAKE_FRAMES
#define FRAME_GROUP_SHIFT 6
#define FRAME_TABLE_BASE ((unsigned long)frame_table)

#ifndef PT_ENTRIES
#define PT_ENTRIES	512
#define PT_HOLE_FIRST	256
#define PT_HOLE_LAST	271
#endif

struct frame;
extern struct frame *const frame_table;
extern uint64_t m2p_table[FAKE_FRAMES];
extern unsigned char fake_ram[FAKE_FRAMES * PAGE_SIZE];

static inline void *frame_map(mfn_t mfn)
{
	return fake_ram + (mfn << PAGE_SHIFT);
}

static inline mfn_t virt_to_mfn(const void *va)
{
	return (mfn_t)((const unsigned char *)va - fake_ram) >> PAGE_SHIFT;
}

static inline paddr_t virt_to_paddr(const void *va)
{
	return (paddr_t)((const unsigned char *)va - fake_ram);
}

#endif
