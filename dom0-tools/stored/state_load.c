/* SPDX-License-Identifier: MIT */
/*
 * Reading the journal back: see state.h. One function per record type, in a table. The file was
 * written by an earlier self, but a record that does not hold together is refused, not trusted:
 * the store then starts empty rather than wrong. Single-threaded, no lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/domain.h"
#include "stored/record.h"
#include "stored/state.h"
#include "stored/transaction.h"

#define MESSAGE_MAX (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)

typedef int (*load_fn)(struct stored *st, const char *bytes, size_t len);

/* A record_node taken apart. */
struct loaded_node {
	struct record_node head;
	struct path path;
	struct perms *perms; /* NULL when the record has none */
	struct blob *value;
};

static int node_load(struct loaded_node *n, const char *bytes, size_t len)
{
	const struct record_node *h = &n->head;
	size_t perm_bytes;

	if (len < sizeof(*h)) {
		return -EBADMSG;
	}
	memcpy(&n->head, bytes, sizeof(*h));
	perm_bytes = (size_t)h->perm_count * sizeof(struct perm);
	if (h->path_len > PATH_LEN_MAX ||
	    len != sizeof(*h) + perm_bytes + h->path_len + h->value_len) {
		return -EBADMSG;
	}
	bytes += sizeof(*h);
	n->perms = NULL;
	if (h->perm_count) {
		n->perms = perms_new(h->perm_count);
		memcpy(n->perms->list, bytes, perm_bytes);
	}
	bytes += perm_bytes;
	n->path.len = h->path_len;
	memcpy(n->path.s, bytes, h->path_len);
	n->path.s[h->path_len] = 0;
	n->value = blob_new(bytes + h->path_len, h->value_len);
	return 0;
}

static void node_release(struct loaded_node *n)
{
	perms_put(n->perms);
	blob_put(n->value);
}

/* Makes a change that was valid once; without the journal growing by it. */
static int node_apply(struct view *v, const struct loaded_node *n, bool remove)
{
	if (remove) {
		return view_force_remove(v, n->path.s);
	}
	return n->perms ? view_force_put(v, n->path.s, n->perms, n->value) : -EBADMSG;
}

static int load_change(struct stored *st, const char *bytes, size_t len, bool remove)
{
	struct loaded_node n;
	struct view v;
	int rc = node_load(&n, bytes, len);

	if (!rc) {
		v = stored_view(st);
		rc = node_apply(&v, &n, remove);
		st->root = node_get(v.root);
		deltas_apply(&v.deltas, &st->usage);
		view_release(&v);
		node_release(&n);
	}
	return rc;
}

static int load_put(struct stored *st, const char *bytes, size_t len)
{
	return load_change(st, bytes, len, false);
}

static int load_remove(struct stored *st, const char *bytes, size_t len)
{
	return load_change(st, bytes, len, true);
}

static int load_special(struct stored *st, const char *bytes, size_t len)
{
	struct loaded_node n;
	int which, rc = node_load(&n, bytes, len);

	if (rc) {
		return rc;
	}
	which = special_find(n.path.s);
	if (which >= 0 && n.perms) {
		perms_put(st->special[which]);
		st->special[which] = perms_get(n.perms);
	}
	node_release(&n);
	return which < 0 ? -EBADMSG : 0;
}

static int pair_load(struct record_pair *r, const char *bytes, size_t len)
{
	if (len < sizeof(*r)) {
		return -EBADMSG;
	}
	memcpy(r, bytes, sizeof(*r));
	return 0;
}

static int load_quota(struct stored *st, const char *bytes, size_t len)
{
	struct record_pair r;

	if (pair_load(&r, bytes, len) || r.a >= QUOTA_COUNT) {
		return -EBADMSG;
	}
	st->quota.limit[r.a] = r.b;
	return 0;
}

