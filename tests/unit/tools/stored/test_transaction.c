/* SPDX-License-Identifier: MIT */
/*
 * Transactions against a plain model, in random interleavings of several clients.
 *
 * The model is an array of paths. A commit that succeeded must be explainable as if the whole
 * transaction had run at the moment of commit: running its operations on the model then must give
 * every result the client saw. A commit refused must have a reason: something the transaction
 * touched had changed since it began.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stored/transaction.h"
#include "world.h"

#define FANOUT	3
#define PATHS	(FANOUT + FANOUT * FANOUT + FANOUT * FANOUT * FANOUT)
#define CLIENTS	4
#define OPS	24
#define STEPS	60000

static uint32_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

/* stamp: of the last change of the node itself; kids: of its list of children. -1: no node. */
struct model {
	int value[PATHS];
	int stamp[PATHS];
	int kids[PATHS];
};

static char path_of[PATHS][16];

static int parent_of(int i)
{
	return i < FANOUT ? -1 : i / FANOUT - 1;
}

static void make_paths(void)
{
	int i, p;

	for (i = 0; i < PATHS; i++) {
		p = parent_of(i);
		if (p >= 0) {
			memcpy(path_of[i], path_of[p], sizeof(path_of[i]));
		}
		memcpy(path_of[i] + strlen(path_of[i]), (char[]){ '/', (char)('a' + i % FANOUT), 0 }, 3);
	}
}

enum op { OP_READ, OP_WRITE, OP_MKDIR, OP_RM, OP_LIST, OP_KINDS };

struct done {
	enum op op;
	int path, value;
	int result;		/* errno, or the value read, or the bits of the listing */
};

static int stamp_now;

static void model_rm(struct model *m, int i)
{
	int k, p = parent_of(i);

	m->value[i] = -1;
	m->stamp[i] = -1;
	m->kids[i] = -1;
	if (p >= 0) {
		m->kids[p] = ++stamp_now;
	}
	for (k = (i + 1) * FANOUT; k < (i + 1) * FANOUT + FANOUT && k < PATHS; k++) {
		if (m->value[k] >= 0) {
			model_rm(m, k);
		}
	}
}

static void model_make(struct model *m, int i, int value)
{
	int p = parent_of(i);

	if (m->value[i] < 0) {
		if (p >= 0 && m->value[p] < 0) {
			model_make(m, p, 0);
		}
		m->kids[i] = ++stamp_now;
		if (p >= 0) {
			m->kids[p] = ++stamp_now;
		}
	}
	m->value[i] = value;
	m->stamp[i] = ++stamp_now;
}

/* Errors are returned as 1000 + errno, so as not to look like values. */
static int model_run(struct model *m, const struct done *d)
{
	int i = d->path, p = parent_of(i), k, bits = 0;

	switch (d->op) {
	case OP_READ:
		return m->value[i] < 0 ? 1000 + ENOENT : m->value[i];
	case OP_WRITE:
		model_make(m, i, d->value);
		return 0;
	case OP_MKDIR:
		if (m->value[i] < 0) {
			model_make(m, i, 0);
		}
		return 0;
	case OP_RM:
		if (m->value[i] >= 0) {
			model_rm(m, i);
			return 0;
		}
		return p < 0 || m->value[p] >= 0 ? 0 : 1000 + ENOENT;
	default:
		if (m->value[i] < 0) {
			return 1000 + ENOENT;
		}
		for (k = 0; k < FANOUT && (i + 1) * FANOUT + k < PATHS; k++) {
			bits |= (m->value[(i + 1) * FANOUT + k] >= 0) << k;
		}
		return bits;
	}
}

