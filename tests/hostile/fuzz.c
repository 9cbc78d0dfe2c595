/* SPDX-License-Identifier: MIT */
/*
 * A domain that does at random whatever a guest can do, beside a neighbour that must not notice.
 *
 * Module: fuzz
 *
 * As dom0 this plays warden: it starts a domU that beats, and one after the other domUs that fuzz,
 * each with a seed of its own, from the same image. A fuzzing domain may crash, stop, or go on: its
 * round ends after ROUND at the latest, and it is destroyed. Then all its memory must be back, and
 * every second round the hypervisor is asked (debug key A) to count all references again; the runner
 * reads what it says. The worst that the neighbour (kit/neighbour.h) woke late must stay under LATE.
 *
 * The command line may hold "seed=N rounds=N" for the warden. All that follows from the seed under
 * QEMU's -icount, where time is counted in instructions, is the same in every run.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/console.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "domain.h"
#include "neighbour.h"

#define ROUND (400 * MS)
#define LATE (20 * MS)
#define AREA 0x600000000000UL

static u64 seed;

static u64 random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static u64 random_below(u64 n)
{
	return (random_word() >> 11) % n;
}

/* --- the fuzzing domain --- */

static union {
	u8 bytes[PAGE_SIZE];
	u64 words[PAGE_SIZE / 8];
} arg PAGE_ALIGNED;
static char spare[8][PAGE_SIZE] PAGE_ALIGNED;

/* A word that some check is likely to look at. */
static u64 word(void)
{
	switch (random_below(12)) {
	case 0:
		return random_below(16);
	case 1:
		return random_word();
	case 2:
		return (u32)random_word();
	case 3:
		return DOMID_FIRST_RESERVED + random_below(16);
	case 4:
		return (unsigned long)&arg + random_below(PAGE_SIZE);
	case 5:
		return (unsigned long)spare[random_below(8)];
	case 6:
		return paging_mfn(spare[random_below(8)]);
	case 7:
		return paging_maddr(spare[random_below(8)]) + random_below(PAGE_SIZE);
	case 8:
		return paging_mfn((void *)start_info->pt_base) + random_below(4);
	case 9:
		return random_below(0x20000);
	case 10:
		return ADDR_HOLE + (random_word() & 0xfffffff);
	default:
		return AREA + random_below(16) * PAGE_SIZE;
	}
}

static u64 pte(void)
{
	static const u64 flags[] = { 7, 5, 0x67, 0x27, 0x87, 0, 1, 0x107, 0x1f };
	u64 mfn = random_below(3) ? paging_mfn(spare[random_below(8)]) : word();

	return mfn << PAGE_SHIFT | flags[random_below(ARRAY_SIZE(flags))] |
	       (random_below(16) ? 0 : random_word());
}

static void fill(void)
{
	for (unsigned int i = 0; i < 24; i++) {
		arg.words[i] = random_below(3) ? word() :
			       word() << 32 | (u32)random_below(32) | random_below(4) << 16;
	}
}

/* Not what ends or stops this domain by its own wish. */
static bool wanted(u64 nr, u64 cmd)
{
	return !(nr == __HYPERVISOR_iret || nr == __HYPERVISOR_console_io ||
		 (nr == __HYPERVISOR_sched_op && cmd > 0 && cmd < 8) ||
		 (nr == __HYPERVISOR_sched_op_compat && cmd > 0 && cmd < 3) ||
		 (nr == __HYPERVISOR_vcpu_op && (cmd == VCPUOP_down || cmd == VCPUOP_send_nmi)) ||
		 (nr == __HYPERVISOR_nmi_op && random_below(500)) ||
		 ((nr == __HYPERVISOR_set_trap_table || nr == __HYPERVISOR_set_callbacks ||
		   nr == __HYPERVISOR_callback_op) && random_below(2000)));
}

static void fuzz_hypercall(void)
{
	u64 nr = random_below(50), cmd = random_below(34);

	fill();
	if (wanted(nr, cmd)) {
		kit_hypercall(nr, random_below(3) ? cmd : word(),
			      random_below(3) ? (unsigned long)&arg : word(),
			      random_below(2) ? random_below(4) : word(), word(), word());
	}
	if (nr == __HYPERVISOR_multicall || nr == __HYPERVISOR_stack_switch) {
		/* May have held a call that is not wanted: without handlers it is over too soon. */
		trap_init();
		HC(stack_switch, FLAT_KERNEL_SS, user_kernel_stack_top);
	}
}

