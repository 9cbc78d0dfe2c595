/* SPDX-License-Identifier: MIT */
/*
 * Console history: see history.h. Pure; belongs to one console.
 */
#include "consoled/history.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

#define HISTORY_MIN 4096

/* Doubling moves bytes to new places: copy them out in order and in again. */
static void history_grow(struct history *h, size_t need)
{
	size_t room = h->room ? h->room : HISTORY_MIN;
	struct history bigger = { .end = h->end - h->kept };
	const char *from;
	uint64_t at = bigger.end, lost;
	size_t len;

	while (room < need && room < HISTORY_MAX) {
		room *= 2;
	}
	if (room == h->room) {
		return;
	}
	bigger.buf = xmalloc(room);
	bigger.room = room;
	while ((len = history_peek(h, &at, &from, &lost))) {
		history_add(&bigger, from, len);
		at += len;
	}
	free(h->buf);
	*h = bigger;
}

void history_add(struct history *h, const char *bytes, size_t len)
{
	size_t off, part;

	if (h->kept + len > h->room) {
		history_grow(h, h->kept + len);
	}
	while (len) {
		off = h->end % h->room;
		part = h->room - off < len ? h->room - off : len;
		memcpy(h->buf + off, bytes, part);
		h->end += part;
		bytes += part;
		len -= part;
		h->kept = h->kept + part < h->room ? h->kept + part : h->room;
	}
}

size_t history_peek(const struct history *h, uint64_t *at, const char **from, uint64_t *lost)
{
	uint64_t oldest = h->end - h->kept;
	size_t off, len;

	*lost = 0;
	if (*at < oldest) {
		*lost = oldest - *at;
		*at = oldest;
	}
	if (*at >= h->end) {
		return 0;
	}
	off = *at % h->room;
	len = (size_t)(h->end - *at);
	*from = h->buf + off;
	return len < h->room - off ? len : h->room - off;
}

uint64_t history_back(const struct history *h, size_t bytes)
{
	return h->end - (bytes < h->kept ? bytes : h->kept);
}

void history_free(struct history *h)
{
	free(h->buf);
	*h = (struct history){ 0 };
}
