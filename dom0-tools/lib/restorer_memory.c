/* SPDX-License-Identifier: MIT */
/*
 * The memory of a guest that is restored: frames for its pages, their contents, page tables with
 * frames instead of pfns, the guest's own list of its frames, and pins. Part of the restorer; see
 * restorer_internal.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/domctl.h"
#include "lib/domctl_state.h"
#include "lib/localise.h"
#include "lib/restorer_internal.h"
#include "lib/xalloc.h"

#define DAMAGED "save the guest again"

/* Zeros; what is not touched costs nothing, however many pfns a file claims. */
static void *list_new(uint64_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void restorer_free_memory(struct restorer *r)
{
	if (r->p2m) {
		munmap(r->p2m, r->pfns * sizeof(*r->p2m));
	}
	if (r->types) {
		munmap(r->types, r->pfns);
	}
	free(r->list);
}

int restorer_take_p2m_frames(struct restorer *r, const struct saved_record *record)
{
	const struct stream_p2m_frames *head = record->body;
	uint64_t count = (record->length - sizeof(*head)) / sizeof(uint64_t), i;
	const uint64_t *pfns = (const uint64_t *)(head + 1);

	if (r->p2m || head->first || head->last >= SAVED_PFNS_MAX ||
	    head->last / STREAM_P2M_PER_FRAME + 1 != count) {
		return failure_set(r->f, -EINVAL,
				   "the file is damaged: pages %u to %u of the guest are listed in "
				   "%llu pages%s; " DAMAGED,
				   head->first, head->last, (unsigned long long)count,
				   r->p2m ? ", and were before" : "");
	}
	r->pfns = head->last + 1ull;
	for (i = 0; i < count; i++) {
		if (pfns[i] >= r->pfns) {
			return failure_set(r->f, -EINVAL,
					   "the file is damaged: page %#llx is none of the "
					   "guest's; " DAMAGED,
					   (unsigned long long)pfns[i]);
		}
	}
	r->list = xmemdup(pfns, count * sizeof(*pfns));
	r->list_count = count;
	r->types = list_new(r->pfns);
	r->p2m = list_new(r->pfns * sizeof(*r->p2m));
	return r->types && r->p2m
		       ? 0
		       : failure_set(r->f, -ENOMEM,
				     "dom0 has too little memory to list the guest's");
}

/* Frames for what is wanted. */
static int populate(struct restorer *r)
{
	uint64_t frames[STREAM_PAGES_MAX];
	uint32_t i;
	long got;

	if (!r->wanted_count) {
		return 0;
	}
	memcpy(frames, r->wanted, r->wanted_count * sizeof(*frames));
	got = domctl_populate(r->h, r->domid, frames, r->wanted_count, 0, 0);
	if (got < (long)r->wanted_count) {
		return failure_set(r->f, got < 0 ? (int)got : -ENOMEM,
				   "the hypervisor has not enough memory for it, or its "
				   "configuration allows less than it has; raise `maxmem`, or shut "
				   "a guest down");
	}
	for (i = 0; i < r->wanted_count; i++) {
		r->p2m[r->wanted[i]] = frames[i];
	}
	r->wanted_count = 0;
	return 0;
}

static int want(struct restorer *r, uint64_t pfn)
{
	int rc = 0;

	if (!r->p2m[pfn]) {
		rc = r->wanted_count == STREAM_PAGES_MAX ? populate(r) : 0;
		r->p2m[pfn] = FRAME_PENDING;
		r->wanted[r->wanted_count++] = pfn;
	}
	return rc;
}

/* What a page table names has a frame too, even if its contents come later, or never. */
static int want_named(struct restorer *r, const void *table)
{
	uint64_t missing[LOCALISE_ENTRIES], bad;
	size_t count, i;
	int rc = localise_missing(table, r->p2m, r->pfns, missing, &count, &bad);

	if (rc) {
		return failure_set(r->f, -EINVAL,
				   "the file is damaged: a page table names page %#llx, which is "
				   "none of the guest's; " DAMAGED,
				   (unsigned long long)bad);
	}
	for (i = 0; !rc && i < count; i++) {
		rc = want(r, missing[i]);
	}
	return rc;
}

static int want_all(struct restorer *r, const struct saved_pages *p)
{
	const uint8_t *contents = p->contents;
	unsigned int type;
	uint64_t pfn;
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < p->count; i++) {
		pfn = saved_word_pfn(p->words[i]);
		type = saved_word_type(p->words[i]);
		if (pfn >= r->pfns) {
			return failure_set(r->f, -EINVAL,
					   "the file is damaged: page %#llx is none of the "
					   "guest's; " DAMAGED,
					   (unsigned long long)pfn);
		}
		r->types[pfn] = (uint8_t)type;
		rc = saved_type_there(type) ? want(r, pfn) : 0;
		if (!rc && saved_type_level(type)) {
			rc = want_named(r, contents);
		}
		contents += saved_type_filled(type) ? SAVED_PAGE_BYTES : 0;
	}
	return rc ? rc : populate(r);
}