/* The calls with most behind them, with arguments that get far. */
static void fuzz_memory(void)
{
	struct mmu_update rows[4];
	struct mmuext_op ext[2];

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i].ptr = (random_below(2) ? paging_entry_maddr(AREA + random_below(16) *
								    PAGE_SIZE, 1) : word() & ~7UL)
			      | random_below(4);
		rows[i].val = pte();
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(ext); i++) {
		ext[i].cmd = (u32)random_below(22);
		ext[i].arg1.mfn = random_below(2) ? paging_mfn(spare[random_below(8)]) : word();
		ext[i].arg2.nr_ents = (u32)random_below(600);
		if (ext[i].cmd == MMUEXT_NEW_BASEPTR && random_below(20)) {
			ext[i].cmd = MMUEXT_PIN_L1_TABLE;
		}
	}
	switch (random_below(4)) {
	case 0:
		HC(mmu_update, rows, random_below(5), 0, random_below(8) ? DOMID_SELF : word());
		break;
	case 1:
		HC(mmuext_op, ext, random_below(3), 0, random_below(8) ? DOMID_SELF : word());
		break;
	case 2:
		HC(update_va_mapping, random_below(4) ? AREA + random_below(16) * PAGE_SIZE : word(),
		   pte(), random_below(8));
		break;
	default:
		HC(update_descriptor, paging_maddr(spare[random_below(8)]) + 8 * random_below(8),
		   random_word());
		break;
	}
}

/* Stores to page tables, which are emulated, and to pages that may have become some. */
static void fuzz_store(void)
{
	volatile u64 *entry = random_below(2) ? paging_entry(AREA + random_below(16) * PAGE_SIZE, 1) :
			      (volatile u64 *)spare[random_below(8)] + random_below(512);

	switch (random_below(3)) {
	case 0:
		*entry = pte();
		break;
	case 1:
		__asm__ volatile("xchg %0, %1" : "+m"(*entry) : "r"(pte()));
		break;
	default:
		*(volatile u32 *)((char *)entry + random_below(8)) = (u32)random_word();
		break;
	}
}

static void fuzz_grant(void)
{
	static u64 frames[8];
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = (u32)random_below(10) };
	struct grant_entry_v1 *table = (void *)(AREA + 20 * PAGE_SIZE);

	switch (random_below(4)) {
	case 0:
		SET_HANDLE(setup.frame_list, frames);
		HC(grant_table_op, GNTTABOP_setup_table, &setup, 1);
		HC(update_va_mapping, table, PTE(frames[0], PTE_FLAGS_RW), UVMF_INVLPG);
		break;
	case 1:
		((volatile u64 *)table)[random_below(512)] =
			paging_mfn(spare[random_below(8)]) << 32 |
			(u64)kit_domid() << 16 | random_below(16);
		break;
	default:
		fill();
		arg.words[0] = random_below(2) ? AREA + random_below(16) * PAGE_SIZE : word();
		arg.words[1] = random_below(32) | random_below(512) << 32;
		((u16 *)arg.words)[8] = random_below(4) ? kit_domid() : (u16)word();
		HC(grant_table_op, random_below(13), &arg, random_below(3));
		break;
	}
}

static void fuzz_instruction(void)
{
	u64 r = random_word();

	switch (random_below(8)) {
	case 0:
		__asm__ volatile("wrmsr" : : "c"((u32)(0xc0000080 + random_below(32))),
				 "a"((u32)r), "d"(0));
		break;
	case 1:
		__asm__ volatile("rdmsr" : "+c"(r) : : "rax", "rdx");
		break;
	case 2:
		__asm__ volatile("mov %0, %%cr4" : : "r"(r & 0xffffff));
		break;
	case 3:
		__asm__ volatile("inl %%dx, %%eax" : : "d"((u16)r) : "rax");
		break;
	case 4:
		__asm__ volatile("mov %0, %%ds" : : "r"((u32)(u16)r));
		break;
	case 5:
		__asm__ volatile("lretl");
		break;
	case 6:
		__asm__ volatile("int $0x82");
		break;
	default:
		__asm__ volatile("mov %0, %%dr7" : : "r"(r & 0xff00));
		break;
	}
}

/* Frames for the iret hypercall with one word changed. */
static void fuzz_iret(void)
{
	struct iret_request req = user_request((long (*)(long))word(), (long)word());
	u64 *w = (u64 *)&req;

	w[random_below(sizeof(req) / 8)] = word();
	user_switch(&req);
}

