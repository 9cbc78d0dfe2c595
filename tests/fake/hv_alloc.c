/* SPDX-License-Identifier: MIT */
/*
 * Host stand-in for hypervisor/mm/hv_alloc.c, so that ASan sees every object.
 * fake_hv_alloc_fail_at(n) makes the nth allocation from now fail (0: none).
 */
#include <stdlib.h>
#include <string.h>
#include <dais/hv_alloc.h>
#include <dais/types.h>
#include "hv_alloc.h"

static unsigned long fail_at;

void fake_hv_alloc_fail_at(unsigned long n)
{
	fail_at = n;
}

void *hv_alloc(size_t size)
{
	void *p;

	if (size == 0 || (fail_at && --fail_at == 0)) {
		return NULL;
	}
	if (size >= PAGE_SIZE) {
		p = aligned_alloc(PAGE_SIZE, (size + PAGE_SIZE - 1) & PAGE_MASK);
		return p ? memset(p, 0, size) : NULL;
	}
	return calloc(1, size);
}

void hv_free(void *p)
{
	free(p);
}
