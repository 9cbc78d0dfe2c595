/* SPDX-License-Identifier: MIT */
/*
 * Entries of x86-64 page tables, as far as the tools look at those of guests. Constants only.
 */
#ifndef LIB_PTE_H
#define LIB_PTE_H

#define PTE_PRESENT 0x1ull
#define PTE_LARGE   0x80ull /* it maps a page itself, where a table could be */
#define PTE_FRAME   0x000ffffffffff000ull
#define PTE_SHIFT   12

#endif
