/* SPDX-License-Identifier: MIT */
/*
 * The fixed-size types and address kinds every room speaks.
 *
 * Owns nothing at run time. A machine frame number (mfn) counts 4 KiB frames of
 * the machine; a pfn is the guest's own numbering; a paddr is a byte address in
 * machine space. They are plain integers: the names say which is meant.
 */
#ifndef DAIS_TYPES_H
#define DAIS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t;
typedef uint64_t vaddr_t;
typedef uint64_t mfn_t;
typedef uint64_t pfn_t;
typedef uint16_t domid_t;
typedef int64_t ssize_t;

/* The one value that is no frame, whichever numbering it is in. */
#define INVALID_MFN	(~(mfn_t)0)
#define INVALID_PFN	(~(pfn_t)0)
#define INVALID_PADDR	(~(paddr_t)0)

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#define KiB		1024UL
#define MiB		(1024UL * KiB)
#define GiB		(1024UL * MiB)

#define paddr_to_mfn(pa)	((mfn_t)((paddr_t)(pa) >> PAGE_SHIFT))
#define mfn_to_paddr(mfn)	((paddr_t)(mfn) << PAGE_SHIFT)

#endif /* DAIS_TYPES_H */
