/* SPDX-License-Identifier: MIT */
/*
 * What happens to a vCPU whose data segments are gone when it gets the CPU back?
 *
 * Options: dom0_max_vcpus=2
 *
 * Selectors are loaded whose descriptors are taken away meanwhile; nothing is felt of it before the
 * CPU has run somebody else. Then the failsafe callback is called: with all four selectors as they
 * should have been below the usual frame, while in the processor those that failed are null and
 * the others as before. A kernel tells from the difference between the two what has happened, and
 * goes on. Bases of FS and GS do not depend on any descriptor. The somebody else is a second vCPU
 * of dom0, for a domU dom0 itself.
 */
#include "kit.h"

#include <xen/callback.h>
#include <xen/sched.h>

#define MS		1000000UL
#define SECOND		1000000000UL
#define DATA_DPL3	0x00cff3000000ffffUL
#define GONE		(3 * 8 + 3)
#define STAYS		(4 * 8 + 3)

struct selectors {
	u16 ds, es, fs, gs;
};

static u64 *gdt;
static u64 words[3] = { 100, 101, 102 };	/* bases: FS, the kernel's GS, the user's GS */
static volatile unsigned int hits;
static struct trap_frame seen;
static struct selectors seen_now;
static u64 seen_base;
static u8 seen_mask;

static struct selectors selectors_read(void)
{
	struct selectors s;

	__asm__ volatile("mov %%ds, %0" : "=r"(s.ds));
	__asm__ volatile("mov %%es, %0" : "=r"(s.es));
	__asm__ volatile("mov %%fs, %0" : "=r"(s.fs));
	__asm__ volatile("mov %%gs, %0" : "=r"(s.gs));
	return s;
}

/* Loading FS and GS changes their bases, so those are set behind it. */
static void selectors_load(u16 ds, u16 es, u16 fs, u16 gs)
{
	__asm__ volatile("mov %0, %%ds" : : "r"(ds));
	__asm__ volatile("mov %0, %%es" : : "r"(es));
	__asm__ volatile("mov %0, %%fs" : : "r"(fs));
	__asm__ volatile("mov %0, %%gs" : : "r"(gs));
	CHECK_EQ(HC(set_segment_base, SEGBASE_FS, &words[0]), 0);
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_KERNEL, &words[1]), 0);
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_USER, &words[2]), 0);
}

static u64 base_words(void)
{
	u64 fs, gs;

	__asm__ volatile("movq %%fs:0, %0" : "=r"(fs));
	__asm__ volatile("movq %%gs:0, %0" : "=r"(gs));
	return fs << 32 | gs;
}

static void on_failsafe(struct trap_frame *frame)
{
	seen = *frame;
	seen_now = selectors_read();
	seen_mask = event_vcpu_info()->evtchn_upcall_mask;
	seen_base = (u64)&frame->error - 5 * sizeof(u64);	/* without the selectors */
	hits++;
}

static void nap(u64 ns)
{
	struct sched_poll op = { .timeout = clock_ns() + ns };

	HC(sched_op, SCHEDOP_poll, &op);
}

static void other_main(void)
{
	for (;;) {
		nap(MS);
	}
}

/* Take the descriptor of GONE away; true when the callback came within a second. */
static bool wait_in_kernel(void)
{
	u64 end = clock_ns() + SECOND;

	hits = 0;
	CHECK_EQ(HC(update_descriptor, paging_maddr(&gdt[3]), 0), 0);
	while (hits == 0 && clock_ns() < end) {
		nap(MS);
	}
	return hits == 1;
}

static long user_wait(long arg)
{
	u64 end = clock_ns() + SECOND;

	while (hits == 0 && clock_ns() < end) {
	}
	return (long)base_words() + arg;
}

static void check_pushed(u16 ds, u16 es, u16 fs, u16 gs)
{
	CHECK_EQ(failsafe_segments[0], ds);
	CHECK_EQ(failsafe_segments[1], es);
	CHECK_EQ(failsafe_segments[2], fs);
	CHECK_EQ(failsafe_segments[3], gs);
	CHECK_EQ(seen_now.ds, ds == GONE ? 0 : ds);
	CHECK_EQ(seen_now.es, es == GONE ? 0 : es);
	CHECK_EQ(seen_now.fs, fs == GONE ? 0 : fs);
	CHECK_EQ(seen_now.gs, gs == GONE ? 0 : gs);
}

static void check_kernel(u16 ds, u16 es, u16 fs, u16 gs)
{
	CHECK_EQ(HC(update_descriptor, paging_maddr(&gdt[3]), DATA_DPL3), 0);
	selectors_load(ds, es, fs, gs);
	CHECK(wait_in_kernel());
	check_pushed(ds, es, fs, gs);
	CHECK_EQ(seen.cs, FLAT_KERNEL_CS & ~3);
	CHECK_EQ(seen.ss, FLAT_KERNEL_SS);
	CHECK_EQ(base_words(), 100UL << 32 | 101);
	nap(30 * MS);
	CHECK_EQ(hits, 1);	/* once: what is null cannot fail again */
}

/* The CPU may be taken away in the kernel already: then it is tried again. */
static void check_user(void)
{
	for (unsigned int i = 0; i < 10 && seen.cs != FLAT_USER_CS; i++) {
		CHECK_EQ(HC(update_descriptor, paging_maddr(&gdt[3]), DATA_DPL3), 0);
		selectors_load(GONE, GONE, GONE, GONE);
		hits = 0;
		CHECK_EQ(HC(update_descriptor, paging_maddr(&gdt[3]), 0), 0);
		CHECK_EQ(user_call(user_wait, 0), 100UL << 32 | 102);
		CHECK_EQ(hits, 1);
	}
	check_pushed(GONE, GONE, GONE, GONE);
	CHECK_EQ(seen.cs, FLAT_USER_CS);
	CHECK_EQ(seen.ss, FLAT_USER_SS);
	CHECK_EQ(seen_base, (u64)user_kernel_stack_top - 11 * 8);
	CHECK_EQ(seen.rflags & 0x200, 0x200);
	CHECK_EQ(seen.mask, 0);
	CHECK_EQ(seen_mask, 0);
}

static void check_masks_events(void)
{
	struct callback_register op = { .type = CALLBACKTYPE_failsafe,
					.flags = CALLBACKF_mask_events,
					.address = (u64)trap_failsafe };

	CHECK_EQ(HC(callback_op, CALLBACKOP_register, &op), 0);
	event_enable();
	check_kernel(GONE, 0, 0, 0);
	CHECK_EQ(seen.mask, 0);
	CHECK_EQ(seen_mask, 1);
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_mask, 0);	/* iret has put it back */
	event_disable();
}

void guest_main(void)
{
	unsigned long frame;

	kit_init();
	user_init();
	trap_handle(TRAP_FAILSAFE, on_failsafe);
	gdt = page_alloc();
	gdt[3] = gdt[4] = DATA_DPL3;
	CHECK_EQ(paging_protect(gdt), 0);
	frame = paging_mfn(gdt);
	CHECK_EQ(HC(set_gdt, &frame, 512), 0);
	if (kit_is_dom0()) {
		CHECK_EQ(smp_start(1, other_main), 0);
	}
	check_kernel(GONE, GONE, GONE, GONE);
	check_kernel(GONE, STAYS, 0, STAYS);
	check_kernel(STAYS, GONE, STAYS, 0);
	check_kernel(0, 0, GONE, 0);
	check_kernel(0, 0, STAYS, GONE);
	check_user();
	check_masks_events();
	verdict();
}
