/* SPDX-License-Identifier: MIT */
/*
 * The persistent tree against a plain list of paths: random changes, with snapshots taken now and
 * then that must never change, and the invariants of the treap checked as it goes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hash.h"
#include "stored/store.h"

#define PATHS	400
#define STEPS	20000

static uint32_t random_state = 12345;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static struct perms *owned_by(uint16_t domid)
{
	struct perms *p = perms_new(1);

	p->list[0] = (struct perm){ domid, PERM_NONE };
	return p;
}

/* The model: which of a fixed set of paths exist, and with what number as value. */
static char *path_of[PATHS];
static int value_of[PATHS];

static bool below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strncmp(path, top, n) && (path[n] == '/' || !path[n]);
}

static void make_paths(void)
{
	char text[128];
	int i;

	for (i = 0; i < PATHS; i++) {
		if (i < 20) {
			snprintf(text, sizeof(text), "/n%d", i);
		} else {
			snprintf(text, sizeof(text), "%s/k%d", path_of[i / 5 - 4], i % 37);
		}
		path_of[i] = strdup(text);
		value_of[i] = -1;
	}
}

static void forget(int i)
{
	int k;

	for (k = 0; k < PATHS; k++) {
		if (below(path_of[k], path_of[i])) {
			value_of[k] = -1;
		}
	}
}

/* All paths equal to path_of[i] share one value. */
static void note(int i, int value)
{
	int k;

	for (k = 0; k < PATHS; k++) {
		if (!strcmp(path_of[k], path_of[i])) {
			value_of[k] = value;
		}
	}
}

/* The kept list of names against the children there are. */
struct names_check {
	const char *at;
	size_t len;
};

static void check_name(const struct node *kid, void *arg)
{
	struct names_check *c = arg;

	assert_string_equal(c->at, kid->name);
	c->at += kid->name_len + 1u;
	c->len += kid->name_len + 1u;
}

static void check_names(const struct node *parent)
{
	struct blob *names, *again;
	struct names_check c = { "", 0 };

	assert_int_equal(node_names(parent, 1 << 20, &names), 0);
	c.at = names ? (const char *)names->bytes : "";
	node_each_kid(parent, check_name, &c);
	assert_int_equal(c.len, blob_len(names));
	assert_int_equal(node_names(parent, 1 << 20, &again), 0);
	assert_ptr_equal(again, names);
}

static uint64_t check_treap(const struct node *n, const char **last, uint64_t *count)
{
	uint64_t mask;

	if (!n) {
		return 0;
	}
	mask = perms_mask(n->perms);
	mask |= check_treap(n->left, last, count);
	assert_true(!*last || strcmp(*last, n->name) < 0);
	*last = n->name;
	++*count;
	assert_true(!n->left || n->left->rank <= n->rank);
	assert_true(!n->right || n->right->rank <= n->rank);
	check_names(n);
	mask |= check_treap(n->right, last, count);
	if (n->kids) {
		const char *none = NULL;

		mask |= check_treap(n->kids, &none, count);
	}
	assert_int_equal(mask & ~n->domids, 0);
	return mask;
}

static void check_against_model(const struct node *root, const int *values)
{
	const struct node *n;
	int i, number;

	for (i = 0; i < PATHS; i++) {
		n = store_find(root, path_of[i]);
		if (values[i] < 0) {
			assert_null(n);
			continue;
		}
		assert_non_null(n);
		memcpy(&number, n->value->bytes, sizeof(number));
		assert_int_equal(number, values[i]);
	}
}

static void random_step(struct node **root, int step)
{
	int i = (int)draw(PATHS);
	struct perms *p = owned_by((uint16_t)draw(200));
	struct blob *b = blob_new(&step, sizeof(step));
	struct path parent;
	struct node *gone;
	int rc;

	if (draw(4)) {
		parent.len = path_parent_len(path_of[i]);
		memcpy(parent.s, path_of[i], parent.len);
		parent.s[parent.len] = 0;
		bool possible = store_find(*root, parent.s);

		rc = store_put(root, path_of[i], p, b, (uint64_t)step);
		assert_int_equal(rc == 0, possible);
		if (!rc) {
			note(i, step);
		}
	} else {
		gone = store_remove(root, path_of[i], (uint64_t)step);
		assert_int_equal(gone != NULL, value_of[i] >= 0);
		node_put(gone);
		forget(i);
	}
	perms_put(p);
	blob_put(b);
}

