/* SPDX-License-Identifier: MIT */
/*
 * The inventory on disk: what was put is there, also after thousands of changes; a file cut at
 * any byte, or with any byte changed, gives a state that once was, never a mixture.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "supervise/inventory.h"

static char folder[] = "/tmp/inventory-XXXXXX";
static char path[64], copy[64];

/*
 * The disk's moods, by the linker's --wrap: reads stop short after this many bytes, with an error
 * if there is one to give; folders (nothing else is synced whole) are written or not.
 */
static size_t readable;
static int read_error, sync_error, syncs;

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t at);
ssize_t __real_pread(int fd, void *to, size_t len, off_t at);
int __wrap_fsync(int fd);

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t at)
{
	if ((size_t)at >= readable) {
		errno = read_error;
		return read_error ? -1 : 0;
	}
	return __real_pread(fd, to, len < readable - (size_t)at ? len : readable - (size_t)at, at);
}

int __wrap_fsync(int fd)
{
	(void)fd;
	syncs++;
	errno = sync_error;
	return sync_error ? -1 : 0;
}

static int setup(void **state)
{
	(void)state;
	readable = SIZE_MAX;
	read_error = sync_error = syncs = 0;
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(path, sizeof(path), "%s/inventory", folder);
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	unlink(path);
	return 0;
}

static struct inventory *open_it(const char *file, json_t **state)
{
	struct failure f = { 0 };
	struct inventory *j = inventory_open(file, state, &f);

	if (!j) {
		print_error("%s\n", f.text);
	}
	assert_non_null(j);
	return j;
}

static void put(struct inventory *j, const char *key, int value)
{
	json_t *v = value < 0 ? NULL : json_pack("{s:i}", "n", value);

	assert_int_equal(inventory_put(j, key, v), 0);
	json_decref(v);
}

static json_int_t number(json_t *state, const char *key)
{
	json_t *v = json_object_get(state, key);

	return v ? json_integer_value(json_object_get(v, "n")) : -1;
}

static void test_put_and_reopen(void **state)
{
	struct inventory *j;
	json_t *s;

	(void)state;
	j = open_it(path, &s);
	assert_int_equal(json_object_size(s), 0);
	json_decref(s);
	put(j, "a", 1);
	put(j, "b", 2);
	put(j, "a", 3);
	put(j, "b", -1);
	put(j, "c", 4);
	inventory_close(j);
	j = open_it(path, &s);
	assert_int_equal(json_object_size(s), 2);
	assert_int_equal(number(s, "a"), 3);
	assert_int_equal(number(s, "b"), -1);
	assert_int_equal(number(s, "c"), 4);
	json_decref(s);
	inventory_close(j);
}

static void test_many_changes_stay_small(void **state)
{
	struct inventory *j;
	struct stat st;
	json_t *s;
	int i;

	(void)state;
	j = open_it(path, &s);
	json_decref(s);
	for (i = 0; i < 2000; i++) {
		put(j, i & 1 ? "odd" : "even", i);
	}
	inventory_close(j);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 20000);
	j = open_it(path, &s);
	assert_int_equal(number(s, "odd"), 1999);
	assert_int_equal(number(s, "even"), 1998);
	json_decref(s);
	inventory_close(j);
}

static size_t slurp(const char *file, char *to, size_t room)
{
	int fd = open(file, O_RDONLY);
	ssize_t n = read(fd, to, room);

	assert_true(n >= 0);
	close(fd);
	return (size_t)n;
}

static void spill(const char *file, const char *from, size_t len)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, from, len), (ssize_t)len);
	close(fd);
}

/* x and y always change together in one entry, so they must never differ. */
static void check_whole(json_t *s, json_int_t least)
{
	json_t *v = json_object_get(s, "pair");
	json_int_t x, y;

	if (!v) {
		assert_int_equal(least, 0);
		return;
	}
	assert_int_equal(json_unpack(v, "{s:I, s:I}", "x", &x, "y", &y), 0);
	assert_true(x == y && x >= least);
}

static void write_pairs(int count)
{
	struct inventory *j;
	json_t *s, *v;
	int i;

	j = open_it(path, &s);
	json_decref(s);
	for (i = 1; i <= count; i++) {
		v = json_pack("{s:i, s:i}", "x", i, "y", i);
		assert_int_equal(inventory_put(j, "pair", v), 0);
		json_decref(v);
	}
	inventory_close(j);
}

