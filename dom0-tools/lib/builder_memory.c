/* SPDX-License-Identifier: MIT */
/*
 * The domain's memory: getting it, reaching it, and filling it with what comes from files. Part
 * of the domain builder; see builder_internal.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/builder_internal.h"
#include "lib/domctl.h"
#include "lib/xalloc.h"

#define LARGE_ORDER     9 /* 2 MiB */
#define LARGE_PAGES     (1u << LARGE_ORDER)
#define EXTENTS_AT_ONCE 512u

void *builder_map(struct builder *b, uint64_t pfn, size_t count)
{
	int errors[WINDOW_PAGES];
	void *pages = NULL;
	size_t i;

	if (count <= WINDOW_PAGES && pfn + count <= b->in->nr_pages) {
		pages = xenforeignmemory_map(b->foreign, b->domid, PROT_READ | PROT_WRITE, count,
					     b->p2m + pfn, errors);
		for (i = 0; pages && i < count; i++) {
			if (errors[i]) {
				xenforeignmemory_unmap(b->foreign, pages, count);
				errno = -errors[i];
				pages = NULL;
			}
		}
	} else {
		errno = EFAULT;
	}
	if (!pages) {
		failure_set(b->f, -errno, "cannot map pages %llu to %llu of the new domain: %s",
			    (unsigned long long)pfn, (unsigned long long)(pfn + count - 1),
			    strerror(errno));
	}
	return pages;
}

void builder_unmap(struct builder *b, void *pages, size_t count)
{
	xenforeignmemory_unmap(b->foreign, pages, count);
}

int builder_write(struct builder *b, uint64_t pfn, uint64_t offset, const void *from, size_t len)
{
	size_t pages, part;
	char *window;

	pfn += offset / PAGE_BYTES;
	offset %= PAGE_BYTES;
	while (len) {
		part = WINDOW_PAGES * PAGE_BYTES - offset;
		part = len < part ? len : part;
		pages = (offset + part + PAGE_BYTES - 1) / PAGE_BYTES;
		window = builder_map(b, pfn, pages);
		if (!window) {
			return b->f->code;
		}
		if (from) {
			memcpy(window + offset, from, part);
			from = (const char *)from + part;
		} else {
			memset(window + offset, 0, part);
		}
		builder_unmap(b, window, pages);
		len -= part;
		pfn += (offset + part) / PAGE_BYTES;
		offset = (offset + part) % PAGE_BYTES;
	}
	return 0;
}

/*
 * Extents of 2^order pages from *pfn on, while whole ones fit and the hypervisor has them. Not
 * getting one is no error here: smaller ones follow.
 */
static int populate_order(struct builder *b, uint64_t *pfn, unsigned int order)
{
	uint64_t step = 1ul << order, extents[EXTENTS_AT_ONCE], wanted, i, j;
	long got;

	while (b->in->nr_pages - *pfn >= step) {
		wanted = (b->in->nr_pages - *pfn) / step;
		wanted = wanted < EXTENTS_AT_ONCE ? wanted : EXTENTS_AT_ONCE;
		for (i = 0; i < wanted; i++) {
			extents[i] = *pfn + i * step;
		}
		got = domctl_populate(b->h, b->domid, extents, (uint32_t)wanted, order,
				      b->in->mem_flags);
		for (i = 0; got > 0 && i < (uint64_t)got; i++) {
			for (j = 0; j < step; j++) {
				b->p2m[*pfn + j] = extents[i] + j;
			}
			*pfn += step;
		}
		if (got < (long)wanted) {
			return got < 0 ? (int)got : 0;
		}
	}
	return 0;
}

int builder_populate(struct builder *b)
{
	uint64_t pfn = 0;
	int rc;

	b->p2m = xcalloc(b->in->nr_pages, sizeof(*b->p2m));
	rc = populate_order(b, &pfn, LARGE_ORDER);
	if (pfn < b->in->nr_pages && (!rc || rc == -ENOMEM)) {
		rc = populate_order(b, &pfn, 0);
	}
	if (pfn < b->in->nr_pages) {
		rc = rc ? rc : -ENOMEM;
		return failure_set(b->f, rc,
				   "the hypervisor gave %llu of %llu MiB of memory (%s); "
				   "lower `memory`, or shut a guest down",
				   (unsigned long long)(pfn >> 8),
				   (unsigned long long)(b->in->nr_pages >> 8), strerror(-rc));
	}
	return 0;
}

static int kernel_sink(void *context, uint64_t off, const void *src, size_t len)
{
	struct builder *b = context;
	uint64_t start = b->in->kernel->elf.virt_kstart % PAGE_BYTES;

	return builder_write(b, b->layout.kernel.pfn, start + off, src, len);
}

int builder_load_kernel(struct builder *b)
{
	return elf_load_to(&b->in->kernel->elf, kernel_sink, b);
}

/* Straight from the file into the domain's pages. */
static int module_read(struct builder *b, char *to, size_t len, uint64_t at)
{
	ssize_t n;

	while (len) {
		n = pread(b->in->module_fd, to, len, (off_t)at);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			int rc = n ? -errno : -EIO;

			return failure_set(b->f, rc, "cannot read the initrd: %s",
					   n ? strerror(-rc)
					     : "the file became shorter while it was read");
		}
		to += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int builder_load_module(struct builder *b)
{
	uint64_t pfn = b->layout.module.pfn, left = b->in->module_len, at = 0;
	size_t part, pages;
	char *window;
	int rc = 0;

	while (!rc && left) {
		part = left < WINDOW_PAGES * PAGE_BYTES ? left : WINDOW_PAGES * PAGE_BYTES;
		pages = (part + PAGE_BYTES - 1) / PAGE_BYTES;
		window = builder_map(b, pfn, pages);
		if (!window) {
			return b->f->code;
		}
		rc = module_read(b, window, part, at);
		memset(window + part, 0, pages * PAGE_BYTES - part);
		builder_unmap(b, window, pages);
		pfn += pages;
		at += part;
		left -= part;
	}
	return rc;
}
