/* SPDX-License-Identifier: MIT */
/*
 * Who uses which disk: two guests that write one file system destroy it, so the second is
 * refused. Identity is the block device's number, or an image file's device and inode, however
 * the path is spelt. See supervise.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "domain/store.h"
#include "lib/xalloc.h"
#include "supervise/supervise.h"

/* False when there is nothing to claim; creating the domain will say what is wrong. */
static bool claim_of(const struct record *r, const struct guest_disk *d, struct claim *c)
{
	char path[4096];
	struct stat st;

	if (!d->target) {
		return false;
	}
	snprintf(path, sizeof(path), "%s%s%s",
		 *d->target == '/' ? ""
		 : r->cwd          ? r->cwd
				   : "",
		 *d->target == '/' ? "" : "/", d->target);
	if (stat(path, &st)) {
		return false;
	}
	c->device = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	c->inode = S_ISBLK(st.st_mode) ? 0 : st.st_ino;
	c->writable = d->writable;
	c->number = d->device;
	return true;
}

static const struct record *claim_conflict(const struct record *r, const struct record *other,
					   const struct claim *c)
{
	size_t i;

	for (i = 0; i < other->claim_count; i++) {
		const struct claim *o = &other->claims[i];

		if (o->device == c->device && o->inode == c->inode &&
		    (c->writable || (o->writable && other != r))) {
			return other;
		}
	}
	return NULL;
}

int claim_disk(struct supervisor *s, struct record *r, const struct guest_disk *d,
	       struct failure *f)
{
	const struct record *other, *holder = NULL;
	struct claim c;

	if (!claim_of(r, d, &c)) {
		return 0;
	}
	LIST_FOREACH(other, &s->records, link)
	{
		holder = holder ? holder : claim_conflict(r, other, &c);
	}
	if (holder) {
		return failure_set(
			f, -EBUSY,
			"the disk '%s' is in use by guest '%s', and one of them "
			"would write to it; shut that guest down, or use access r in both",
			d->target, holder->name);
	}
	r->claims = xrealloc(r->claims, r->claim_count + 1, sizeof(c));
	r->claims[r->claim_count++] = c;
	return 0;
}

int claim_take(struct supervisor *s, struct record *r, struct failure *f)
{
	size_t i;
	int rc = 0;

	claim_release(r);
	for (i = 0; !rc && i < r->g.disk_count; i++) {
		rc = claim_disk(s, r, &r->g.disks[i], f);
	}
	if (rc) {
		claim_release(r);
	}
	return rc;
}

void claim_drop(struct supervisor *s, uint32_t domid, uint32_t number)
{
	struct record *r;
	size_t i;

	LIST_FOREACH(r, &s->records, link)
	{
		/* The youngest: a second disk of the same number was refused, the first stays. */
		for (i = r->domid == (int)domid ? r->claim_count : 0; i; i--) {
			if (r->claims[i - 1].number == number) {
				r->claim_count--;
				memmove(&r->claims[i - 1], &r->claims[i],
					(r->claim_count + 1 - i) * sizeof(r->claims[0]));
				break;
			}
		}
	}
}

int claim_take_live(struct supervisor *s, struct record *r, struct failure *f)
{
	char **numbers, *mode;
	size_t count, i;
	int rc = 0;

	claim_release(r);
	numbers = store_list(s->t.xs, &count, "/local/domain/0/backend/vbd/%d", r->domid);
	for (i = 0; i < count; i++) {
		struct guest_disk d = { .device = (uint32_t)strtoul(numbers[i], NULL, 10) };

		d.target = store_read(s->t.xs, "/local/domain/0/backend/vbd/%d/%s/params", r->domid,
				      numbers[i]);
		mode = store_read(s->t.xs, "/local/domain/0/backend/vbd/%d/%s/mode", r->domid,
				  numbers[i]);
		d.writable = mode && *mode == 'w';
		rc = claim_disk(s, r, &d, f) ? f->code : rc;
		free(d.target);
		free(mode);
	}
	free(numbers);
	return rc;
}

void claim_release(struct record *r)
{
	free(r->claims);
	r->claims = NULL;
	r->claim_count = 0;
}
