/* SPDX-License-Identifier: MIT */
/*
 * Console rings and the history behind them: the input is a program of a guest that prints, takes
 * its input, and scribbles over its page, and of readers of the history. What is read must be what
 * the page held, and readers see one stream, whole or with its gaps told.
 */
#include <stdlib.h>
#include <string.h>

#include "consoled/history.h"
#include "consoled/ring.h"

#define READERS 3

struct input {
	const uint8_t *at, *end;
};

static uint8_t take(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static uint32_t take32(struct input *in)
{
	uint32_t n = take(in);

	return n << 24 | (uint32_t)take(in) << 16 | (uint32_t)take(in) << 8 | take(in);
}

static struct xencons_interface page;
static struct console_ring ring;
static struct history history;
static uint64_t readers[READERS];
static char *stream; /* all that was read, to compare with */
static size_t stream_len, stream_room;

static void stream_add(const char *bytes, size_t len)
{
	if (!len) {
		return;
	}
	if (stream_len + len > stream_room) {
		stream_room = (stream_len + len) * 2;
		stream = realloc(stream, stream_room);
	}
	memcpy(stream + stream_len, bytes, len);
	stream_len += len;
}

/* A guest that behaves. */
static void step_print(struct input *in)
{
	uint32_t n = take(in) * 8u, room = sizeof(page.out) - (page.out_prod - page.out_cons), i;

	if (room > sizeof(page.out)) {
		return; /* it has scribbled; a good guest would be lost as well */
	}
	n = n < room ? n : room;
	for (i = 0; i < n; i++) {
		page.out[MASK_XENCONS_IDX(page.out_prod + i, page.out)] = (char)(i + n);
	}
	page.out_prod += n;
}

static void step_read(struct input *in)
{
	char piece[2 * sizeof(page.out)], expected[sizeof(page.out)];
	uint32_t want = take(in) * 16u, there = page.out_prod - ring.out_cons, i;
	uint32_t resyncs = ring.resyncs;
	size_t n;

	want = want < sizeof(piece) ? want : sizeof(piece);
	for (i = 0; i < sizeof(expected); i++) {
		expected[i] = page.out[MASK_XENCONS_IDX(ring.out_cons + i, page.out)];
	}
	n = console_ring_read(&ring, piece, want);
	if (there > sizeof(page.out)) {
		if (n || ring.resyncs != resyncs + 1) {
			abort();
		}
	} else if (n != (there < want ? there : want) || memcmp(piece, expected, n)) {
		abort();
	}
	if (page.out_cons != ring.out_cons) {
		/* Ours is what counts, and is told again whenever something is taken. */
		if (n) {
			abort();
		}
	}
	history_add(&history, piece, n);
	stream_add(piece, n);
}

static void step_type(struct input *in)
{
	char piece[600];
	uint32_t before = page.in_prod, used = ring.in_prod - page.in_cons;
	size_t len = take(in) * 2u, n;

	memset(piece, take(in), sizeof(piece));
	n = console_ring_write(&ring, piece, len);
	(void)before;
	if (n > len || (used <= sizeof(page.in) && n > sizeof(page.in) - used) ||
	    (used > sizeof(page.in) && n)) {
		abort();
	}
	if (n && page.in_prod != ring.in_prod) {
		abort();
	}
}

static void step_peek(struct input *in)
{
	uint64_t *at = &readers[take(in) % READERS], was = *at, lost;
	const char *from;
	size_t n = history_peek(&history, at, &from, &lost);

	if (*at != was + lost || *at + n > history.end || history.end != stream_len ||
	    (!n && *at != history.end) || (n && memcmp(from, stream + *at, n))) {
		abort();
	}
	*at += n ? 1 + take(in) * n / 256 : 0;
}

static void step_scribble(struct input *in)
{
	uint32_t *const words[] = { &page.out_cons, &page.out_prod, &page.in_cons, &page.in_prod };

	*words[take(in) % 4] = take32(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in = { bytes, bytes + len };
	uint8_t what;

	memset(&page, 0, sizeof(page));
	memset(readers, 0, sizeof(readers));
	stream_len = 0;
	page.out_cons = page.out_prod = take32(&in);
	page.in_cons = page.in_prod = take32(&in);
	console_ring_attach(&ring, &page);
	while (in.at < in.end) {
		what = take(&in);
		if (what < 70) {
			step_print(&in);
		} else if (what < 140) {
			step_read(&in);
		} else if (what < 180) {
			step_peek(&in);
		} else if (what < 210) {
			step_type(&in);
		} else if (what < 225) {
			page.in_cons = page.in_prod;
		} else if (what < 230) {
			console_ring_attach(&ring, &page); /* another daemon takes over */
		} else {
			step_scribble(&in);
		}
	}
	history_free(&history);
	return 0;
}
