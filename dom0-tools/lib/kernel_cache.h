/* SPDX-License-Identifier: MIT */
/*
 * Unpacked kernels, kept for the guests that boot the same file next: unpacking is most of what
 * it costs to create a guest. They lie in a folder of dom0's memory (/run), so nothing outlives
 * a reboot and nothing waits for a disk; when memory is short none is kept.
 */
#ifndef LIB_KERNEL_CACHE_H
#define LIB_KERNEL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct stat;

/* Absolute path; another one for tests. */
extern const char *kernel_cache_folder;

/*
 * The image unpacked from the file that `st` describes, mapped read-only; release with munmap().
 * A file that was written to since is another file.
 */
bool kernel_cache_get(const struct stat *st, void **image, size_t *len);

/*
 * Keeps an image. Does nothing where it cannot or should not: errors are not reported, because
 * the caller has what it needs.
 */
void kernel_cache_put(const struct stat *st, const void *image, size_t len);

/* Forgets one that is known to be bad. */
void kernel_cache_drop(const struct stat *st);

/* Forgets those that nobody asked for since `before` (seconds since 1970). */
void kernel_cache_expire(time_t before);

#endif