static void tree_follows_the_model(void **state)
{
	struct node *root = store_new(owned_by(0)), *snapshot[8] = { NULL };
	static int then[8][PATHS];
	const char *last;
	uint64_t count;
	int step, s;

	(void)state;
	make_paths();
	for (step = 0; step < STEPS; step++) {
		random_step(&root, step);
		if (step % 97 == 0) {
			s = (int)draw(8);
			if (snapshot[s]) {
				check_against_model(snapshot[s], then[s]);
			}
			node_put(snapshot[s]);
			snapshot[s] = node_get(root);
			memcpy(then[s], value_of, sizeof(value_of));
		}
		if (step % 500 == 0) {
			check_against_model(root, value_of);
			last = NULL;
			count = 0;
			check_treap(root, &last, &count);
		}
	}
	for (s = 0; s < 8; s++) {
		if (snapshot[s]) {
			check_against_model(snapshot[s], then[s]);
		}
		node_put(snapshot[s]);
	}
	for (s = 0; s < 64; s++) {
		store_remask(&root, 1ull << s);
	}
	last = NULL;
	count = 0;
	/* Exact now: nothing in the mask that no node has. */
	assert_int_equal(check_treap(root, &last, &count), root->domids);
	node_put(root);
	for (s = 0; s < PATHS; s++) {
		free(path_of[s]);
	}
}

static void names_are_listed_in_order(void **state)
{
	struct perms *p = owned_by(0);
	struct node *root = store_new(perms_get(p));
	char path[32];
	const char *last = NULL;
	uint64_t count = 0;
	int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), "/x%u", (unsigned int)(i * 2654435761u));
		assert_int_equal(store_put(&root, path, p, NULL, 1), 0);
	}
	struct blob *names;

	assert_int_equal(node_names(root, 4096, &names), -E2BIG);
	check_treap(root, &last, &count);
	assert_int_equal(count, 5001);
	node_put(root);
	perms_put(p);
}

static void paths_are_judged(void **state)
{
	static const char *const good[] = { "/", "/a", "/a/b-c_D@9", "rel", "rel/x", "@special" };
	static const char *const bad[] = { "", "//", "/a/", "/a//b", "/a b", "/\xff", "a/", "/a.b" };
	static char deep[PATH_LEN_MAX + 3];
	struct path p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(path_parse(&p, good[i], strlen(good[i]), "/home"), 0);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_not_equal(path_parse(&p, bad[i], strlen(bad[i]), "/home"), 0);
	}
	memset(deep, 'x', sizeof(deep));
	deep[0] = '/';
	assert_int_equal(path_parse(&p, deep, PATH_LEN_MAX, ""), 0);
	assert_int_not_equal(path_parse(&p, deep, PATH_LEN_MAX + 1, ""), 0);
	assert_int_not_equal(path_parse(&p, deep + 1, PATH_REL_MAX + 1, ""), 0);
	assert_int_equal(path_parse(&p, "x", 1, ""), 0);
	assert_string_equal(p.s, "/x");
	assert_int_equal(path_parent_len("/a/b"), 2);
	assert_int_equal(path_parent_len("/a"), 1);
	assert_int_equal(path_parent_len("/"), 0);
}

static void hash_is_siphash_with_a_key(void **state)
{
	uint64_t a = hash_bytes("abc", 3, 0);

	(void)state;
	assert_true(a != hash_bytes("abd", 3, 0));
	assert_true(a != hash_bytes("abc", 3, 1));
	assert_true(a == hash_bytes("abc", 3, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_follows_the_model),
		cmocka_unit_test(names_are_listed_in_order),
		cmocka_unit_test(paths_are_judged),
		cmocka_unit_test(hash_is_siphash_with_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
