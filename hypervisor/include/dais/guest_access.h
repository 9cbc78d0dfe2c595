/* SPDX-License-Identifier: MIT */
/*
 * The only way doors touch guest memory: copies at guest virtual addresses of the current vcpu, through the
 * page tables that are loaded. An address that reaches into the hypervisor hole, is not canonical or faults
 * gives -EFAULT; bytes before the fault may have been copied. May be called with interrupts on only.
 */
#ifndef DAIS_GUEST_ACCESS_H
#define DAIS_GUEST_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int copy_from_guest(void *dst, unsigned long va, size_t n);
int copy_to_guest(unsigned long va, const void *src, size_t n);
int clear_guest(unsigned long va, size_t n);

/* True when [va, va + n) lies wholly outside the hypervisor hole and is canonical. */
static inline bool guest_range_ok(unsigned long va, size_t n)
{
	unsigned long end = va + n;

	return end >= va && (end <= 0x0000800000000000UL || va >= 0xffff880000000000UL);
}

/* Array forms: element idx of an array of size-byte elements at va. */
static inline int copy_elem_from_guest(void *dst, unsigned long va, size_t idx, size_t size)
{
	return copy_from_guest(dst, va + idx * size, size);
}

static inline int copy_elem_to_guest(unsigned long va, size_t idx, const void *src, size_t size)
{
	return copy_to_guest(va + idx * size, src, size);
}

#endif
