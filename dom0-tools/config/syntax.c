/* SPDX-License-Identifier: MIT */
/*
 * Parser of xl.cfg's syntax: see syntax.h. One pass, one character of look-ahead, recursion only
 * into nested lists.
 */
#include "config/syntax.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

struct reader {
	const char *where, *at, *end;
	unsigned int line, depth;
	struct failure *f;
};

struct text {
	char *bytes;
	size_t len, room;
};

static int read_value(struct reader *r, struct config_value *v);

static int complain(struct reader *r, const char *what)
{
	return failure_set(r->f, -EINVAL, "%s:%u: %s", r->where, r->line, what);
}

static int peek(const struct reader *r)
{
	return r->at < r->end ? (unsigned char)*r->at : -1;
}

static int take(struct reader *r)
{
	int c = peek(r);

	if (c >= 0) {
		r->at++;
		r->line += c == '\n';
	}
	return c;
}

/* Blanks and comments; the line's end too when `lines`. */
static void skip(struct reader *r, bool lines)
{
	int c;

	for (;;) {
		c = peek(r);
		if (c == '#') {
			while (peek(r) >= 0 && peek(r) != '\n') {
				take(r);
			}
		} else if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && lines)) {
			take(r);
		} else if (c == '\\' && r->at + 1 < r->end && r->at[1] == '\n') {
			take(r);
			take(r);
		} else {
			return;
		}
	}
}

static void text_put(struct text *t, char c)
{
	if (t->len + 2 > t->room) {
		t->room = t->room * 2 + 32;
		t->bytes = xrealloc(t->bytes, t->room, 1);
	}
	t->bytes[t->len++] = c;
	t->bytes[t->len] = 0;
}

static int digit(int c, int base)
{
	int v = c >= '0' && c <= '9'   ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : 99;

	return v < base ? v : -1;
}

/* After a backslash. */
static int read_escape(struct reader *r, struct text *t)
{
	static const char plain[][2] = {
		{ 'a', '\a' },  { 'b', '\b' }, { 'f', '\f' }, { 'n', '\n' },
		{ 'r', '\r' },  { 't', '\t' }, { 'v', '\v' }, { '\\', '\\' },
		{ '\'', '\'' }, { '"', '"' },  { '?', '?' },
	};
	int c = take(r), base, most, value = 0, n;
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (plain[i][0] == c) {
			text_put(t, plain[i][1]);
			return 0;
		}
	}
	base = c == 'x' ? 16 : 8;
	most = c == 'x' ? 2 : 3;
	if (c != 'x') {
		if (digit(c, 8) < 0) {
			return complain(r,
					"unknown escape after '\\'; write '\\\\' for a backslash");
		}
		r->at--;
	}
	for (n = 0; n < most && digit(peek(r), base) >= 0; n++) {
		value = value * base + digit(take(r), base);
	}
	if (!n || !value || value > 255) {
		return complain(r, "a numeric escape must stand for a character from 1 to 255");
	}
	text_put(t, (char)value);
	return 0;
}

static int read_quoted(struct reader *r, struct text *t)
{
	int quote = take(r), c, rc;

	for (;;) {
		c = peek(r);
		if (c < 0 || c == '\n') {
			return complain(r, quote == '"' ? "text without its closing \""
							: "text without its closing '");
		}
		take(r);
		if (c == quote) {
			return 0;
		}
		if (c == '\\') {
			rc = read_escape(r, t);
			if (rc) {
				return rc;
			}
		} else if (c) {
			text_put(t, (char)c);
		} else {
			return complain(r, "zero byte in a text; is this a configuration file?");
		}
	}
}

/* Unquoted: a number, or a word (which xl takes as well). */
static int read_word(struct reader *r, struct text *t)
{
	int c;

	while ((c = peek(r)) >= 0 && (isalnum(c) || strchr("_.+-", c)) && c) {
		text_put(t, (char)take(r));
	}
	if (!t->len) {
		return complain(r, "a value is missing; put texts in quotes, lists in [ ]");
	}
	return 0;
}

static int read_list(struct reader *r, struct config_value *v)
{
	struct config_value item;
	int rc;

	if (++r->depth > SYNTAX_DEPTH_MAX) {
		return complain(r, "lists are nested too deeply");
	}
	v->is_list = true;
	take(r);
	for (;;) {
		skip(r, true);
		if (peek(r) == ']') {
			take(r);
			r->depth--;
			return 0;
		}
		if (peek(r) < 0) {
			return complain(r, "list without its closing ]");
		}
		memset(&item, 0, sizeof(item));
		rc = read_value(r, &item);
		if (!(v->count & (v->count + 1))) {
			v->items = xrealloc(v->items, v->count * 2 + 1, sizeof(item));
		}
		v->items[v->count++] = item;
		if (rc) {
			return rc;
		}
		skip(r, true);
		if (peek(r) == ',') {
			take(r);
		} else if (peek(r) != ']') {
			return complain(
				r, peek(r) < 0
					   ? "list without its closing ]"
					   : "expected a comma or ] after an element of the list");
		}
	}
}

