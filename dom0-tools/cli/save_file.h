/* SPDX-License-Identifier: MIT */
/*
 * The file a guest is saved to. It comes to its name when it is whole and on the disk: what has
 * that name until then stays what it is. What is no regular file (a pipe, a device) is written to
 * as it is.
 */
#ifndef CLI_SAVE_FILE_H
#define CLI_SAVE_FILE_H

#include <stdio.h>

#include "lib/failure.h"

struct save_file {
	char *path;
	char *temporary; /* NULL: written in place */
	FILE *out;
};

int save_file_open(struct save_file *s, const char *path, struct failure *f);
/* Whole: to the disk, and to its name. On failure it is still there to be dropped. */
int save_file_keep(struct save_file *s, struct failure *f);
/* Closes and frees; removes what was not kept. */
void save_file_drop(struct save_file *s);

#endif
