/* SPDX-License-Identifier: MIT */
/*
 * The part of <string.h> that the hypervisor needs, with the C library's names and
 * prototypes, so that rooms compile unchanged on a host. strlcpy is the only bounded
 * copy: strcpy and strncpy are absent on purpose.
 *
 * Pure functions: no state, no locks, usable everywhere.
 */
#ifndef DAIS_STRING_H
#define DAIS_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
size_t strcspn(const char *s, const char *reject);

/*
 * Copy as much of src as fits in size bytes, always NUL-terminated when
 * size > 0. The result is the length that was wanted: >= size means cut short.
 */
size_t strlcpy(char *dst, const char *src, size_t size);

#endif /* DAIS_STRING_H */