/* Frames of the domain in our memory, writable. */
static uint8_t *map_frames(struct restorer *r, const xen_pfn_t *frames, uint32_t count)
{
	int errors[STREAM_PAGES_MAX];
	uint8_t *window = xenforeignmemory_map(r->foreign, r->domid, PROT_READ | PROT_WRITE, count,
					       frames, errors);
	uint32_t i;

	for (i = 0; window && i < count; i++) {
		if (errors[i]) {
			xenforeignmemory_unmap(r->foreign, window, count);
			errno = -errors[i];
			window = NULL;
		}
	}
	if (!window) {
		failure_set(r->f, -errno, "cannot map %u pages of the new domain: %s", count,
			    strerror(errno));
	}
	return window;
}

static int write_all(struct restorer *r, const struct saved_pages *p)
{
	xen_pfn_t frames[STREAM_PAGES_MAX];
	unsigned int levels[STREAM_PAGES_MAX], type;
	const uint8_t *from = p->contents;
	uint8_t *window, *to;
	uint32_t i, n = 0;

	for (i = 0; i < p->count; i++) {
		type = saved_word_type(p->words[i]);
		if (saved_type_filled(type)) {
			levels[n] = saved_type_level(type);
			frames[n++] = r->p2m[saved_word_pfn(p->words[i])];
		}
	}
	if (!n) {
		return 0;
	}
	window = map_frames(r, frames, n);
	if (!window) {
		return r->f->code;
	}
	for (i = 0, to = window; i < n; i++, to += SAVED_PAGE_BYTES, from += SAVED_PAGE_BYTES) {
		if (levels[i]) {
			localise_table((uint64_t *)to, (const uint64_t *)from, r->p2m);
		} else {
			memcpy(to, from, SAVED_PAGE_BYTES);
		}
	}
	xenforeignmemory_unmap(r->foreign, window, n);
	return 0;
}

int restorer_take_pages(struct restorer *r, const struct saved_record *record)
{
	struct saved_pages p;
	int rc = saved_pages(record, &p, r->f);

	rc = rc ? rc : want_all(r, &p);
	return rc ? rc : write_all(r, &p);
}

int restorer_frame(struct restorer *r, uint64_t pfn, unsigned int level, const char *what,
		   uint64_t *frame)
{
	if (pfn >= r->pfns || !r->p2m[pfn] || saved_type_level(r->types[pfn]) != level) {
		return failure_set(r->f, -EINVAL,
				   "the file is damaged: page %#llx cannot be %s; " DAMAGED,
				   (unsigned long long)pfn, what);
	}
	*frame = r->p2m[pfn];
	return 0;
}

/* The list has no frame for what the guest has no page for. */
int restorer_write_p2m(struct restorer *r)
{
	uint64_t pfn = 0, i, j, *entries;
	xen_pfn_t frame;
	int rc = 0;

	for (i = 0; !rc && i < r->list_count; i++) {
		rc = restorer_frame(r, r->list[i], 0, "part of its list of memory", &frame);
		entries = rc ? NULL : (uint64_t *)map_frames(r, &frame, 1);
		if (!entries) {
			return r->f->code;
		}
		for (j = 0; j < STREAM_P2M_PER_FRAME; j++, pfn++) {
			entries[j] = pfn < r->pfns && r->p2m[pfn] ? r->p2m[pfn] : ~0ull;
		}
		xenforeignmemory_unmap(r->foreign, entries, 1);
	}
	return rc;
}

/* Large guests have tens of thousands of tables that are pinned, so many go with one call. */
static int pin_some(struct restorer *r, const struct domctl_pin *pins, uint32_t count)
{
	int rc = count ? domctl_pin_tables(r->h, r->domid, pins, count) : 0;

	return rc ? failure_set(r->f, rc,
				"the hypervisor refuses its page tables: %s; the file is "
				"damaged: " DAMAGED,
				strerror(-rc))
		  : 0;
}

int restorer_pin(struct restorer *r)
{
	struct domctl_pin pins[STREAM_PAGES_MAX];
	uint32_t count = 0;
	uint64_t pfn;
	int rc = 0;

	for (pfn = 0; !rc && pfn < r->pfns; pfn++) {
		if (!(r->types[pfn] & STREAM_PAGE_PINNED) || !saved_type_level(r->types[pfn])) {
			continue;
		}
		pins[count].level = saved_type_level(r->types[pfn]);
		pins[count++].mfn = r->p2m[pfn];
		if (count == STREAM_PAGES_MAX) {
			rc = pin_some(r, pins, count);
			count = 0;
		}
	}
	return rc ? rc : pin_some(r, pins, count);
}