static int read_value(struct reader *r, struct config_value *v)
{
	struct text t = { 0 };
	int c = peek(r), rc;

	v->line = r->line;
	if (c == '[') {
		return read_list(r, v);
	}
	if (c == '"' || c == '\'') {
		rc = read_quoted(r, &t);
	} else {
		rc = read_word(r, &t);
	}
	v->text = t.bytes ? t.bytes : xstrdup("");
	return rc;
}

static void value_free(struct config_value *v)
{
	size_t i;

	for (i = 0; i < v->count; i++) {
		value_free(&v->items[i]);
	}
	free(v->items);
	free(v->text);
	memset(v, 0, sizeof(*v));
}

/* `name += value`: joins onto an earlier setting; the result is a setting of its own. */
static int setting_append(struct reader *r, struct config_value *old, struct config_value *more)
{
	char *joined;
	size_t i;

	if (old->is_list != more->is_list) {
		return complain(r, "+= must add a text to a text, or a list to a list");
	}
	old->line = more->line;
	if (!old->is_list) {
		joined = xmalloc(strlen(old->text) + strlen(more->text) + 1);
		strcpy(joined, old->text);
		strcat(joined, more->text);
		free(old->text);
		old->text = joined;
	} else if (more->count) {
		old->items = xrealloc(old->items, old->count + more->count, sizeof(*old->items));
		for (i = 0; i < more->count; i++) {
			old->items[old->count + i] = more->items[i];
		}
		/* The array now has room for just as many as it holds, and never grows again by
		 * read_list(). */
		old->count += more->count;
		more->count = 0;
	}
	return 0;
}

static struct config_setting *setting_new(struct config_tree *tree, char *name)
{
	struct config_setting *s = xcalloc(1, sizeof(*s));

	s->name = name;
	*(tree->last ? &tree->last->next : &tree->first) = s;
	tree->last = s;
	return s;
}

static char *read_name(struct reader *r)
{
	struct text t = { 0 };
	int c;

	while ((c = peek(r)) >= 0 && (isalnum(c) || c == '_')) {
		text_put(&t, (char)take(r));
	}
	return t.bytes;
}

static int read_setting(struct reader *r, struct config_tree *tree)
{
	struct config_setting *old = NULL, *s;
	struct config_value value = { 0 };
	char *name = read_name(r);
	int rc;

	if (!name) {
		return complain(r, "expected NAME = VALUE");
	}
	skip(r, false);
	if (peek(r) == '+') {
		take(r);
		old = (struct config_setting *)config_find(tree, name);
	}
	if (peek(r) != '=') {
		free(name);
		return complain(r, "expected '=' after the name of a setting");
	}
	take(r);
	skip(r, false);
	r->depth = 0;
	rc = read_value(r, &value);
	if (old && !rc) {
		rc = setting_append(r, &old->value, &value);
		value_free(&value);
		free(name);
	} else {
		s = setting_new(tree, name);
		s->value = value;
	}
	if (rc) {
		return rc;
	}
	skip(r, false);
	if (peek(r) >= 0 && peek(r) != '\n' && peek(r) != ';') {
		return complain(r, "unexpected text after the value; one setting a line, or ';' "
				   "between them");
	}
	return 0;
}

int config_parse(struct config_tree *tree, const char *where, const char *text, size_t len,
		 struct failure *f)
{
	struct reader r = { .where = where, .at = text, .end = text + len, .line = 1, .f = f };
	int rc = 0;

	if (len > SYNTAX_TEXT_MAX) {
		return failure_set(f, -EFBIG,
				   "%s: larger than 1 MiB; is this a configuration file?", where);
	}
	for (;;) {
		skip(&r, true);
		while (peek(&r) == ';') {
			take(&r);
			skip(&r, true);
		}
		if (rc || peek(&r) < 0) {
			return rc;
		}
		rc = read_setting(&r, tree);
	}
}

void config_tree_free(struct config_tree *tree)
{
	struct config_setting *s, *next;

	for (s = tree->first; s; s = next) {
		next = s->next;
		value_free(&s->value);
		free(s->name);
		free(s);
	}
	memset(tree, 0, sizeof(*tree));
}

const struct config_setting *config_find(const struct config_tree *tree, const char *name)
{
	const struct config_setting *s, *found = NULL;

	for (s = tree->first; s; s = s->next) {
		if (!strcmp(s->name, name)) {
			found = s;
		}
	}
	return found;
}
