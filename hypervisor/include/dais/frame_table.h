/* SPDX-License-Identifier: MIT */
/*
 * Building the frame table at boot, and adding RAM to it. One CPU, no lock.
 *
 * First frame_table_add() for every range of RAM, used or free; then frame_alloc_add()
 * (frame_alloc.h) for what is free. Frames that were added and not given to the allocator are the
 * hypervisor's: nobody can refer to them.
 */
#ifndef DAIS_FRAME_TABLE_H
#define DAIS_FRAME_TABLE_H

#include <dais/types.h>

/*
 * Frames [start, end) are RAM. Where the frame table has no memory yet (it comes in pieces of 2
 * MiB, aligned), back(va, size) is called to map zeroed memory there. 0, or what back() returned.
 */
int frame_table_add(mfn_t start, mfn_t end, int (*back)(vaddr_t va, size_t size));

#endif
