/* SPDX-License-Identifier: MIT */
/*
 * The supervisor's memory on disk: a file of lines, each "CRC32 JSON". Appending is the only
 * change; when much of the file is history it is replaced by a fresh one in one step. Whatever
 * moment the power fails at, what was acknowledged is there, and what was half written is not.
 *
 * Entries are keyed by a text; the last entry of a key counts, and one whose value is null
 * removes the key. The journal knows nothing about what values mean.
 */
#ifndef SUPERVISE_INVENTORY_H
#define SUPERVISE_INVENTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/failure.h"

struct inventory;

/* Opens or makes the file. *state is an object, key to value: what the file says. */
struct inventory *inventory_open(const char *path, json_t **state, struct failure *f);
void inventory_close(struct inventory *j);
/* On disk when it returns 0. value: borrowed; NULL removes the key. */
int inventory_put(struct inventory *j, const char *key, json_t *value);

/*
 * One line of the file to key and value (new references; value NULL: removed). False for a line
 * that is damaged. Exposed for tests.
 */
bool inventory_read_line(const char *line, size_t len, char **key, json_t **value);

#endif
