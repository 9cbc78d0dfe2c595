/* SPDX-License-Identifier: MIT */
/*
 * What a guest has that names machine frames, said in its own page numbers instead, as it is to
 * lie in a file: its page tables and the registers of its vCPUs. Pure.
 */
#ifndef DOMAIN_CANONICAL_H
#define DOMAIN_CANONICAL_H

#include <stdbool.h>
#include <stdint.h>

struct frames;
struct vcpu_guest_context;

#define CANONICAL_ENTRIES 512 /* of a page table */

/*
 * A page table of level 1 to 4. False, with *bad the frame, when a present entry names one that
 * the guest has no number for: such a guest cannot go on elsewhere. The hypervisor's own entries
 * of a top-level table become empty.
 */
bool canonical_table(const struct frames *s, unsigned int level, const uint64_t *in, uint64_t *out,
		     uint64_t *bad);

/* In place. Likewise; vCPU 0 also has the frame of the start info page, in rdx. */
bool canonical_vcpu(const struct frames *s, uint32_t vcpu, struct vcpu_guest_context *c,
		    uint64_t *bad);

#endif
