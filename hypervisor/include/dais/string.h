/* SPDX-License-Identifier: MIT */
/*
 * The part of <string.h> that the hypervisor needs, with the C library's names and
 * prototypes, so that rooms compile unchanged on a host. strlcpy and strlcat are the
 * only bounded copies: strcpy and strncpy are absent on purpose.
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
void *memchr(const void *s, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);

/*
 * Copy (append) as much of src as fits in size bytes, always NUL-terminated when
 * size > 0. The result is the length that was wanted: >= size means cut short.
 */
size_t strlcpy(char *dst, const char *src, size_t size);

/*
 * Number at s in the given base (0: 0x means 16, a leading 0 means 8, else 10).
 * *end (when end is not NULL) is set past the last digit, or to s when there is none.
 * Overflow gives ULONG_MAX. No sign, no leading space.
 */
unsigned long dais_strtoul(const char *s, const char **end, unsigned int base);

#endif /* DAIS_STRING_H */
