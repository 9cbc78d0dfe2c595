/* SPDX-License-Identifier: MIT */
/*
 * The recent output of one console, as a stream of which the last part is kept. Every reader (the
 * terminal, each attached client) has a position in the stream and takes what it can; one that
 * falls behind what is kept has lost the part in between, and delays nobody.
 */
#ifndef CONSOLED_HISTORY_H
#define CONSOLED_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define HISTORY_MAX (1024 * 1024) /* bytes kept at most */

/* Byte number n of the stream is at buf[n % room] while end - kept <= n < end. */
struct history {
	char *buf;
	size_t room, kept;
	uint64_t end;
};

void history_add(struct history *h, const char *bytes, size_t len);
/*
 * What a reader at *at can take in one piece: sets *from, returns the length (0: nothing new).
 * Moves *at forward over what is no longer kept, and reports how much that was.
 */
size_t history_peek(const struct history *h, uint64_t *at, const char **from, uint64_t *lost);
/* A position that is `bytes` before the end, or as near as what is kept allows. */
uint64_t history_back(const struct history *h, size_t bytes);
void history_free(struct history *h);

#endif
