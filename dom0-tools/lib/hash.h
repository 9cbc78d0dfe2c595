/* SPDX-License-Identifier: MIT */
/*
 * A keyed hash (SipHash-1-3) for tables whose keys guests choose: without the key, drawn at
 * random when the program starts, nobody can aim for collisions.
 */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Draws the key. Until called the key is zero, which tests rely on to be repeatable. */
void hash_seed(void);

/* 64-bit hash of `len` bytes, mixed with `salt` (a table's own number, or a parent's address). */
uint64_t hash_bytes(const void *bytes, size_t len, uint64_t salt);

#endif
