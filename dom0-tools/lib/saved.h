/* SPDX-License-Identifier: MIT */
/*
 * Reading the file of a saved guest: the configuration in front, then the records of the guest's
 * state one by one (layouts: stream.h). Whatever the file says is checked before it is believed:
 * a record that is given out has a known type, a length that fits it, and no more bytes than
 * SAVED_BODY_MAX. Nothing is done with the contents here, and no domain is needed.
 *
 * Where the bytes come from is the caller's: saved_file.h reads files.
 */
#ifndef LIB_SAVED_H
#define LIB_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/failure.h"
#include "lib/stream.h"

#define SAVED_PAGE_BYTES 4096u
#define SAVED_CONFIG_MAX (1u << 20)
#define SAVED_PFNS_MAX   (1ull << 28) /* 1 TiB; bounds what is allocated for a list of them */
#define SAVED_BODY_MAX                                                                             \
	(sizeof(struct stream_pages) + STREAM_PAGES_MAX * (sizeof(uint64_t) + SAVED_PAGE_BYTES))

/* Up to len bytes: how many came, 0 at the end, or a negative errno. */
struct saved_source {
	long (*read)(void *arg, void *to, size_t len);
	void *arg;
};

/*
 * config   ends with a zero that config_len does not count; JSON or the text of an xl.cfg file
 * version  of the guest's state, once saved_enter() was there
 */
struct saved {
	struct saved_source source;
	char *config;
	size_t config_len;
	bool json;
	uint32_t version;
	void *body;
	size_t room;
};

/* body is aligned for words and stays until the next record is read. */
struct saved_record {
	uint32_t type, length;
	const void *body;
};

/* The header and the configuration. Release with saved_free() in any case. */
int saved_begin(struct saved *s, const struct saved_source *source, struct failure *f);
void saved_free(struct saved *s);
/* To the first record of the state. */
int saved_enter(struct saved *s, struct failure *f);
/*
 * The next record. When it is STREAM_END, the rest of the file was read as well, and was as it
 * should be.
 */
int saved_next(struct saved *s, struct saved_record *r, struct failure *f);

/* saved_body.c: may a record of this type have this length? */
int saved_check_length(uint32_t type, uint32_t length, struct failure *f);

/*
 * A record of pages, taken apart: words[count], each a pfn with its type on top, and the contents
 * of those pages that have some, in the same order.
 */
struct saved_pages {
	uint32_t count, filled;
	const uint64_t *words;
	const uint8_t *contents;
};

int saved_pages(const struct saved_record *r, struct saved_pages *p, struct failure *f);

static inline uint64_t saved_word_pfn(uint64_t word)
{
	return word & STREAM_PFN_MASK;
}

static inline unsigned int saved_word_type(uint64_t word)
{
	return (unsigned int)(word >> STREAM_TYPE_SHIFT);
}

/* Of a page of this type: the level of a page table, or 0. */
static inline unsigned int saved_type_level(unsigned int type)
{
	unsigned int level = type & ~(unsigned int)STREAM_PAGE_PINNED;

	return level >= STREAM_PAGE_L1 && level <= STREAM_PAGE_L4 ? level : 0;
}

/* Does the file have its contents? */
static inline bool saved_type_filled(unsigned int type)
{
	return type == STREAM_PAGE_PLAIN || saved_type_level(type);
}

/* Does the guest have a page there? */
static inline bool saved_type_there(unsigned int type)
{
	return saved_type_filled(type) || type == STREAM_PAGE_ALLOC;
}

#endif
