/* SPDX-License-Identifier: MIT */
/*
 * Permission lists: see perms.h. Pure; no state and no lock.
 */
#include "stored/perms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

#define PERM_DOMID_MAX 0x7fef /* the last number a real domain can have */

struct perms *perms_new(uint32_t count)
{
	struct perms *p = xmalloc(sizeof(*p) + count * sizeof(p->list[0]));

	p->ref = 1;
	p->count = count;
	return p;
}

struct perms *perms_get(struct perms *p)
{
	p->ref++;
	return p;
}

void perms_put(struct perms *p)
{
	if (p && !--p->ref) {
		free(p);
	}
}

static bool perm_is_for(const struct perm *p, const struct cred *who)
{
	return p->domid == who->domid || p->domid == who->target;
}

unsigned int perms_rights(const struct perms *p, const struct cred *who)
{
	uint32_t i;

	if (who->privileged || perm_is_for(&p->list[0], who)) {
		return PERM_ALL;
	}
	for (i = 1; i < p->count; i++) {
		if (perm_is_for(&p->list[i], who)) {
			return p->list[i].rights;
		}
	}
	return p->list[0].rights;
}

bool perms_equal(const struct perms *a, const struct perms *b)
{
	return a == b ||
	       (a->count == b->count && !memcmp(a->list, b->list, a->count * sizeof(a->list[0])));
}

struct perms *perms_owned_by(const struct perms *p, uint16_t domid)
{
	struct perms *copy = perms_new(p->count);

	memcpy(copy->list, p->list, p->count * sizeof(p->list[0]));
	copy->list[0].domid = domid;
	return copy;
}

struct perms *perms_without(const struct perms *p, uint16_t domid)
{
	struct perms *copy = perms_new(p->count);
	uint32_t i;

	copy->count = 0;
	for (i = 0; i < p->count; i++) {
		if (i == 0 || p->list[i].domid != domid) {
			copy->list[copy->count++] = p->list[i];
		}
	}
	return copy;
}

bool perms_names(const struct perms *p, uint16_t domid)
{
	uint32_t i;

	for (i = 0; i < p->count; i++) {
		if (p->list[i].domid == domid) {
			return true;
		}
	}
	return false;
}

uint64_t perms_mask(const struct perms *p)
{
	uint64_t mask = 0;
	uint32_t i;

	for (i = 0; i < p->count; i++) {
		mask |= perms_domid_bit(p->list[i].domid);
	}
	return mask;
}

static const char perm_letters[4] = {
	[PERM_NONE] = 'n',
	[PERM_READ] = 'r',
	[PERM_WRITE] = 'w',
	[PERM_READ | PERM_WRITE] = 'b',
};

/* One "r12": a letter, then decimal digits and nothing else. */
static bool perm_parse(const char *text, size_t len, struct perm *out)
{
	const char *letter;
	uint32_t domid = 0;
	size_t i;

	if (len < 2 || len > 6) {
		return false;
	}
	letter = memchr(perm_letters, text[0], sizeof(perm_letters));
	if (!letter) {
		return false;
	}
	for (i = 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		domid = domid * 10 + (uint32_t)(text[i] - '0');
	}
	out->rights = (uint16_t)(letter - perm_letters);
	out->domid = (uint16_t)domid;
	return domid <= PERM_DOMID_MAX;
}

struct perms *perms_parse(const char *text, size_t len, uint32_t max, int *error)
{
	struct perms *p;
	uint32_t count = 0;
	size_t at, n, i;

	*error = -EINVAL;
	if (!len || text[len - 1]) {
		return NULL;
	}
	for (i = 0; i < len; i++) {
		count += !text[i];
	}
	if (count > max) {
		*error = -ENOSPC;
		return NULL;
	}
	p = perms_new(count);
	for (at = 0, i = 0; at < len; at += n + 1, i++) {
		n = strlen(text + at);
		if (!perm_parse(text + at, n, &p->list[i])) {
			perms_put(p);
			return NULL;
		}
	}
	*error = 0;
	return p;
}

size_t perms_format(const struct perms *p, char *text, size_t room)
{
	size_t need = 0;
	char one[8];
	uint32_t i;
	size_t n;

	for (i = 0; i < p->count; i++) {
		n = (size_t)snprintf(one, sizeof(one), "%c%u",
				     perm_letters[p->list[i].rights & (PERM_READ | PERM_WRITE)],
				     p->list[i].domid) +
		    1;
		if (need + n <= room) {
			memcpy(text + need, one, n);
		}
		need += n;
	}
	return need;
}
