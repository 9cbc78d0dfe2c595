/* SPDX-License-Identifier: MIT */
/*
 * A small saved guest as a file in memory, with everything that such a file can have. For tests
 * that change it and see what comes of that.
 *
 *	pfn 0 start info	1 its list of memory	2 root of its page tables (pinned)
 *	3 4 5 tables below	6 data			7 a page without contents
 *	8 none			9 named by a table only	10 ring of the store
 *	11 ring of the console	12 descriptor table	13 root for user mode (pinned)
 */
#ifndef TEST_SAMPLE_H
#define TEST_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/saved.h"

#define SAMPLE_PFNS   14u
#define SAMPLE_VCPUS  2u
#define SAMPLE_CONFIG "name = 'sample'\n"

enum { SAMPLE_START, SAMPLE_LIST, SAMPLE_L4, SAMPLE_L3, SAMPLE_L2, SAMPLE_L1, SAMPLE_DATA,
       SAMPLE_ALLOC, SAMPLE_NONE, SAMPLE_NAMED, SAMPLE_STORE, SAMPLE_CONSOLE, SAMPLE_GDT,
       SAMPLE_USER };

/*
 * at         where the last record of each type begins
 * libxl, context, image, domain, last    headers: of libxl, of its record with the state, of the
 *            state, and libxl's last record
 * contents   where the pages' contents begin, in the order of pfns that have some
 */
struct sample {
	uint8_t *bytes;
	size_t len, room;
	size_t at[STREAM_TYPES];
	size_t libxl, context, image, domain, contents, last;
	size_t read; /* how much of it sample_source() has given out */
};

void sample_make(struct sample *s, uint32_t version);
void sample_free(struct sample *s);
void sample_put32(struct sample *s, size_t at, uint32_t value);
void sample_put64(struct sample *s, size_t at, uint64_t value);
/* Where the contents of a page are that has some. */
size_t sample_page(const struct sample *s, uint32_t pfn);
/* From its beginning. */
struct saved_source sample_source(struct sample *s);

#endif
