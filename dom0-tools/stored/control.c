/* SPDX-License-Identifier: MIT */
/*
 * Control commands: what an administrator may ask of the running store (xenstore-control). Each
 * is a row; the reply is text. Single-threaded, no lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "stored/domain.h"
#include "stored/state.h"
#include "stored/transaction.h"
#include "stored/wire.h"

#define CONTROL_ARGS 8

/* Text under construction; what does not fit is cut. */
struct text {
	char bytes[XENSTORE_PAYLOAD_MAX];
	size_t len;
};

struct control {
	const char *name;
	const char *usage;
	int (*run)(struct stored *st, const char **arg, int count, struct text *out);
};

static void __attribute__((format(printf, 2, 3))) say(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->bytes + t->len, sizeof(t->bytes) - t->len, format, args);
	va_end(args);
	if (n > 0) {
		t->len += (size_t)n;
	}
	if (t->len > sizeof(t->bytes) - 1) {
		t->len = sizeof(t->bytes) - 1;
	}
}

/* Recounts the tree and compares with the usage table. */
struct recount {
	struct stored *st;
	int64_t nodes, memory;
};

static void recount_visit(const char *path, const struct node *n, void *arg)
{
	struct recount *r = arg;

	(void)path;
	r->nodes++;
	r->memory += (int64_t)node_bytes(n->name_len, n->perms, n->value);
}

static int control_check(struct stored *st, const char **arg, int count, struct text *out)
{
	struct recount r = { .st = st };
	int64_t nodes = 0;
	uint32_t i;

	(void)arg;
	(void)count;
	store_walk(st->root, "/", 0, recount_visit, &r);
	for (i = 0; i < st->usage.top; i++) {
		nodes += usage_of(&st->usage, (uint16_t)i)->nodes;
	}
	say(out, "%" PRId64 " nodes, %" PRId64 " counted: %s\n", r.nodes, nodes,
	    r.nodes == nodes ? "consistent" : "INCONSISTENT, please report this");
	return 0;
}

static int control_log(struct stored *st, const char **arg, int count, struct text *out)
{
	(void)out;
	if (count != 1 || (strcmp(arg[0], "on") && strcmp(arg[0], "off"))) {
		return -EINVAL;
	}
	st->trace = !strcmp(arg[0], "on");
	return 0;
}

static int control_print(struct stored *st, const char **arg, int count, struct text *out)
{
	(void)st;
	(void)out;
	if (count != 1) {
		return -EINVAL;
	}
	log_info("control: %s", arg[0]);
	return 0;
}

static int control_memreport(struct stored *st, const char **arg, int count, struct text *out)
{
	struct recount r = { .st = st };
	const struct conn *c;
	size_t queued = 0, watches = 0, transactions = 0, conns = 0;

	(void)arg;
	(void)count;
	store_walk(st->root, "/", 0, recount_visit, &r);
	TAILQ_FOREACH(c, &st->conns, link)
	{
		queued += outq_len(&c->out);
		watches += c->watch_count;
		transactions += c->transaction_count;
		conns++;
	}
	say(out,
	    "nodes %" PRId64 " (%" PRId64 " bytes)\nconnections %zu\nwatches %zu\n"
	    "transactions %zu\nunsent %zu bytes\njournal %zu bytes\n",
	    r.nodes, r.memory, conns, watches, transactions, queued,
	    st->journal ? journal_size(st->journal) : 0);
	return 0;
}

static int quota_set(struct stored *st, const char *name, const char *value)
{
	int id = quota_find(name);
	uint64_t n;

	if (id < 0 || wire_number(value, UINT32_MAX, &n)) {
		return -EINVAL;
	}
	st->quota.limit[id] = (uint32_t)n;
	state_add_quota(st, (enum quota_id)id);
	return 0;
}

static void quota_of_domain(struct stored *st, uint32_t domid, struct text *out)
{
	const struct usage *u = usage_of(&st->usage, (uint16_t)domid);
	const struct domain *d = domain_find(st, domid);

	say(out, "Domain %u:\n", domid);
	say(out, "nodes: %" PRId64 "\nmemory: %" PRId64 "\n", u->nodes, u->memory);
	if (d) {
		say(out, "watches: %u\ntransactions: %u\nevents: %zu\n", d->conn->watch_count,
		    d->conn->transaction_count, outq_len(&d->conn->out));
	}
}

static int control_quota(struct stored *st, const char **arg, int count, struct text *out)
{
	uint64_t domid;
	int i;

	if (count == 3 && !strcmp(arg[0], "set")) {
		return quota_set(st, arg[1], arg[2]);
	}
	if (count == 1 && !wire_number(arg[0], USAGE_DOMAINS - 1, &domid)) {
		quota_of_domain(st, (uint32_t)domid, out);
		return 0;
	}
	if (count) {
		return -EINVAL;
	}
	for (i = 0; i < QUOTA_COUNT; i++) {
		say(out, "%-20s: %8u\n", quota_names[i], st->quota.limit[i]);
	}
	return 0;
}

static int control_journal(struct stored *st, const char **arg, int count, struct text *out)
{
	int rc;

	(void)arg;
	if (count || !st->journal) {
		return -EINVAL;
	}
	rc = state_rewrite(st);
	if (!rc) {
		say(out, "%zu bytes\n", journal_size(st->journal));
	}
	return rc;
}

/* Where each ring stands: what to look at when a guest waits for the store. */
static int control_rings(struct stored *st, const char **arg, int count, struct text *out)
{
	const struct xenstore_domain_interface *p;
	const struct domain *d;

	(void)arg;
	(void)count;
	LIST_FOREACH(d, &st->domains, link)
	{
		p = d->page;
		if (!p) {
			continue;
		}
		say(out, "%u port %d: request %u/%u, ours %u; response %u/%u, ours %u + %zu%s%s\n",
		    d->domid, d->port, p->req_cons, p->req_prod, d->conn->req_cons, p->rsp_cons,
		    p->rsp_prod, (uint32_t)d->conn->out.sent, outq_len(&d->conn->out),
		    d->conn->runnable ? " runnable" : "", d->broken ? " broken" : "");
	}
	return 0;
}

static int control_help(struct stored *st, const char **arg, int count, struct text *out);

static const struct control controls[] = {
	{ "check", "", control_check },
	{ "help", "", control_help },
	{ "journal", "", control_journal },
	{ "log", "on|off", control_log },
	{ "memreport", "", control_memreport },
	{ "print", "<text>", control_print },
	{ "quota", "[<domid>|set <name> <value>]", control_quota },
	{ "rings", "", control_rings },
};

#define CONTROLS (sizeof(controls) / sizeof(controls[0]))

static int control_help(struct stored *st, const char **arg, int count, struct text *out)
{
	size_t i;

	(void)st;
	(void)arg;
	(void)count;
	for (i = 0; i < CONTROLS; i++) {
		say(out, "%s %s\n", controls[i].name, controls[i].usage);
	}
	return 0;
}

int op_control(struct request *r)
{
	const char *arg[CONTROL_ARGS];
	int count = wire_strings(r, arg, CONTROL_ARGS);
	struct text out = { .len = 0 };
	size_t i;
	int rc;

	if (count < 1 || count > CONTROL_ARGS) {
		return -EINVAL;
	}
	for (i = 0; i < CONTROLS; i++) {
		if (!strcmp(arg[0], controls[i].name)) {
			rc = controls[i].run(r->st, arg + 1, count - 1, &out);
			if (rc) {
				return rc;
			}
			return out.len ? wire_reply(r, out.bytes, out.len + 1) : wire_reply_ok(r);
		}
	}
	return -EINVAL;
}
