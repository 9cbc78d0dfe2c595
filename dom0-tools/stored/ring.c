/* SPDX-License-Identifier: MIT */
/*
 * Serving a ring page: see ring.h. Our own indexes live in the connection (req_cons, and the low
 * half of out.sent for rsp_prod) and are only ever written to the page, so a guest that scribbles
 * over them confuses nobody but itself. Single-threaded; the other side is a vCPU.
 *
 * Order: the journal's batch is published before req_cons or rsp_prod move in the page. Killed in
 * between, the next process finds the request consumed and the reply waiting in the journal.
 */
#include "stored/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/domain.h"
#include "stored/hv.h"
#include "stored/state.h"
#include "stored/stored.h"
#include "stored/wire.h"

#define RING_OUT_HIGH (16 * 1024) /* unread output beyond which no request is taken */
#define MESSAGE_MAX   (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)
#define RING_FEATURES (XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR)

/* The guest's side: read with acquire, since the bytes it covers are read after it. */
static uint32_t index_read(const uint32_t *index)
{
	return atomic_load_explicit((const _Atomic uint32_t *)index, memory_order_acquire);
}

static void index_write(uint32_t *index, uint32_t value)
{
	atomic_store_explicit((_Atomic uint32_t *)index, value, memory_order_release);
}

void ring_start(struct xenstore_domain_interface *page)
{
	index_write(&page->req_cons, 0);
	index_write(&page->req_prod, 0);
	index_write(&page->rsp_cons, 0);
	index_write(&page->rsp_prod, 0);
	page->server_features = RING_FEATURES;
	page->error = XENSTORE_ERROR_NONE;
	index_write(&page->connection, XENSTORE_CONNECTED);
}

void ring_adopt(struct xenstore_domain_interface *page, struct conn *c)
{
	c->req_cons = index_read(&page->req_cons);
	c->out.sent = index_read(&page->rsp_prod);
	page->server_features = RING_FEATURES;
}

static void ring_break(struct stored *st, struct domain *d, uint32_t error, const char *why)
{
	log_warn("domain %u: %s in its store ring; ignored until it reconnects", d->domid, why);
	d->broken = true;
	d->page->error = error;
	st->hv->notify(st->hv_arg, (uint32_t)d->port);
}

void ring_resume(struct stored *st, struct domain *d)
{
	struct outq *q = &d->conn->out;
	uint32_t written = index_read(&d->page->rsp_prod) - (uint32_t)q->sent;

	if (written > outq_len(q)) {
		ring_break(st, d, XENSTORE_ERROR_RINGIDX, "an impossible response index");
		return;
	}
	outq_drop(q, written);
	index_write(&d->page->req_cons, d->conn->req_cons);
	d->page->server_features = RING_FEATURES;
	ring_io.flush(st, d->conn);
}

/* Copies `len` bytes at free-running position `at` out of the request ring. */
static void ring_copy(const struct xenstore_domain_interface *page, uint32_t at, void *to,
		      uint32_t len)
{
	uint32_t off = MASK_XENSTORE_IDX(at), first = XENSTORE_RING_SIZE - off;

	if (first > len) {
		first = len;
	}
	memcpy(to, page->req + off, first);
	memcpy((char *)to + first, page->req, len - first);
}

/* Moves as much output as fits into the response ring. */
static void ring_flush(struct stored *st, struct conn *c)
{
	struct domain *d = c->io_arg;
	uint32_t prod = (uint32_t)c->out.sent, used, len, off, first;

	if (!d->page || d->broken || !outq_len(&c->out)) {
		return;
	}
	used = prod - index_read(&d->page->rsp_cons);
	if (used > XENSTORE_RING_SIZE) {
		ring_break(st, d, XENSTORE_ERROR_RINGIDX, "an impossible response index");
		return;
	}
	len = XENSTORE_RING_SIZE - used;
	if (len > outq_len(&c->out)) {
		len = (uint32_t)outq_len(&c->out);
	}
	if (!len) {
		return;
	}
	off = MASK_XENSTORE_IDX(prod);
	first = XENSTORE_RING_SIZE - off < len ? XENSTORE_RING_SIZE - off : len;
	memcpy(d->page->rsp + off, outq_front(&c->out), first);
	memcpy(d->page->rsp, outq_front(&c->out) + first, len - first);
	index_write(&d->page->rsp_prod, prod + len);
	outq_drop(&c->out, len);
	st->hv->notify(st->hv_arg, (uint32_t)d->port);
}

/* The guest asked for a fresh connection (its kernel was replaced by another). */
static void ring_reconnect(struct stored *st, struct domain *d)
{
	conn_reset(st, d->conn);
	d->broken = false;
	state_add_domain(st, d);
	stored_publish(st);
	ring_start(d->page);
	st->hv->notify(st->hv_arg, (uint32_t)d->port);
}

