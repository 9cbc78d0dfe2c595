/* SPDX-License-Identifier: MIT */
/*
 * What does each operation of the PV interface cost, in instructions?
 *
 * Boots as dom0 of either hypervisor under QEMU's -icount shift=0, where one instruction is one
 * nanosecond of guest time and the TSC counts instructions, so that a figure is exact and repeats.
 * Each operation runs COUNT times between two reads of the TSC; of ROUNDS such stretches the
 * cheapest counts, because the hypervisor's own timers may land in any of the others. The loop, the
 * few instructions that set arguments up, and the guest's handlers (bench_entry.S) are in the
 * figure; they are the same for every hypervisor. One line each: BENCH <name> <instructions>.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/physdev.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define AREA 0x600000000000UL
#define ROUNDS 24
#define COUNT 32
#define ROWS 32
#define REF 9

/* bench_entry.S */
extern char bench_syscall_entry[], bench_fault_entry[], bench_event_entry[];
void bench_fault(unsigned long va);
long bench_user_loop(long count);
u64 bench_user_ticks;

/* Second mapping of the shared info page; the event handler clears its first words by name. */
char bench_shared[PAGE_SIZE] PAGE_ALIGNED;

static u64 *l1;		/* table under AREA */
static char *frames;	/* ROWS + 1 pages in a row */

static void report(const char *name, u64 ticks)
{
	kprintf("BENCH %s %lu\n", name, (unsigned long)ticks);
}

/* The cheapest of ROUNDS stretches of `count` statements; i_ counts within a stretch. */
#define CHEAPEST(count, stmt)                                           \
	({                                                              \
		u64 best_ = ~0UL;                                       \
		for (unsigned int r_ = 0; r_ < ROUNDS; r_++) {          \
			u64 t_ = clock_tsc();                           \
			for (unsigned int i_ = 0; i_ < (count); i_++) { \
				stmt;                                   \
			}                                               \
			t_ = clock_tsc() - t_;                          \
			best_ = t_ < best_ ? t_ : best_;                \
		}                                                       \
		best_ / (count);                                        \
	})

static void bench_hypercall(void)
{
	report("null_hypercall", CHEAPEST(COUNT, HC(xen_version, XENVER_version, 0)));
}

/* One excursion to user mode; it ends by ud2 since its system calls do not come back to C. */
static NOINLINE void bench_user(void)
{
	CHECK_EQ(TRAP_OF(user_call(bench_user_loop, COUNT)), TRAP_UD);
}

static void bench_syscall(void)
{
	u64 best = ~0UL;

	HC(set_callbacks, trap_event, trap_failsafe, bench_syscall_entry);
	for (unsigned int r = 0; r < ROUNDS; r++) {
		bench_user();
		best = bench_user_ticks < best ? bench_user_ticks : best;
	}
	HC(set_callbacks, trap_event, trap_failsafe, trap_syscall);
	report("user_syscall", best / COUNT);
}

static void bench_page_fault(void)
{
	u64 cost;

	trap_set(TRAP_PF, 0, FLAT_KERNEL_CS, (unsigned long)bench_fault_entry);
	cost = CHEAPEST(COUNT, bench_fault(ADDR_UNMAPPED));
	trap_set(TRAP_PF, 0, FLAT_KERNEL_CS, TRAP_STUB(TRAP_PF));
	report("page_fault", cost);
}

/* A pair of ports of this domain: a send to one raises the other, here and now. */
static void bench_event(void)
{
	long a = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
	long b = event_bind_interdomain(DOMID_SELF, (unsigned int)a);
	u64 cost;

	event_clear((unsigned int)b);
	event_vcpu_info()->evtchn_pending_sel = 0;
	event_vcpu_info()->evtchn_upcall_pending = 0;
	HC(set_callbacks, bench_event_entry, trap_failsafe, trap_syscall);
	event_enable();
	cost = CHEAPEST(COUNT, event_send((unsigned int)b));
	event_disable();
	HC(set_callbacks, trap_event, trap_failsafe, trap_syscall);
	report("event_send", cost);
}

