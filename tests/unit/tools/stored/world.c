/* SPDX-License-Identifier: MIT */
/*
 * The pretended world of the store's tests: see world.h. Owns the one store under test.
 */
#include "world.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/hv.h"
#include "stored/wire.h"

struct world world;

static struct xenstore_domain_interface *fake_map(void *arg, uint32_t domid, uint64_t gfn)
{
	(void)arg;
	(void)gfn;
	if (domid >= WORLD_DOMAINS || world.map_fails) {
		return NULL;
	}
	world.mapped[domid]++;
	return &world.page[domid];
}

static void fake_unmap(void *arg, uint32_t domid, struct xenstore_domain_interface *page)
{
	(void)arg;
	(void)page;
	world.mapped[domid]--;
}

static int fake_bind(void *arg, uint32_t domid, uint32_t remote_port)
{
	(void)arg;
	world.masked[domid] = false;
	return remote_port == 666 || world.ending[domid] ? -EINVAL : (int)(100 + domid);
}

static void fake_unbind(void *arg, uint32_t port)
{
	(void)arg;
	(void)port;
}

static void fake_notify(void *arg, uint32_t port)
{
	(void)arg;
	world.notified[port - 100]++;
}

static int fake_pending(void *arg)
{
	uint32_t i;

	(void)arg;
	if (world.news) {
		return HV_DOMAIN_EVENT;
	}
	for (i = 0; i < WORLD_DOMAINS; i++) {
		if (!world.masked[i] && (world.event[i] || (i && i == world.storm))) {
			world.event[i] = false;
			world.masked[i] = true;
			world.heard[i]++;
			return (int)(100 + i);
		}
	}
	return HV_NO_EVENT;
}

static void fake_unmask(void *arg, uint32_t port)
{
	(void)arg;
	world.masked[port - 100] = false;
}

static int fake_list(void *arg, uint32_t first, struct hv_domain *out, uint32_t max)
{
	uint32_t i, n = 0;

	(void)arg;
	for (i = first; i < WORLD_DOMAINS && n < max; i++) {
		if (world.alive[i]) {
			out[n++] = (struct hv_domain){ (uint16_t)i, world.flags[i] };
		}
	}
	return (int)n;
}

static const struct hv fake_hv = {
	fake_map,    fake_unmap,   fake_bind,   fake_unbind,
	fake_notify, fake_pending, fake_unmask, fake_list,
};

void world_begin(void)
{
	size_t i;

	memset(&world, 0, sizeof(world));
	for (i = 0; i < WORLD_DOMAINS; i++) {
		world.alive[i] = true;
	}
	log_set_level(LOG_LEVEL_ERROR);
	world.st = stored_new(&fake_hv, NULL);
}

void world_end(void)
{
	stored_free(world.st);
	world.st = NULL;
}

void world_crash(void)
{
	world_end();
}

int world_resume(const char *journal)
{
	int rc;

	world.st = stored_new(&fake_hv, NULL);
	rc = state_open(world.st, journal);
	if (rc > 0) {
		domain_attach_all(world.st);
		domain_check_all(world.st);
	}
	stored_publish(world.st);
	return rc;
}

static void mail_flush(struct stored *st, struct conn *c)
{
	struct mailbox *m = c->io_arg;
	size_t n = outq_len(&c->out);

	(void)st;
	m->bytes = xrealloc(m->bytes, m->len + n, 1);
	memcpy(m->bytes + m->len, outq_front(&c->out), n);
	m->len += n;
	outq_drop(&c->out, n);
}

static bool mail_serve(struct stored *st, struct conn *c)
{
	(void)st;
	(void)c;
	return false;
}

static const struct conn_io mail_io = { mail_flush, mail_serve };

void client_open(struct mailbox *m, uint32_t domid)
{
	*m = (struct mailbox){ 0 };
	m->conn = conn_new(world.st, world.st->next_socket++, domid, &mail_io, m);
}