/*
 * Bytes from the front part already taken (c->in), then from the ring. Returns false when the
 * message has fewer than `len` bytes yet.
 */
static bool ring_peek(const struct domain *d, uint32_t avail, void *to, uint32_t len)
{
	const struct conn *c = d->conn;
	uint32_t held = c->in_len < len ? c->in_len : len;

	if (len - held > avail) {
		return false;
	}
	if (held) {
		memcpy(to, c->in, held);
	}
	ring_copy(d->page, c->req_cons, (char *)to + held, len - held);
	return true;
}

/*
 * Takes the front of a message whose rest is not there yet. It may not stay in the ring: a guest
 * sends an event for the rest only when it sees that everything before it was taken.
 *
 * header: as it was judged, or NULL while it is not complete. What the ring has in its place may
 * be another by now.
 */
static bool ring_absorb(struct stored *st, struct domain *d, const struct xsd_sockmsg *header,
			uint32_t avail)
{
	struct conn *c = d->conn;

	if (!c->in) {
		c->in = xmalloc(MESSAGE_MAX);
	}
	ring_copy(d->page, c->req_cons, c->in + c->in_len, avail);
	if (header) {
		memcpy(c->in, header, sizeof(*header));
	}
	c->req_cons += avail;
	state_add_input(st, c, c->in + c->in_len, avail);
	c->in_len += avail;
	stored_publish(st);
	index_write(&d->page->req_cons, c->req_cons);
	st->hv->notify(st->hv_arg, (uint32_t)d->port);
	/* More may have come before the guest could see that: look again. */
	return true;
}

static void ring_request(struct stored *st, struct domain *d, const struct xsd_sockmsg *header)
{
	uint32_t need = (uint32_t)sizeof(*header) + header->len;
	uint8_t message[MESSAGE_MAX];
	struct conn *c = d->conn;
	uint64_t sent = c->out.sent;

	ring_peek(d, need, message, need);
	c->req_cons += need - c->in_len;
	c->in_len = 0;
	state_add_input(st, c, NULL, 0);
	wire_request(st, c, header, (char *)message + sizeof(*header));
	journal_publish(st->journal);
	index_write(&d->page->req_cons, c->req_cons);
	stored_publish(st);
	if (c->out.sent == sent) {
		/* The reply did not fit; there is room for requests all the same. */
		st->hv->notify(st->hv_arg, (uint32_t)d->port);
	}
}

/* Takes a message, or what there is of it: `avail` bytes. */
static bool ring_take(struct stored *st, struct domain *d, uint32_t avail)
{
	const struct conn *c = d->conn;
	struct xsd_sockmsg header;
	uint32_t need;

	if (!ring_peek(d, avail, &header, sizeof(header))) {
		return ring_absorb(st, d, NULL, avail);
	}
	if (header.len > XENSTORE_PAYLOAD_MAX) {
		ring_break(st, d, XENSTORE_ERROR_PROTO, "a message too long");
		return false;
	}
	need = (uint32_t)sizeof(header) + header.len;
	/* A front is always shorter than its message; beyond that there is no room for it. */
	if (need <= c->in_len) {
		ring_break(st, d, XENSTORE_ERROR_PROTO, "a message shorter than its front");
		return false;
	}
	if (avail < need - c->in_len) {
		return ring_absorb(st, d, &header, avail);
	}
	ring_request(st, d, &header);
	return true;
}

/* One request, when there is one. Returns whether there may be more. */
static bool ring_turn(struct stored *st, struct domain *d)
{
	struct conn *c = d->conn;
	uint32_t avail;

	if (!d->page) {
		return false;
	}
	if (index_read(&d->page->connection) == XENSTORE_RECONNECT) {
		ring_reconnect(st, d);
	}
	if (d->broken) {
		return false;
	}
	ring_flush(st, c);
	if (d->broken || outq_len(&c->out) > RING_OUT_HIGH) {
		return false;
	}
	avail = index_read(&d->page->req_prod) - c->req_cons;
	if (avail > XENSTORE_RING_SIZE) {
		ring_break(st, d, XENSTORE_ERROR_RINGIDX, "an impossible request index");
		return false;
	}
	return avail && ring_take(st, d, avail);
}

static bool ring_serve(struct stored *st, struct conn *c)
{
	struct domain *d = c->io_arg;
	bool more = ring_turn(st, d);

	/* While it has more to say, it is looked at without being asked. */
	if (!more && d->masked) {
		d->masked = false;
		st->hv->unmask(st->hv_arg, (uint32_t)d->port);
	}
	return more;
}

const struct conn_io ring_io = { .flush = ring_flush, .serve = ring_serve };