static int store_run(struct mailbox *m, uint32_t tx, const struct done *d)
{
	const char *path = path_of[d->path];
	struct message *r;
	char text[16];
	int rc, bits = 0;
	size_t at;

	switch (d->op) {
	case OP_READ:
		r = ask_strings(m, XS_READ, tx, path, NULL);
		rc = reply_error(r);
		return rc ? 1000 + rc : atoi(r->payload);
	case OP_WRITE:
		snprintf(text, sizeof(text), "%d", d->value);
		rc = do_write(m, tx, path, text);
		return rc ? 1000 + rc : 0;
	case OP_MKDIR:
		rc = do_op(m, XS_MKDIR, tx, path);
		return rc ? 1000 + rc : 0;
	case OP_RM:
		rc = do_op(m, XS_RM, tx, path);
		return rc ? 1000 + rc : 0;
	default:
		r = ask_strings(m, XS_DIRECTORY, tx, path, NULL);
		rc = reply_error(r);
		for (at = 0; !rc && at < r->header.len; at += 2) {
			bits |= 1 << (r->payload[at] - 'a');
		}
		return rc ? 1000 + rc : bits;
	}
}

static struct model truth;

/* One client, in a transaction or not. */
struct client {
	struct mailbox mail;
	uint32_t tx;
	struct model began;
	struct done done[OPS];
	int count;
};

static void random_op(struct done *d)
{
	d->op = (enum op)draw(OP_KINDS);
	d->path = (int)draw(PATHS);
	d->value = 1 + (int)draw(900);
	if (d->op == OP_RM && draw(2)) {
		d->op = OP_READ;
	}
}

/* Did anything that bears on this path change? */
static bool path_changed(const struct model *a, const struct model *b, int i)
{
	for (; i >= 0; i = parent_of(i)) {
		if (a->stamp[i] != b->stamp[i] || a->kids[i] != b->kids[i]) {
			return true;
		}
	}
	return false;
}

static void client_commit(struct client *c)
{
	struct model then = truth;
	int rc = do_op(&c->mail, XS_TRANSACTION_END, c->tx, "T"), i;
	bool reason = false;

	c->tx = 0;
	if (rc == EAGAIN) {
		for (i = 0; i < c->count; i++) {
			reason = reason || path_changed(&c->began, &truth, c->done[i].path);
		}
		assert_true(reason);
		return;
	}
	assert_int_equal(rc, 0);
	for (i = 0; i < c->count; i++) {
		assert_int_equal(model_run(&then, &c->done[i]), c->done[i].result);
	}
	truth = then;
}

static void client_step(struct client *c, uint32_t *commits)
{
	struct done d;

	if (!c->tx && !draw(3)) {
		c->tx = begin(&c->mail);
		assert_int_not_equal(c->tx, 0);
		c->began = truth;
		c->count = 0;
		return;
	}
	if (c->tx && (c->count == OPS || !draw(6))) {
		if (draw(8)) {
			client_commit(c);
			++*commits;
		} else {
			assert_int_equal(do_op(&c->mail, XS_TRANSACTION_END, c->tx, "F"), 0);
			c->tx = 0;
		}
		return;
	}
	random_op(&d);
	d.result = store_run(&c->mail, c->tx, &d);
	if (c->tx) {
		c->done[c->count++] = d;
	} else {
		assert_int_equal(model_run(&truth, &d), d.result);
	}
}

static void store_equals_truth(void)
{
	const struct node *n;
	int i;

	for (i = 0; i < PATHS; i++) {
		n = store_find(world.st->root, path_of[i]);
		assert_int_equal(n != NULL, truth.value[i] >= 0);
		if (n && n->value) {
			char text[16] = "";

			memcpy(text, n->value->bytes, n->value->len);
			assert_int_equal(atoi(text), truth.value[i]);
		}
	}
}

static void commits_are_serialisable(void **state)
{
	static struct client client[CLIENTS];
	uint32_t commits = 0;
	int i, step;

	(void)state;
	world_begin();
	make_paths();
	random_state = 4711;
	memset(&truth, 0xff, sizeof(truth));
	for (i = 0; i < CLIENTS; i++) {
		client_open(&client[i].mail, 0);
	}
	for (step = 0; step < STEPS; step++) {
		client_step(&client[draw(CLIENTS)], &commits);
		if (step % 1000 == 0) {
			store_equals_truth();
		}
	}
	store_equals_truth();
	assert_true(commits > 1000);
	for (i = 0; i < CLIENTS; i++) {
		client_close(&client[i].mail);
	}
	assert_int_equal(do_op((client_open(&client[0].mail, 0), &client[0].mail), XS_CONTROL, 0,
			       "check"), 0);
	client_close(&client[0].mail);
	world_end();
}

