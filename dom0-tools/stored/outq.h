/* SPDX-License-Identifier: MIT */
/*
 * Bytes on their way to a client: a queue whose positions are counted from the beginning of the
 * connection, so that "has this message begun to leave?" is a comparison.
 */
#ifndef STORED_OUTQ_H
#define STORED_OUTQ_H

#include <stddef.h>
#include <stdint.h>

/* buf[head..tail) waits; buf[head] is stream position `sent`. */
struct outq {
	uint8_t *buf;
	size_t head, tail, room;
	uint64_t sent;
};

static inline size_t outq_len(const struct outq *q)
{
	return q->tail - q->head;
}

static inline uint64_t outq_end(const struct outq *q)
{
	return q->sent + outq_len(q);
}

static inline const uint8_t *outq_front(const struct outq *q)
{
	return q->buf + q->head;
}

/* Room for `len` more bytes at the end, to be filled in by the caller. */
uint8_t *outq_extend(struct outq *q, size_t len);
void outq_drop(struct outq *q, size_t len);
void outq_free(struct outq *q);

#endif