void client_close(struct mailbox *m)
{
	conn_free(world.st, m->conn);
	free(m->bytes);
	*m = (struct mailbox){ 0 };
}

bool client_next(struct mailbox *m, struct message *out)
{
	size_t len;

	if (m->len < sizeof(out->header)) {
		return false;
	}
	memcpy(&out->header, m->bytes, sizeof(out->header));
	len = sizeof(out->header) + out->header.len;
	memcpy(out->payload, m->bytes + sizeof(out->header), out->header.len);
	out->payload[out->header.len] = 0;
	memmove(m->bytes, m->bytes + len, m->len - len);
	m->len -= len;
	return true;
}

struct message *ask(struct mailbox *m, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
	static struct message reply;
	struct xsd_sockmsg header = { type, 77, tx, (uint32_t)len };

	wire_request(world.st, m->conn, &header, payload);
	stored_publish(world.st);
	do {
		if (!client_next(m, &reply)) {
			abort();
		}
	} while (reply.header.type == XS_WATCH_EVENT);
	if (reply.header.req_id != 77 || reply.header.tx_id != tx) {
		abort();
	}
	return &reply;
}

struct message *ask_strings(struct mailbox *m, uint32_t type, uint32_t tx, ...)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	const char *s;
	size_t len = 0;
	va_list args;

	va_start(args, tx);
	while ((s = va_arg(args, const char *))) {
		memcpy(payload + len, s, strlen(s) + 1);
		len += strlen(s) + 1;
	}
	va_end(args);
	return ask(m, type, tx, payload, len);
}

int reply_error(const struct message *reply)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {
		{ "EINVAL", EINVAL }, { "EACCES", EACCES }, { "EEXIST", EEXIST },
		{ "ENOENT", ENOENT }, { "ENOSPC", ENOSPC }, { "ENOSYS", ENOSYS },
		{ "EROFS", EROFS },   { "EBUSY", EBUSY },   { "EAGAIN", EAGAIN },
		{ "E2BIG", E2BIG },   { "EPERM", EPERM },   { "ENOMEM", ENOMEM },
	};
	size_t i;

	if (reply->header.type != XS_ERROR) {
		return 0;
	}
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (!strcmp(errors[i].name, reply->payload)) {
			return errors[i].number;
		}
	}
	abort();
}

int do_write(struct mailbox *m, uint32_t tx, const char *path, const char *value)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t n = strlen(path) + 1;

	memcpy(payload, path, n);
	memcpy(payload + n, value, strlen(value));
	return reply_error(ask(m, XS_WRITE, tx, payload, n + strlen(value)));
}

uint32_t begin(struct mailbox *m)
{
	struct message *r = ask_strings(m, XS_TRANSACTION_START, 0, "", NULL);

	return reply_error(r) ? 0 : (uint32_t)strtoul(r->payload, NULL, 10);
}

/* Growing text. */
struct dump {
	char *text;
	size_t len, room;
};

static void __attribute__((format(printf, 2, 3))) dump_add(struct dump *d, const char *f, ...)
{
	va_list args;

	if (d->room - d->len < 8192) {
		d->room = d->room * 2 + 16384;
		d->text = xrealloc(d->text, d->room, 1);
	}
	va_start(args, f);
	d->len += (size_t)vsnprintf(d->text + d->len, d->room - d->len, f, args);
	va_end(args);
}

static void dump_node(const char *path, const struct node *n, void *arg)
{
	char perms[512] = "";
	size_t i, len = perms_format(n->perms, perms, sizeof(perms));

	for (i = 0; i + 1 < len; i++) {
		perms[i] = perms[i] ? perms[i] : ',';
	}
	dump_add(arg, "%s [%s] = %.*s\n", path, perms, (int)blob_len(n->value),
		 n->value ? (const char *)n->value->bytes : "");
}

