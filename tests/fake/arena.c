/* SPDX-License-Identifier: MIT */
/*
 * Memory and TLBs of the pretended machine (see arena.h), and the hooks of <dais/pt_env.h>.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dais/frame_alloc.h>
#include <dais/frame_table.h>
#include <dais/m2p.h>
#include <dais/pt_env.h>
#include <xen/errno.h>
#include "arena.h"
#include "fake.h"

static struct frame frames[FAKE_FRAMES] __attribute__((aligned(4096)));
struct frame *const frame_table = frames;
uint64_t m2p_table[FAKE_FRAMES];
unsigned char fake_ram[FAKE_FRAMES * PAGE_SIZE] __attribute__((aligned(4096)));

struct domain *dom0, *dom_xen, *dom_io;
unsigned int arena_domains_freed;
bool arena_tlb_on;
unsigned long arena_flushes;

static uint64_t tlb_clock = 1;
static uint64_t cpu_clock[FAKE_CPUS];

#define CACHED_ANY	1	/* mapped, by whomever */
#define CACHED_RW	2	/* mapped writable by its owner */
#define CACHED_TABLE	4	/* walked as a page table */
static unsigned char cached[FAKE_CPUS][FAKE_FRAMES];

static int arena_back(vaddr_t va, size_t size)
{
	memset((void *)va, 0, size);
	return 0;
}

void arena_init(mfn_t end, mfn_t hole_start, mfn_t hole_end)
{
	fake_reset();
	memset(cached, 0, sizeof(cached));
	memset(m2p_table, 0xff, sizeof(m2p_table));
	arena_domains_freed = 0;
	frame_table_add(0, hole_start ? hole_start : end, arena_back);
	frame_alloc_add(ARENA_FIRST, hole_start ? hole_start : end);
	if (hole_start) {
		frame_table_add(hole_end, end, arena_back);
		frame_alloc_add(hole_end, end);
	}
	dom_xen = arena_domain(ARENA_DOMAINS - 2, 0x7ff2, 100);
	dom_io = arena_domain(ARENA_DOMAINS - 1, 0x7ff1, 0);
}

struct domain *arena_domain(unsigned int i, uint16_t domid, uint32_t max_pages)
{
	struct domain *d = frame_map(1 + i * ARENA_DOMAIN_PAGES);

	memset(d, 0, sizeof(*d));
	d->domid = domid;
	d->max_pages = max_pages;
	d->refs = 1;
	return d;
}

bool domain_get(struct domain *d)
{
	(void)atomic_inc(&d->refs);
	return true;
}

void domain_put(struct domain *d)
{
	if (atomic_dec(&d->refs) == 0) {
		arena_domains_freed++;
	}
}

uint64_t tlb_now(void)
{
	return atomic_read(&tlb_clock);
}

static void cpu_flush(unsigned int cpu)
{
	atomic_set(&cpu_clock[cpu], atomic_add(&tlb_clock, 2));
	(void)atomic_inc(&arena_flushes);
	if (arena_tlb_on) {
		memset(cached[cpu], 0, sizeof(cached[cpu]));
	}
}

void arena_tlb_pass(uint64_t flushes)
{
	(void)atomic_add(&tlb_clock, 2 * flushes);
}

void tlb_flush_stale(const cpumask_t *cpus, uint32_t stamp)
{
	uint64_t since = tlb_stamp_time(stamp, tlb_now());

	for (unsigned int cpu = 0; cpu < FAKE_CPUS; cpu++) {
		if ((!cpus || cpumask_test(cpus, cpu)) &&
		    atomic_read(&cpu_clock[cpu]) <= since) {
			cpu_flush(cpu);
		}
	}
}

void pt_env_fill_hole(struct domain *d, uint64_t *l4)
{
	(void)d;
	for (unsigned int i = PT_HOLE_FIRST; i <= PT_HOLE_LAST && i < PT_ENTRIES; i++) {
		l4[i] = pte_make(0xabc, PTE_P);
	}
}

unsigned long arena_root_changes;

void pt_env_root_changed(void)
{
	(void)atomic_add(&arena_root_changes, 1);
}

int pt_env_mmio_ok(struct domain *d, mfn_t mfn, bool write)
{
	if (mfn > 0xfffffffUL) {
		return -XEN_EINVAL;
	}
	if (!d->is_hardware || mfn < ARENA_MMIO) {
		return -XEN_EPERM;
	}
	return mfn == ARENA_MMIO_RO && write ? PT_MMIO_RO : 0;
}

bool pt_env_has_io(const struct domain *d)
{
	return d->is_hardware;
}

static void tlb_fill_entry(unsigned char *cpu, const struct domain *d, uint64_t pte)
{
	const struct frame *f = pte & PTE_P ? frame_lookup(pte_mfn(pte)) : NULL;

	if (f) {
		cpu[frame_to_mfn(f)] |=
			CACHED_ANY | ((pte & PTE_RW) && frame_owner(f) == d ? CACHED_RW : 0);
	}
}

void arena_tlb_fill(struct domain *d)
{
	for (const struct frame *f = frame_list_head(&d->pages); f; f = frame_list_next(f)) {
		unsigned int type = (unsigned int)(f->type >> TYPE_SHIFT);
		const uint64_t *e = frame_address(f);

		if (type < 1 || type > 4 || !(f->type & TYPE_VALIDATED)) {
			continue;
		}
		for (unsigned int cpu = 0; cpu < FAKE_CPUS; cpu++) {
			if (!cpumask_test(&d->dirty_cpus, cpu)) {
				continue;
			}
			cached[cpu][frame_to_mfn(f)] |= CACHED_TABLE;
			for (unsigned int i = 0; type == 1 && i < PT_ENTRIES; i++) {
				tlb_fill_entry(cached[cpu], d, e[i]);
			}
		}
	}
}

bool arena_tlb_holds(mfn_t mfn)
{
	for (unsigned int cpu = 0; cpu < FAKE_CPUS; cpu++) {
		if (cached[cpu][mfn]) {
			return true;
		}
	}
	return false;
}

const char *arena_tlb_check(void)
{
	for (mfn_t mfn = 1; mfn < frame_max; mfn++) {
		const struct frame *f = mfn_to_frame(mfn);
		unsigned int type = (unsigned int)(f->type >> TYPE_SHIFT);

		if (f->count & FRAME_HOLE) {
			continue;
		}
		if ((f->count & (FRAME_FREE | FRAME_DIRTY)) == FRAME_FREE && arena_tlb_holds(mfn)) {
			return "a scrubbed frame may still be written through an old translation";
		}
		if (f->count & FRAME_FREE) {
			continue;
		}
		for (unsigned int cpu = 0; cpu < FAKE_CPUS; cpu++) {
			if ((cached[cpu][mfn] & CACHED_RW) && type >= 1 && type <= 5 &&
			    (f->type & TYPE_COUNT)) {
				return "a table may still be written through an old translation";
			}
			if ((cached[cpu][mfn] & CACHED_TABLE) && type == 7 &&
			    (f->type & TYPE_COUNT)) {
				return "a writable frame may still be used as a page table";
			}
		}
	}
	return NULL;
}