static int load_domain(struct stored *st, const char *bytes, size_t len)
{
	struct record_domain r;
	struct domain *d;

	if (len != sizeof(r)) {
		return -EBADMSG;
	}
	memcpy(&r, bytes, sizeof(r));
	if (r.domid >= USAGE_DOMAINS) {
		return -EBADMSG;
	}
	d = domain_restore(st, r.domid, r.gfn, r.remote_port);
	conn_reset(st, d->conn);
	d->conn->out.sent = r.sent;
	d->conn->req_cons = r.req_cons;
	d->conn->last_transaction = r.last_transaction;
	return 0;
}

static struct conn *conn_load(struct stored *st, uint32_t id)
{
	struct domain *d = domain_find(st, id);

	return d ? d->conn : NULL;
}

static int load_target(struct stored *st, const char *bytes, size_t len)
{
	struct record_pair r;
	struct conn *c;

	if (pair_load(&r, bytes, len) || !(c = conn_load(st, r.a))) {
		return -EBADMSG;
	}
	c->cred.target = r.b;
	return 0;
}

static int load_release(struct stored *st, const char *bytes, size_t len)
{
	struct record_pair r;
	struct domain *d;

	if (pair_load(&r, bytes, len)) {
		return -EBADMSG;
	}
	LIST_FOREACH(d, &st->domains, link)
	{
		if (d->conn->cred.target == r.a) {
			d->conn->cred.target = CRED_NO_TARGET;
		}
	}
	domain_restore_release(st, r.a);
	return 0;
}

static int watch_load(struct stored *st, const char *bytes, size_t len, struct conn **c,
		      struct record_watch *r, char **path, char **token)
{
	if (len < sizeof(*r)) {
		return -EBADMSG;
	}
	memcpy(r, bytes, sizeof(*r));
	*c = conn_load(st, r->conn);
	if (!*c || r->path_len > PATH_LEN_MAX || r->strip > r->path_len ||
	    len != sizeof(*r) + r->path_len + r->token_len) {
		return -EBADMSG;
	}
	*path = xstrndup(bytes + sizeof(*r), r->path_len);
	*token = xstrndup(bytes + sizeof(*r) + r->path_len, r->token_len);
	return 0;
}

static int load_watch_any(struct stored *st, const char *bytes, size_t len, bool set)
{
	struct record_watch r;
	char *path, *token;
	struct conn *c;
	int rc = watch_load(st, bytes, len, &c, &r, &path, &token);

	if (rc) {
		return rc;
	}
	if (set) {
		conn_add_watch(st, c, path, token, r.depth, r.strip);
	} else {
		rc = conn_unwatch(st, c, path, token);
	}
	free(path);
	free(token);
	return rc ? -EBADMSG : 0;
}

static int load_watch(struct stored *st, const char *bytes, size_t len)
{
	return load_watch_any(st, bytes, len, true);
}

static int load_unwatch(struct stored *st, const char *bytes, size_t len)
{
	return load_watch_any(st, bytes, len, false);
}

static int load_unwatch_all(struct stored *st, const char *bytes, size_t len)
{
	struct record_pair r;
	struct conn *c;

	if (pair_load(&r, bytes, len) || !(c = conn_load(st, r.a))) {
		return -EBADMSG;
	}
	conn_unwatch_all(st, c);
	transaction_drop_all(st, c);
	return 0;
}

static int load_tx_start(struct stored *st, const char *bytes, size_t len)
{
	struct record_pair r;
	struct conn *c;

	if (pair_load(&r, bytes, len) || !(c = conn_load(st, r.a)) || transaction_find(c, r.b)) {
		return -EBADMSG;
	}
	transaction_restore(st, c, r.b);
	return 0;
}

static int load_tx_change(struct stored *st, const char *bytes, size_t len, bool remove)
{
	struct transaction *t = NULL;
	struct loaded_node n;
	struct conn *c;
	int rc = node_load(&n, bytes, len);

	if (rc) {
		return rc;
	}
	c = conn_load(st, n.head.conn);
	if (c) {
		t = transaction_find(c, n.head.transaction);
	}
	if (t) {
		/*
		 * After a rewrite the snapshot is newer than the one it was made on and the
		 * change may not apply any more; it will not be committed either way.
		 */
		node_apply(&t->view, &n, remove);
		t->journaled = t->view.change_count;
		transaction_account(st, c, t);
	}
	node_release(&n);
	return t ? 0 : -EBADMSG;
}