char *world_dump(void)
{
	struct dump d = { 0 };
	const struct watch *w;
	uint32_t i;

	store_walk(world.st->root, "/", 0, dump_node, &d);
	for (i = 0; i < WORLD_DOMAINS; i++) {
		const struct domain *dom = domain_find(world.st, i);
		const struct usage *u = usage_of(&world.st->usage, (uint16_t)i);

		dump_add(&d, "domain %u: %" PRId64 " nodes\n", i, u->nodes);
		if (!dom) {
			continue;
		}
		dump_add(&d, "ring %u: gfn %" PRIu64 " port %u consumed %u target %u\n", i,
			 dom->gfn, dom->remote_port, dom->conn->req_cons, dom->conn->cred.target);
		TAILQ_FOREACH(w, &dom->conn->watches, at_conn)
		{
			dump_add(&d, "watch %u %s %s %d %zu\n", i, w->path, w->token, w->depth,
				 w->strip);
		}
	}
	dump_add(&d, "end\n");
	return d.text;
}

static void guest_event(uint32_t domid)
{
	world.event[domid] = true;
}

/*
 * As Linux does it: an event only when everything before was taken, and after that the other side
 * may or may not have looked before the next part comes.
 */
static bool guest_put(uint32_t domid, const char *bytes, size_t len)
{
	struct xenstore_domain_interface *p = &world.page[domid];
	uint32_t prod, room, n, i;

	while (len) {
		prod = p->req_prod;
		room = XENSTORE_RING_SIZE - (prod - p->req_cons);
		if (!room) {
			world_settle();
			if (prod - p->req_cons == XENSTORE_RING_SIZE) {
				return false;
			}
			continue;
		}
		n = room < len ? room : (uint32_t)len;
		for (i = 0; i < n; i++) {
			p->req[MASK_XENSTORE_IDX(prod + i)] = bytes[i];
		}
		p->req_prod = prod + n;
		bytes += n;
		len -= n;
		if (prod == p->req_cons) {
			guest_event(domid);
		}
		if (++world.sends % 3 == 0) {
			world_settle();
		}
	}
	return true;
}

void guest_send(uint32_t domid, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
	struct xsd_sockmsg header = { type, 55, tx, (uint32_t)len };

	if (guest_put(domid, (const char *)&header, sizeof(header))) {
		guest_put(domid, payload, len);
	}
}

bool guest_receive(uint32_t domid, struct message *out)
{
	struct xenstore_domain_interface *p = &world.page[domid];
	char *to = (char *)&out->header;
	bool full;
	size_t i, need = sizeof(out->header);

	if (p->rsp_prod - p->rsp_cons < need) {
		return false;
	}
	for (i = 0; i < need; i++) {
		if (p->rsp_prod == p->rsp_cons) {
			world_settle();
			if (p->rsp_prod == p->rsp_cons) {
				return false;
			}
		}
		if (i == sizeof(out->header)) {
			to = out->payload - sizeof(out->header);
		}
		to[i] = p->rsp[MASK_XENSTORE_IDX(p->rsp_cons)];
		full = p->rsp_prod - p->rsp_cons >= XENSTORE_RING_SIZE;
		p->rsp_cons++;
		if (full) {
			guest_event(domid);
		}
		if (i + 1 == sizeof(out->header)) {
			need += out->header.len;
		}
	}
	out->payload[out->header.len] = 0;
	return true;
}

void world_turn(void)
{
	struct conn *c, *last;

	domain_take_events(world.st);
	last = TAILQ_LAST(&world.st->runnable, conn_list);
	while (last && (c = TAILQ_FIRST(&world.st->runnable))) {
		last = c == last ? NULL : last;
		TAILQ_REMOVE(&world.st->runnable, c, run_link);
		c->runnable = false;
		if (c->io->serve(world.st, c)) {
			conn_wake(world.st, c);
		}
	}
}

void world_settle(void)
{
	do {
		world_turn();
	} while (!TAILQ_EMPTY(&world.st->runnable));
}
