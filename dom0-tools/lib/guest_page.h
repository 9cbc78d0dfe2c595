/* SPDX-License-Identifier: MIT */
/*
 * Mapping a page that a guest shares with a daemon: by its reserved grant reference where the
 * domain has one, by frame number otherwise (which needs full privilege over the domain).
 */
#ifndef LIB_GUEST_PAGE_H
#define LIB_GUEST_PAGE_H

#include <stdbool.h>
#include <stdint.h>

struct guest_pages;

struct guest_pages *guest_pages_open(void);
void guest_pages_close(struct guest_pages *g);

/* The mapped page, or NULL. *granted tells guest_page_unmap() how it was done. */
void *guest_page_map(struct guest_pages *g, uint32_t domid, uint32_t grant, uint64_t gfn,
		     bool *granted);
void guest_page_unmap(struct guest_pages *g, void *page, bool granted);

#endif
