/* SPDX-License-Identifier: MIT */
/*
 * Logs of consoles: they are rotated, and when their folder is gone that is said once.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consoled/logfile.h"
#include "lib/log.h"

static char folder[] = "/tmp/test_logfile.XXXXXX";
static char piece[64 * 1024];
static int complaints;

void log_at(enum log_level level, const char *format, ...)
{
	(void)format;
	assert_int_equal(level, LOG_LEVEL_ERROR);
	complaints++;
}

static const char *path_of(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void folder_remove(void)
{
	unlink(path_of("a_b.log"));
	unlink(path_of("a_b.log.1"));
	unlink(path_of("a_b.log.2"));
	assert_int_equal(rmdir(folder), 0);
}

static int setup(void **state)
{
	(void)state;
	memset(piece, 'p', sizeof(piece));
	complaints = 0;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) ? 0 : 1;
}

/* Until the file is as large as it may become. */
static void fill(struct logfile *l)
{
	size_t i;

	for (i = 0; i < 1024 * 1024; i += sizeof(piece)) {
		logfile_write(l, piece, sizeof(piece));
	}
}

static void a_full_log_is_rotated(void **state)
{
	struct logfile *l = logfile_open(folder, "a/b");

	(void)state;
	assert_non_null(l);
	fill(l);
	fill(l);
	logfile_write(l, "young", 5);
	logfile_close(l);
	assert_int_equal(access(path_of("a_b.log.2"), F_OK), 0);
	assert_int_equal(complaints, 0);
	folder_remove();
}

static void a_folder_that_is_gone_is_told_once(void **state)
{
	struct logfile *l = logfile_open(folder, "a/b");
	int i;

	(void)state;
	folder_remove();
	fill(l);
	for (i = 0; i < 100; i++) {
		logfile_write(l, "lost", 4);
	}
	assert_int_equal(complaints, 1);
	/* It is back; and the next time is news. */
	assert_int_equal(mkdir(folder, 0700), 0);
	logfile_write(l, "kept", 4);
	assert_int_equal(access(path_of("a_b.log"), F_OK), 0);
	folder_remove();
	fill(l);
	logfile_write(l, "lost", 4);
	assert_int_equal(complaints, 2);
	logfile_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_full_log_is_rotated, setup),
		cmocka_unit_test_setup(a_folder_that_is_gone_is_told_once, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