/* The page at AREA changes between two writable frames. */
static void bench_va_mapping(void)
{
	u64 one = PTE(paging_mfn(frames), PTE_FLAGS_RW);
	u64 two = PTE(paging_mfn(frames + PAGE_SIZE), PTE_FLAGS_RW);

	report("update_va_mapping", CHEAPEST(COUNT, HC(update_va_mapping, AREA, i_ & 1 ? one : two,
						       UVMF_INVLPG)));
	HC(update_va_mapping, AREA, 0, UVMF_INVLPG);
}

static void fill_rows(struct mmu_update *rows, unsigned int first)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		rows[i].ptr = paging_maddr(&l1[i]);
		rows[i].val = PTE(paging_mfn(frames + (first + i) * PAGE_SIZE), PTE_FLAGS_RW);
	}
}

/* Thirty-two present entries change to the next frame, and back. */
static void bench_mmu_update(void)
{
	static struct mmu_update rows[2][ROWS];

	fill_rows(rows[0], 0);
	fill_rows(rows[1], 1);
	HC(mmu_update, rows[1], ROWS, 0, DOMID_SELF);
	report("mmu_update_32", CHEAPEST(2, HC(mmu_update, rows[i_ & 1], ROWS, 0, DOMID_SELF)));
	for (unsigned int i = 0; i < ROWS; i++) {
		rows[0][i].val = 0;
	}
	HC(mmu_update, rows[0], ROWS, 0, DOMID_SELF);
}

/* An L1 of 512 writable mappings. */
static void bench_pin(void)
{
	u64 *full = page_alloc();
	u64 mfn = paging_mfn(full);

	for (unsigned int i = 0; i < 512; i++) {
		full[i] = PTE(paging_mfn(frames), PTE_FLAGS_RW);
	}
	CHECK_EQ(paging_protect(full), 0);
	CHECK_EQ(paging_ext(MMUEXT_PIN_L1_TABLE, mfn), 0);
	CHECK_EQ(paging_ext(MMUEXT_UNPIN_TABLE, mfn), 0);
	report("pin_unpin_l1", CHEAPEST(1, paging_ext(MMUEXT_PIN_L1_TABLE, mfn);
					   paging_ext(MMUEXT_UNPIN_TABLE, mfn)));
}

static void write_fs_base(u64 val)
{
	__asm__ volatile("wrmsr" : : "c"(0xc0000100), "a"((u32)val), "d"((u32)(val >> 32)));
}

static void read_port(u16 port)
{
	u64 v;

	__asm__ volatile("inb %%dx, %%al" : "=a"(v) : "d"(port));
}

static void bench_emulation(void)
{
	struct physdev_set_iopl op = { .iopl = 1 };

	report("write_fs_base", CHEAPEST(COUNT, write_fs_base(0x1000 + i_)));
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_set_iopl, &op), 0);
	report("read_port", CHEAPEST(COUNT, read_port(0x80)));
}

static void bench_grant(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct gnttab_map_grant_ref map = { .host_addr = AREA + PAGE_SIZE, .ref = REF,
					    .flags = GNTMAP_host_map };
	struct gnttab_unmap_grant_ref unmap = { .host_addr = AREA + PAGE_SIZE };
	struct grant_entry_v1 *table = page_alloc();
	u64 frame = 0, cost;

	SET_HANDLE(setup.frame_list, &frame);
	CHECK_EQ(HC(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
	CHECK_EQ(paging_set(table, PTE(frame, PTE_FLAGS_RW)), 0);
	table[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 0,
					      .frame = (u32)paging_mfn(frames) };
	cost = CHEAPEST(8, HC(grant_table_op, GNTTABOP_map_grant_ref, &map, 1);
			   unmap.handle = map.handle;
			   HC(grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, 1));
	CHECK_EQ(map.status, 0);
	CHECK_EQ(unmap.status, 0);
	report("grant_map_unmap", cost);
}

void guest_main(void)
{
	kit_init();
	user_init();
	HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	CHECK_EQ(paging_set(bench_shared, start_info->shared_info | PTE_FLAGS_RW), 0);
	l1 = paging_grow(AREA);
	frames = page_alloc();
	for (unsigned int i = 0; i < ROWS; i++) {
		page_alloc();
	}
	bench_hypercall();
	bench_syscall();
	bench_page_fault();
	bench_event();
	bench_va_mapping();
	bench_mmu_update();
	bench_pin();
	bench_emulation();
	bench_grant();
	verdict();
}