/* Indices of the ring that dom0 reads. */
static void fuzz_ring(void)
{
	volatile struct xencons_interface *ring = neighbour_console();

	((volatile u32 *)&ring->in_cons)[random_below(4)] = (u32)random_word();
	event_send(start_info->console.domU.evtchn);
}

static void fuzz_once(void)
{
	static void (*const what[])(void) = {
		fuzz_hypercall, fuzz_hypercall, fuzz_hypercall, fuzz_memory, fuzz_memory,
		fuzz_memory, fuzz_store, fuzz_grant, fuzz_grant, fuzz_instruction, fuzz_ring,
	};

	if (random_below(5000)) {
		what[random_below(ARRAY_SIZE(what))]();
	} else {
		fuzz_iret();
	}
}

static void NORETURN fuzz(void)
{
	user_init();
	for (;;) {
		(void)TRAP_OF(fuzz_once());
		if (random_below(64) == 0) {
			(void)TRAP_OF(event_send((unsigned int)random_below(8)));
		}
	}
}

/* --- the warden --- */

static struct domain wild;
static unsigned int endings[4];	/* went on, crashed, shut down otherwise, not built */

/* Until the domain ends, or the round does. */
static void watch(void)
{
	u64 until = clock_ns() + ROUND;
	struct xen_domctl_getdomaininfo info;

	while (clock_ns() < until) {
		neighbour_sleep_until(clock_ns() + 2 * MS);
		if (domain_info(&wild, &info) != 0) {
			endings[3]++;
			return;
		}
		if (info.flags & XEN_DOMINF_shutdown) {
			unsigned int why = info.flags >> XEN_DOMINF_shutdownshift &
					   XEN_DOMINF_shutdownmask;

			endings[why == SHUTDOWN_crash ? 1 : 2]++;
			return;
		}
	}
	endings[0]++;
}

static void one_round(u64 number)
{
	static char cmdline[40];
	u64 before = domain_free_pages(), end;

	cmdline[0] = '\0';
	memcpy(cmdline, "fuzz seed=", 10);
	for (int i = 9; i >= 0; i--, number /= 10) {
		cmdline[10 + i] = (char)('0' + number % 10);
	}
	neighbour_make(&wild, cmdline);
	CHECK_EQ(domain_unpause(&wild), 0);
	watch();
	CHECK_EQ(domain_destroy(&wild), 0);
	end = clock_ns() + 1000 * MS;
	while (domain_free_pages() != before && clock_ns() < end) {
		HC(sched_op, SCHEDOP_yield, 0);
	}
	check_that(domain_free_pages() == before, "%s: %ld pages are missing", cmdline,
		   (long)(before - domain_free_pages()));
}

/* The audit's line comes out on the machine's console. */
static void audit(void)
{
	static char key[] = "A";
	struct xen_sysctl op;

	memset(&op, 0, sizeof(op));
	op.u.debug_keys.nr_keys = 1;
	SET_HANDLE(op.u.debug_keys.keys, key);
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_debug_keys, &op), 0);
}

static void warden(void)
{
	u64 first = neighbour_option("seed=", 1), rounds = neighbour_option("rounds=", 12), beats;

	kprintf("FUZZ seed %lu, %lu rounds\n", first, rounds);
	neighbour_start();
	neighbour_make(&wild, "fuzz seed=1");	/* for what is allocated the first time */
	CHECK_EQ(domain_destroy(&wild), 0);
	for (u64 r = 0; r < rounds; r++) {
		beats = neighbour_beats();
		one_round(first + r);
		CHECK(neighbour_beats() > beats);
		if (r & 1 || r + 1 == rounds) {
			audit();
		}
	}
	kprintf("FUZZ %lu beats, at worst %lu us late; %u domains went on, %u crashed, %u ended\n",
		neighbour_beats(), neighbour_worst() / 1000, endings[0], endings[1], endings[2]);
	CHECK_EQ(endings[3], 0);
	check_that(neighbour_worst() < LATE, "the neighbour woke %lu us late",
		   neighbour_worst() / 1000);
	neighbour_stop();
}

void guest_main(void)
{
	kit_init();
	if (kit_is_dom0()) {
		warden();
		verdict();
	}
	if (neighbour_told("beat")) {
		neighbour_beat();
	}
	seed = neighbour_option("seed=", 1) * 0x9e3779b97f4a7c15UL + 1;
	for (unsigned int i = 0; i < 4; i++) {
		page_alloc();
	}
	paging_grow(AREA);
	fuzz();
}
