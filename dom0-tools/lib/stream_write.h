/* SPDX-License-Identifier: MIT */
/*
 * Writing the file of a saved guest, by the layout of stream.h: its headers, and records with their
 * padding. The first error is kept in the writer, and nothing is written after it.
 */
#ifndef LIB_STREAM_WRITE_H
#define LIB_STREAM_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct stream_writer {
	FILE *out;
	int error; /* negative errno, 0: none yet */
};

struct stream_part {
	const void *bytes;
	size_t len;
};

/* xl's header with the configuration, a text in the syntax of xl.cfg. */
void stream_write_file(struct stream_writer *w, const char *config);
/* Up to where libxc's stream begins. */
void stream_write_libxl(struct stream_writer *w);
/* The headers of libxc's stream, for a PV guest saved on this version of a hypervisor. */
void stream_write_image(struct stream_writer *w, uint32_t major, uint32_t minor);

/* A record whose body is these parts, one after the other. */
void stream_write_record(struct stream_writer *w, uint32_t type, const struct stream_part *parts,
			 size_t count);

/* The same piece by piece: what is put between the two must be `length` bytes in all. */
void stream_write_begin(struct stream_writer *w, uint32_t type, uint32_t length);
void stream_write_put(struct stream_writer *w, const void *bytes, size_t len);
void stream_write_end(struct stream_writer *w, uint32_t length);

#endif
