/* SPDX-License-Identifier: MIT */
/*
 * Memory and TLBs of the pretended machine, for tests of mm/ and of what uses it.
 *
 * Frames [1, ARENA_FIRST) are the hypervisor's (domains live there); [ARENA_FIRST, end) go to the
 * allocator. Each CPU has a pessimistic TLB: whatever was ever mapped writable, or was ever a page
 * table, stays in it until the CPU is flushed. arena_tlb_fill() adds what is mapped now,
 * arena_tlb_check() fails the test when a frame is used in a way that such an old translation would
 * make unsafe.
 */
#ifndef TESTS_FAKE_ARENA_H
#define TESTS_FAKE_ARENA_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/pagetype.h>

#define ARENA_DOMAINS	6
#define ARENA_DOMAIN_PAGES ((sizeof(struct domain) + PAGE_SIZE - 1) / PAGE_SIZE)
#define ARENA_FIRST	(1 + ARENA_DOMAINS * ARENA_DOMAIN_PAGES)

/*
 * Build the frame table for frames below `end` and free [ARENA_FIRST, end), without [hole_start,
 * hole_end). Once in a program: the allocator cannot be built twice.
 */
void arena_init(mfn_t end, mfn_t hole_start, mfn_t hole_end);

/*
 * Domain number i of the arena (0 to ARENA_DOMAINS - 3 are free for use; the last two are dom_xen
 * and dom_io).
 */
struct domain *arena_domain(unsigned int i, uint16_t domid, uint32_t max_pages);
extern unsigned int arena_domains_freed;

/* MMIO policy of the fake: frames at or above this may be mapped by domains with is_hardware. */
#define ARENA_MMIO	0x100000UL
#define ARENA_MMIO_RO	0x100010UL	/* this one only read-only */

/* TLB model. */
extern bool arena_tlb_on;
extern unsigned long arena_flushes;
extern unsigned long arena_root_changes;	/* that mm/ has told of */
void arena_tlb_pass(uint64_t flushes);		/* of CPUs that are not in the model */
/* every CPU in d->dirty_cpus may have cached d's tables as they are */
void arena_tlb_fill(struct domain *d);
const char *arena_tlb_check(void);		/* NULL, or what is wrong */
/* some CPU may still have a translation to, or through, it */
bool arena_tlb_holds(mfn_t mfn);

#endif
