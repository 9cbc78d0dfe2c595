/* SPDX-License-Identifier: MIT */
/*
 * The words every part of the kit uses: integer names, array length, the public ABI headers.
 * Owns no state.
 */
#ifndef KIT_BASE_H
#define KIT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#include <xen/xen.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE_SIZE 4096UL
#define PAGE_SHIFT 12
#define PAGE_ALIGNED __attribute__((aligned(4096)))
#define NOINLINE __attribute__((noinline))
#define NORETURN __attribute__((noreturn))
#define barrier() __asm__ volatile("" ::: "memory")

/* Where the linker script puts pfn 0; the same number is in the VIRT_BASE note. */
#define VIRT_BASE 0xffffffff80000000UL

/* One address in each region a guest must not be able to use as a buffer. */
#define ADDR_HOLE 0xffff830000000000UL /* hypervisor hole, past the machine-to-physical table */
#define ADDR_NONCANONICAL 0x8000000000000000UL
#define ADDR_UNMAPPED 0x0000123456789000UL /* guest half, never mapped by the kit */

/* Set a guest handle field whatever its declared pointer type is. */
#define SET_HANDLE(h, val) (*(const void **)&(h) = (const void *)(val))

extern struct start_info *start_info; /* from RSI at entry */
extern const char guest_name[];       /* the file's name, supplied by the build */

void guest_main(void); /* the one function a guest supplies */

#endif
