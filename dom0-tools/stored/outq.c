/* SPDX-License-Identifier: MIT */
/*
 * Output queues: see outq.h. Belong to one connection each; no lock.
 */
#include "stored/outq.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

#define OUTQ_ROOM 512
#define OUTQ_KEEP (64 * 1024) /* a larger buffer is given back once empty */

uint8_t *outq_extend(struct outq *q, size_t len)
{
	size_t have = outq_len(q);

	if (q->room - q->tail < len) {
		if (q->head) {
			memmove(q->buf, q->buf + q->head, have);
			q->head = 0;
			q->tail = have;
		}
		if (q->room - q->tail < len) {
			q->room = q->room * 2 + len + OUTQ_ROOM;
			q->buf = xrealloc(q->buf, q->room, 1);
		}
	}
	q->tail += len;
	return q->buf + q->tail - len;
}

void outq_drop(struct outq *q, size_t len)
{
	q->head += len;
	q->sent += len;
	if (q->head == q->tail) {
		q->head = q->tail = 0;
		if (q->room > OUTQ_KEEP) {
			free(q->buf);
			q->buf = NULL;
			q->room = 0;
		}
	}
}

void outq_free(struct outq *q)
{
	free(q->buf);
	q->buf = NULL;
	q->head = q->tail = q->room = 0;
}
