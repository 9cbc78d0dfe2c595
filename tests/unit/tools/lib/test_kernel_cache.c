/* SPDX-License-Identifier: MIT */
/*
 * Unpacked kernels that are kept: the same bytes come back for the same file and for no other,
 * few are kept, those that nobody asks for go, and a folder that others can write is not trusted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/kernel_cache.h"

static char top[64], folder[96];
static char image[10000];

static struct stat kernel_file(unsigned int inode)
{
	struct stat st = { .st_dev = 1, .st_ino = inode, .st_size = 77 };

	st.st_ctim.tv_sec = 1000000;
	return st;
}

static int setup(void **state)
{
	size_t i;

	(void)state;
	strcpy(top, "/tmp/kernel_cache.XXXXXX");
	assert_non_null(mkdtemp(top));
	snprintf(folder, sizeof(folder), "%s/run/kernels", top);
	kernel_cache_folder = folder;
	for (i = 0; i < sizeof(image); i++) {
		image[i] = (char)(i * 7);
	}
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static bool there(const struct stat *st)
{
	void *got;
	size_t len;

	if (!kernel_cache_get(st, &got, &len)) {
		return false;
	}
	assert_int_equal(len, sizeof(image));
	assert_memory_equal(got, image, len);
	munmap(got, len);
	return true;
}

static unsigned int files(void)
{
	DIR *all = opendir(folder);
	unsigned int n = 0;
	struct dirent *e;

	while (all && (e = readdir(all))) {
		n += e->d_name[0] != '.';
	}
	if (all) {
		closedir(all);
	}
	return n;
}

static void the_same_file_only(void **state)
{
	struct stat st = kernel_file(5), other;

	(void)state;
	assert_false(there(&st));
	kernel_cache_put(&st, image, sizeof(image));
	assert_true(there(&st));
	other = st;
	other.st_ino++;
	assert_false(there(&other));
	other = st;
	other.st_ctim.tv_nsec++;
	assert_false(there(&other));
	kernel_cache_drop(&st);
	assert_false(there(&st));
}

/* It may be written again within the same tick of the clock. */
static void a_file_just_written_is_not_kept(void **state)
{
	struct stat st = kernel_file(5);

	(void)state;
	st.st_ctim.tv_sec = time(NULL);
	kernel_cache_put(&st, image, sizeof(image));
	assert_false(there(&st));
	assert_int_equal(files(), 0);
}

static void more_than_memory_has(void **state)
{
	struct stat st = kernel_file(5);

	(void)state;
	kernel_cache_put(&st, image, 1ul << 50);
	assert_int_equal(files(), 0);
}

static void few_are_kept(void **state)
{
	struct stat st;
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		st = kernel_file(i);
		kernel_cache_put(&st, image, sizeof(image));
		assert_true(there(&st));
		kernel_cache_put(&st, image, sizeof(image));
		assert_true(files() <= 3);
	}
}

static void unused_ones_go(void **state)
{
	struct stat st = kernel_file(5);

	(void)state;
	kernel_cache_put(&st, image, sizeof(image));
	kernel_cache_expire(time(NULL) - 100);
	assert_true(there(&st));
	kernel_cache_expire(time(NULL) + 100);
	assert_false(there(&st));
	assert_int_equal(files(), 0);
}

static void a_folder_of_others_is_not_trusted(void **state)
{
	struct stat st = kernel_file(5);

	(void)state;
	kernel_cache_put(&st, image, sizeof(image));
	assert_int_equal(chmod(folder, 0777), 0);
	assert_false(there(&st));
	kernel_cache_put(&st, image, sizeof(image));
	assert_false(there(&st));
	assert_int_equal(chmod(folder, 0700), 0);
	assert_true(there(&st));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_file_only, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_just_written_is_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(more_than_memory_has, setup, teardown),
		cmocka_unit_test_setup_teardown(few_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(unused_ones_go, setup, teardown),
		cmocka_unit_test_setup_teardown(a_folder_of_others_is_not_trusted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
