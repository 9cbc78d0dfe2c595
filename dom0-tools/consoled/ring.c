/* SPDX-License-Identifier: MIT */
/*
 * Console rings: see ring.h. Pure, given a page. The other side is a vCPU; bytes are read after
 * the index that covers them and written before.
 */
#include "consoled/ring.h"

#include <stdatomic.h>
#include <string.h>

static uint32_t index_read(const uint32_t *index)
{
	return atomic_load_explicit((const _Atomic uint32_t *)index, memory_order_acquire);
}

static void index_write(uint32_t *index, uint32_t value)
{
	/* Full order: what follows (an event, a second look) must not overtake it. */
	atomic_store((_Atomic uint32_t *)index, value);
}

void console_ring_attach(struct console_ring *r, struct xencons_interface *page)
{
	r->page = page;
	r->out_cons = index_read(&page->out_cons);
	r->in_prod = index_read(&page->in_prod);
	r->resyncs = 0;
}

size_t console_ring_read(struct console_ring *r, char *to, size_t room)
{
	uint32_t prod = index_read(&r->page->out_prod);
	uint32_t len = prod - r->out_cons, off, first;
	const uint32_t size = sizeof(r->page->out);

	if (len > size) {
		r->resyncs++;
		r->out_cons = prod;
		index_write(&r->page->out_cons, prod);
		return 0;
	}
	if (len > room) {
		len = (uint32_t)room;
	}
	if (!len) {
		return 0;
	}
	off = MASK_XENCONS_IDX(r->out_cons, r->page->out);
	first = size - off < len ? size - off : len;
	memcpy(to, r->page->out + off, first);
	memcpy(to + first, r->page->out, len - first);
	r->out_cons += len;
	index_write(&r->page->out_cons, r->out_cons);
	return len;
}

size_t console_ring_room(struct console_ring *r)
{
	uint32_t used = r->in_prod - index_read(&r->page->in_cons);

	if (used > sizeof(r->page->in)) {
		r->resyncs++;
		return 0;
	}
	return sizeof(r->page->in) - used;
}

size_t console_ring_write(struct console_ring *r, const char *from, size_t len)
{
	size_t room = console_ring_room(r);
	uint32_t off = MASK_XENCONS_IDX(r->in_prod, r->page->in);
	uint32_t first;

	if (len > room) {
		len = room;
	}
	if (!len) {
		return 0;
	}
	first = sizeof(r->page->in) - off < len ? (uint32_t)(sizeof(r->page->in) - off)
						: (uint32_t)len;
	memcpy(r->page->in + off, from, first);
	memcpy(r->page->in, from + first, len - first);
	r->in_prod += (uint32_t)len;
	index_write(&r->page->in_prod, r->in_prod);
	return len;
}