static void test_cut_anywhere(void **state)
{
	static char whole[4096];
	struct inventory *j;
	size_t len, cut;
	json_t *s;

	(void)state;
	write_pairs(8);
	len = slurp(path, whole, sizeof(whole));
	for (cut = 0; cut <= len; cut++) {
		size_t lines = 0, i;

		for (i = 0; i < cut; i++) {
			lines += whole[i] == '\n';
		}
		spill(copy, whole, cut);
		j = open_it(copy, &s);
		check_whole(s, (json_int_t)lines);
		json_decref(s);
		/* And it can be written to: what is put next is not spoilt by the torn line. */
		put(j, "next", 7);
		inventory_close(j);
		j = open_it(copy, &s);
		assert_int_equal(number(s, "next"), 7);
		check_whole(s, (json_int_t)lines);
		json_decref(s);
		inventory_close(j);
	}
}

static void test_any_byte_changed(void **state)
{
	static char whole[4096];
	struct inventory *j;
	size_t len, at;
	json_t *s;

	(void)state;
	write_pairs(5);
	len = slurp(path, whole, sizeof(whole));
	for (at = 0; at < len; at++) {
		whole[at] ^= 0x15;
		spill(copy, whole, len);
		j = open_it(copy, &s);
		check_whole(s, 0);
		json_decref(s);
		inventory_close(j);
		whole[at] ^= 0x15;
	}
}

/* A limit on the size of files stands in for the full disk: the write stops half-way. */
static void test_full_disk_keeps_the_old(void **state)
{
	struct rlimit old, small;
	struct inventory *j;
	struct stat st;
	json_t *s, *v;

	(void)state;
	j = open_it(path, &s);
	json_decref(s);
	put(j, "a", 1);
	assert_int_equal(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = (rlim_t)st.st_size + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	v = json_pack("{s:i}", "n", 2);
	assert_true(inventory_put(j, "a", v) < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	json_decref(v);
	put(j, "b", 3);
	inventory_close(j);
	j = open_it(path, &s);
	assert_int_equal(number(s, "a"), 1);
	assert_int_equal(number(s, "b"), 3);
	json_decref(s);
	inventory_close(j);
}

static void check_unreadable(int error, int expected)
{
	static char before[4096], after[4096];
	struct failure f = { 0 };
	size_t len;
	json_t *s;

	write_pairs(8);
	len = slurp(path, before, sizeof(before));
	readable = len / 2;
	read_error = error;
	assert_null(inventory_open(path, &s, &f));
	assert_int_equal(f.code, -expected);
	readable = SIZE_MAX;
	assert_int_equal(slurp(path, after, sizeof(after)), len);
	assert_memory_equal(before, after, len);
	unlink(path);
}

/* What a bad disk does not give is not taken for the end, and nothing is written in its place. */
static void test_unreadable_is_not_the_end(void **state)
{
	(void)state;
	check_unreadable(EIO, EIO);
	check_unreadable(0, EIO);
}

/* The file has its new name, only that is not known to be on disk: later puts go to it. */
static void test_a_folder_that_is_not_synced(void **state)
{
	struct inventory *j;
	struct stat st;
	json_t *s, *v;
	int i;

	(void)state;
	j = open_it(path, &s);
	json_decref(s);
	sync_error = EIO;
	syncs = 0;
	for (i = 0; !syncs && i < 1000; i++) {
		put(j, "a", i);
	}
	assert_int_equal(syncs, 1);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 100); /* it was replaced */
	/* A power failure now would bring the old one back, so nothing is acknowledged. */
	v = json_pack("{s:i}", "n", 5000);
	assert_int_equal(inventory_put(j, "a", v), -EIO);
	json_decref(v);
	sync_error = 0;
	put(j, "b", 7);
	inventory_close(j);
	j = open_it(path, &s);
	assert_int_equal(number(s, "a"), i - 1);
	assert_int_equal(number(s, "b"), 7);
	json_decref(s);
	inventory_close(j);
}

static void test_a_new_file_is_in_its_folder(void **state)
{
	struct failure f = { 0 };
	json_t *s;

	(void)state;
	sync_error = EIO;
	assert_null(inventory_open(path, &s, &f));
	assert_int_equal(f.code, -EIO);
	sync_error = 0;
	inventory_close(open_it(path, &s));
	json_decref(s);
	assert_int_equal(syncs, 2);
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	unlink(copy);
	rmdir(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_put_and_reopen, setup),
		cmocka_unit_test_setup(test_many_changes_stay_small, setup),
		cmocka_unit_test_setup(test_cut_anywhere, setup),
		cmocka_unit_test_setup(test_any_byte_changed, setup),
		cmocka_unit_test_setup(test_full_disk_keeps_the_old, setup),
		cmocka_unit_test_setup(test_unreadable_is_not_the_end, setup),
		cmocka_unit_test_setup(test_a_folder_that_is_not_synced, setup),
		cmocka_unit_test_setup(test_a_new_file_is_in_its_folder, setup),
	};

	if (!mkdtemp(folder)) {
		return 1;
	}
	return cmocka_run_group_tests_name("inventory", tests, NULL, teardown);
}
