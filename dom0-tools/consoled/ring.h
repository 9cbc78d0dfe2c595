/* SPDX-License-Identifier: MIT */
/*
 * The two byte rings of a console page. The guest can write anything into the page at any time:
 * each of its indexes is read once and judged against our own, which are kept here.
 */
#ifndef CONSOLED_RING_H
#define CONSOLED_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/console.h>

/* out_cons, in_prod: our ends. resyncs: how often the guest's end made no sense. */
struct console_ring {
	struct xencons_interface *page;
	uint32_t out_cons, in_prod;
	uint32_t resyncs;
};

/* Goes on where the page says we (or who served it before us) were. */
void console_ring_attach(struct console_ring *r, struct xencons_interface *page);
/* Takes up to `room` bytes of the guest's output; how many. Nonsense is skipped. */
size_t console_ring_read(struct console_ring *r, char *to, size_t room);
/* Gives the guest up to `len` bytes of input; how many it had room for. */
size_t console_ring_write(struct console_ring *r, const char *from, size_t len);
size_t console_ring_room(struct console_ring *r);

#endif
