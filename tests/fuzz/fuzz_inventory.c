/* SPDX-License-Identifier: MIT */
/*
 * The inventory's journal on arbitrary bytes, and what the supervisor makes of its entries. Lines
 * that begin with + get a right checksum, so that their JSON is looked at. Whatever the file held:
 * it opens, takes another entry, and says the same when it is opened again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/log.h"
#include "world.h"

static char path[64];

static void line_put(int fd, const char *line, size_t len, bool whole)
{
	char sum[16];

	if (len && *line == '+') {
		line++;
		len--;
		snprintf(sum, sizeof(sum), "%08lx ", crc32(0, (const Bytef *)line, (uInt)len));
		if (write(fd, sum, 9) != 9) {
			abort();
		}
	}
	if (write(fd, line, len) != (ssize_t)len || (whole && write(fd, "\n", 1) != 1)) {
		abort();
	}
}

static void file_make(const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const char *end;
	size_t n;

	while (len) {
		end = memchr(text, '\n', len);
		n = end ? (size_t)(end - text) : len;
		line_put(fd, text, n, end);
		text += n + !!end;
		len -= n + !!end;
	}
	close(fd);
}

/* As the supervisor does when it starts. */
static void records_try(json_t *state)
{
	struct record *r;
	const char *key;
	json_t *value;

	json_object_foreach(state, key, value)
	{
		r = strncmp(key, "domain/", 7) ? NULL : record_load(&world.s, value);
		if (r) {
			json_decref(record_json(r, true));
			LIST_REMOVE(r, link);
			record_free(r);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct failure f = { 0 };
	struct inventory *j;
	json_t *state, *again;

	log_set_level(LOG_LEVEL_NONE);
	if (!*path) {
		snprintf(path, sizeof(path), "%s/inventory-%d",
			 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (int)getpid());
	}
	file_make((const char *)bytes, len);
	j = inventory_open(path, &state, &f);
	if (!j || !json_is_object(state)) {
		abort();
	}
	records_try(state);
	if (inventory_put(j, "last", state) || inventory_put(j, "gone", state) ||
	    inventory_put(j, "gone", NULL)) {
		abort();
	}
	inventory_close(j);
	json_decref(state);
	j = inventory_open(path, &again, &f);
	if (!j || !json_object_get(again, "last") || json_object_get(again, "gone")) {
		abort();
	}
	inventory_close(j);
	json_decref(again);
	unlink(path);
	return 0;
}