static int load_tx_put(struct stored *st, const char *bytes, size_t len)
{
	return load_tx_change(st, bytes, len, false);
}

static int load_tx_remove(struct stored *st, const char *bytes, size_t len)
{
	return load_tx_change(st, bytes, len, true);
}

static int load_tx_end(struct stored *st, const char *bytes, size_t len)
{
	struct transaction *t;
	struct record_pair r;
	struct conn *c;

	if (pair_load(&r, bytes, len) || !(c = conn_load(st, r.a)) ||
	    !(t = transaction_find(c, r.b))) {
		return -EBADMSG;
	}
	transaction_end(st, c, t, false);
	return 0;
}

static int load_output(struct stored *st, const char *bytes, size_t len)
{
	struct record_pair r;
	struct conn *c;

	if (pair_load(&r, bytes, len) || !(c = conn_load(st, r.a))) {
		return -EBADMSG;
	}
	len -= sizeof(r);
	memcpy(outq_extend(&c->out, len), bytes + sizeof(r), len);
	return 0;
}

static int load_input(struct stored *st, const char *bytes, size_t len)
{
	struct record_pair r;
	struct conn *c;

	if (pair_load(&r, bytes, len) || !(c = conn_load(st, r.a))) {
		return -EBADMSG;
	}
	len -= sizeof(r);
	c->req_cons = r.b;
	if (!len) {
		c->in_len = 0;
		return 0;
	}
	if (len > MESSAGE_MAX - c->in_len) {
		return -EBADMSG;
	}
	if (!c->in) {
		c->in = xmalloc(MESSAGE_MAX);
	}
	memcpy(c->in + c->in_len, bytes + sizeof(r), len);
	c->in_len += (uint32_t)len;
	return 0;
}

static const load_fn load_table[RECORD_TYPES] = {
	[RECORD_PUT] = load_put,
	[RECORD_REMOVE] = load_remove,
	[RECORD_SPECIAL] = load_special,
	[RECORD_QUOTA] = load_quota,
	[RECORD_DOMAIN] = load_domain,
	[RECORD_TARGET] = load_target,
	[RECORD_RELEASE] = load_release,
	[RECORD_WATCH] = load_watch,
	[RECORD_UNWATCH] = load_unwatch,
	[RECORD_UNWATCH_ALL] = load_unwatch_all,
	[RECORD_TX_START] = load_tx_start,
	[RECORD_TX_PUT] = load_tx_put,
	[RECORD_TX_REMOVE] = load_tx_remove,
	[RECORD_TX_END] = load_tx_end,
	[RECORD_OUTPUT] = load_output,
	[RECORD_INPUT] = load_input,
};

static int load_record(uint32_t type, const void *bytes, size_t len, void *arg)
{
	if (type >= RECORD_TYPES || !load_table[type]) {
		return -EBADMSG;
	}
	return load_table[type](arg, bytes, len);
}

int state_open(struct stored *st, const char *path)
{
	struct journal *j;
	int rc;

	j = journal_open(path, &rc);
	if (!j) {
		return rc;
	}
	free(st->journal_path);
	st->journal_path = xstrdup(path);
	if (journal_size(j)) {
		stored_clear(st);
	}
	/* st->journal is still NULL: what is replayed is not written again. */
	rc = journal_replay(j, load_record, st);
	if (rc) {
		journal_close(j);
		return rc;
	}
	rc = journal_size(j) != 0;
	st->journal = j;
	st->journal_floor = 0;
	if (!rc) {
		/* A new journal starts with the state as it is. */
		int saved = state_rewrite(st);

		return saved ? saved : 0;
	}
	return 1;
}