static void strangers_do_not_conflict(void **state)
{
	struct mailbox a, b;
	uint32_t ta, tb;

	(void)state;
	world_begin();
	client_open(&a, 0);
	client_open(&b, 0);
	assert_int_equal(do_op(&a, XS_MKDIR, 0, "/dir"), 0);
	ta = begin(&a);
	tb = begin(&b);
	/* The same directory, different names. */
	assert_int_equal(do_write(&a, ta, "/dir/a", "1"), 0);
	assert_int_equal(do_write(&b, tb, "/dir/b", "2"), 0);
	/* Not seen before the commit. */
	assert_int_equal(do_op(&b, XS_READ, tb, "/dir/a"), ENOENT);
	assert_int_equal(do_op(&b, XS_READ, 0, "/dir/a"), ENOENT);
	assert_int_equal(do_op(&a, XS_READ, ta, "/dir/a"), 0);
	/* b read the absence of /dir/a, so only a different pair commits. */
	assert_int_equal(do_op(&a, XS_TRANSACTION_END, ta, "T"), 0);
	assert_int_equal(do_op(&b, XS_TRANSACTION_END, tb, "T"), EAGAIN);
	ta = begin(&a);
	tb = begin(&b);
	assert_int_equal(do_write(&a, ta, "/dir/c", "1"), 0);
	assert_int_equal(do_write(&b, tb, "/dir/d", "2"), 0);
	assert_int_equal(do_op(&a, XS_TRANSACTION_END, ta, "T"), 0);
	assert_int_equal(do_op(&b, XS_TRANSACTION_END, tb, "T"), 0);
	assert_int_equal(do_op(&a, XS_READ, 0, "/dir/d"), 0);
	/* Listing a directory does depend on who is in it. */
	ta = begin(&a);
	assert_int_equal(do_op(&a, XS_DIRECTORY, ta, "/dir"), 0);
	assert_int_equal(do_write(&b, 0, "/dir/e", "3"), 0);
	assert_int_equal(do_op(&a, XS_TRANSACTION_END, ta, "T"), EAGAIN);
	/* No nesting; a number is used once; an abandoned one leaves nothing. */
	ta = begin(&a);
	assert_int_equal(do_op(&a, XS_TRANSACTION_START, ta, ""), EBUSY);
	assert_int_equal(do_write(&a, ta, "/dropped", "1"), 0);
	assert_int_equal(do_op(&a, XS_TRANSACTION_END, ta, "F"), 0);
	assert_int_equal(do_op(&a, XS_TRANSACTION_END, ta, "T"), ENOENT);
	assert_int_equal(do_op(&a, XS_READ, 0, "/dropped"), ENOENT);
	client_close(&a);
	client_close(&b);
	world_end();
}

static void watches_fire_at_commit(void **state)
{
	struct mailbox a, b;
	struct message m;
	uint32_t ta;

	(void)state;
	world_begin();
	client_open(&a, 0);
	client_open(&b, 0);
	assert_int_equal(do_op(&b, XS_WATCH, 0, "/x", "t"), 0);
	assert_true(client_next(&b, &m));
	ta = begin(&a);
	assert_int_equal(do_write(&a, ta, "/x/1", "1"), 0);
	assert_int_equal(do_op(&a, XS_SET_PERMS, ta, "/x/1", "n5"), 0);
	assert_int_equal(do_write(&a, ta, "/x/2", "1"), 0);
	assert_false(client_next(&b, &m));
	assert_int_equal(do_op(&a, XS_TRANSACTION_END, ta, "T"), 0);
	assert_true(client_next(&b, &m));
	assert_string_equal(m.payload, "/x/1");
	assert_true(client_next(&b, &m));
	assert_string_equal(m.payload, "/x/2");
	assert_false(client_next(&b, &m));
	client_close(&a);
	client_close(&b);
	world_end();
}

