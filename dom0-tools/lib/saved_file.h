/* SPDX-License-Identifier: MIT */
/*
 * A saved guest in a file: opens it and reads as far as the configuration.
 */
#ifndef LIB_SAVED_FILE_H
#define LIB_SAVED_FILE_H

#include <stdio.h>

#include "lib/saved.h"

struct saved_file {
	FILE *in;
	struct saved saved;
};

/* A zeroed struct may be closed, and one that could not be opened. Messages name the file. */
int saved_file_open(struct saved_file *s, const char *path, struct failure *f);
void saved_file_close(struct saved_file *s);

#endif