static void a_guest_cannot_hoard(void **state)
{
	struct mailbox dom0, guest;
	char path[64];
	uint32_t t;
	int i, rc = 0;

	(void)state;
	world_begin();
	client_open(&dom0, 0);
	client_open(&guest, 2);
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, "/local/domain/2"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "/local/domain/2", "n2"), 0);
	t = begin(&guest);
	for (i = 0; !rc && i < 5000; i++) {
		snprintf(path, sizeof(path), "n%d", i);
		rc = do_op(&guest, XS_READ, t, path);
		rc = rc == ENOENT ? 0 : rc;
	}
	assert_int_equal(rc, ENOSPC);
	assert_int_equal(i, 1025);
	assert_int_equal(do_op(&guest, XS_TRANSACTION_END, t, "F"), 0);
	t = begin(&guest);
	for (i = 0, rc = 0; !rc && i < 100000; i++) {
		rc = do_write(&guest, t, "same", "again and again and again and again");
	}
	assert_int_equal(rc, ENOSPC);
	assert_true(usage_of(&world.st->usage, 2)->memory < 3 * 1024 * 1024);
	assert_int_equal(do_op(&guest, XS_TRANSACTION_END, t, "F"), 0);
	assert_int_equal(do_op(&dom0, XS_RM, 0, "/local/domain/2"), 0);
	assert_int_equal(usage_of(&world.st->usage, 2)->memory, 0);
	/* Two transactions that fit alone, but not together. */
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, "/local/domain/2"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "/local/domain/2", "n2"), 0);
	assert_int_equal(do_op(&dom0, XS_CONTROL, 0, "quota", "set", "nodes", "6"), 0);
	t = begin(&guest);
	uint32_t t2 = begin(&guest);

	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "a%d", i);
		assert_int_equal(do_write(&guest, t, path, ""), 0);
		snprintf(path, sizeof(path), "b%d", i);
		assert_int_equal(do_write(&guest, t2, path, ""), 0);
	}
	assert_int_equal(do_op(&guest, XS_TRANSACTION_END, t, "T"), 0);
	assert_int_equal(do_op(&guest, XS_TRANSACTION_END, t2, "T"), ENOSPC);
	assert_int_equal(usage_of(&world.st->usage, 2)->nodes, 5);
	client_close(&dom0);
	client_close(&guest);
	world_end();
}

static void old_transactions_move_to_the_present(void **state)
{
	struct mailbox dom0, guest;
	struct message *r;
	uint32_t t;

	(void)state;
	world_begin();
	client_open(&dom0, 0);
	client_open(&guest, 2);
	assert_int_equal(do_op(&dom0, XS_MKDIR, 0, "/local/domain/2"), 0);
	assert_int_equal(do_op(&dom0, XS_SET_PERMS, 0, "/local/domain/2", "n2"), 0);
	t = begin(&guest);
	assert_int_equal(do_write(&guest, t, "mine", "1"), 0);
	assert_int_equal(do_write(&dom0, 0, "/local/domain/2/new", "2"), 0);
	assert_int_equal(do_op(&guest, XS_READ, t, "new"), ENOENT);
	world.st->clock += TRANSACTION_AGE;
	transaction_refresh_old(world.st);
	assert_int_equal(do_op(&guest, XS_READ, t, "new"), ENOENT);
	world.st->clock++;
	transaction_refresh_old(world.st);
	r = ask_strings(&guest, XS_READ, t, "mine", NULL);
	assert_string_equal(r->payload, "1");
	assert_int_equal(do_op(&guest, XS_READ, t, "new"), 0);
	assert_int_equal(do_op(&guest, XS_TRANSACTION_END, t, "T"), EAGAIN);
	assert_int_equal(do_op(&guest, XS_READ, 0, "mine"), ENOENT);
	assert_int_equal(do_op(&dom0, XS_RM, 0, "/local/domain/2"), 0);
	assert_int_equal(usage_of(&world.st->usage, 2)->memory, 0);
	client_close(&dom0);
	client_close(&guest);
	world_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commits_are_serialisable),
		cmocka_unit_test(strangers_do_not_conflict),
		cmocka_unit_test(watches_fire_at_commit),
		cmocka_unit_test(a_guest_cannot_hoard),
		cmocka_unit_test(old_transactions_move_to_the_present),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
