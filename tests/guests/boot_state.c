/* SPDX-License-Identifier: MIT */
/*
 * Does the first instruction of a PV kernel find the state the boot contract promises?
 *
 * Domain: dom0
 * Bochs: corei7_skylake_x,x2apic ryzen athlon64_clawhammer
 *
 * Registers: RSI holds the start_info address, RSP the end of a boot stack page, every other
 * general register is zero, RFLAGS is IF alone (bit 1 always reads one). CS and SS are the flat
 * selectors of the reserved GDT tail, the data selectors are null, and all of them work before
 * any set_gdt. start_info describes the hardware domain: no store page, no console page, but
 * privileged flags. Before a trap table exists kernels already write the GS base, and a read of
 * an unknown MSR gives zero instead of a fault that nobody could take. Shared info is complete:
 * upcalls masked on every vCPU, all ports unmasked and not pending, the clock valid.
 *
 * The runner's module follows the kernel; with the default notes it is mapped and mod_start is a
 * virtual address.
 */
#include "kit.h"

#include <xen/sched.h>

static const char module_text[] = "the module of every guest";

static u64 msr_read(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return ((u64)hi << 32) | lo;
}

static void msr_write(u32 msr, u64 val)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)val), "d"((u32)(val >> 32)));
}

static void check_registers(void)
{
	CHECK_EQ(boot_regs.rax, 0);
	CHECK_EQ(boot_regs.rbx, 0);
	CHECK_EQ(boot_regs.rcx, 0);
	CHECK_EQ(boot_regs.rdx, 0);
	CHECK_EQ(boot_regs.rdi, 0);
	CHECK_EQ(boot_regs.rbp, 0);
	CHECK_EQ(boot_regs.r8, 0);
	CHECK_EQ(boot_regs.r9, 0);
	CHECK_EQ(boot_regs.r10, 0);
	CHECK_EQ(boot_regs.r11, 0);
	CHECK_EQ(boot_regs.r12, 0);
	CHECK_EQ(boot_regs.r13, 0);
	CHECK_EQ(boot_regs.r14, 0);
	CHECK_EQ(boot_regs.r15, 0);
	CHECK_EQ(boot_regs.rflags, 0x202);
	CHECK_EQ(boot_regs.cs, FLAT_KERNEL_CS);
	CHECK_EQ(boot_regs.ss, FLAT_KERNEL_SS);
	CHECK_EQ(boot_regs.ds, 0);
	CHECK_EQ(boot_regs.es, 0);
	CHECK_EQ(boot_regs.fs, 0);
	CHECK_EQ(boot_regs.gs, 0);
	CHECK_EQ(boot_regs.rsi & (PAGE_SIZE - 1), 0);
	CHECK_EQ(boot_regs.rsp & (PAGE_SIZE - 1), 0);
}

static void check_start_info(void)
{
	const struct start_info *si = start_info;

	/* The suffix says that the PAE note was seen. */
	CHECK(strcmp(si->magic, "xen-3.0-x86_64p") == 0);
	CHECK_EQ(si->nr_pages, 64UL << 8); /* dom0_mem=64M */
	CHECK_EQ(si->shared_info & (PAGE_SIZE - 1), 0);
	CHECK(si->shared_info != 0);
	CHECK_EQ(si->flags & 0xff, SIF_PRIVILEGED | SIF_INITDOMAIN);
	CHECK_EQ(si->store_mfn, 0);
	CHECK_EQ(si->store_evtchn, 0);
	CHECK_EQ(si->pt_base & (PAGE_SIZE - 1), 0);
	CHECK(si->pt_base > (u64)si);
	CHECK(si->nr_pt_frames >= 4);
	CHECK_EQ(si->mfn_list & (PAGE_SIZE - 1), 0);
	CHECK_EQ(si->nr_p2m_frames, 0);
	check_that(strcmp((const char *)si->cmd_line, guest_name) == 0, "command line is '%s'",
		   (const char *)si->cmd_line);
	CHECK_EQ(si->mod_len, sizeof(module_text) - 1);
	if (CHECK(si->mod_start > VIRT_BASE)) {
		CHECK(memcmp((const void *)si->mod_start, module_text, si->mod_len) == 0);
	}
}

static void check_msrs_without_traps(void)
{
	msr_write(0xc0000101, 0x123456789000);
	CHECK_EQ(msr_read(0xc0000101), 0x123456789000);
	msr_write(0xc0000101, 0);
	CHECK_EQ(msr_read(0xc0000100), 0);
	/* No such MSR, no handler for vector 13: reads as zero. */
	CHECK_EQ(msr_read(0x12345678), 0);
}

static void check_shared_info(void)
{
	const struct shared_info *s;
	unsigned int bad = 0, v;

	event_init();
	s = event_shared();
	for (v = 0; v < XEN_LEGACY_MAX_VCPUS; v++) {
		bad += s->vcpu_info[v].evtchn_upcall_mask != 1;
	}
	CHECK_EQ(bad, 0);
	CHECK_EQ(s->vcpu_info[0].evtchn_upcall_pending, 0);
	bad = 0;
	for (v = 0; v < ARRAY_SIZE(s->evtchn_pending); v++) {
		bad += s->evtchn_pending[v] != 0 || s->evtchn_mask[v] != 0;
	}
	CHECK_EQ(bad, 0);
	CHECK(s->vcpu_info[0].time.tsc_to_system_mul != 0);
	CHECK_EQ(s->vcpu_info[0].time.version & 1, 0);
	/* The first stamp and the one after the next switch are of the same clock. */
	{
		u64 first = clock_ns(), later;

		HC(sched_op, SCHEDOP_yield, 0);
		later = clock_ns();
		check_that(later >= first && later - first < 500000000, "clock jumps by %ld ns",
			   (long)(later - first));
	}
	CHECK(s->wc_sec != 0 || s->wc_sec_hi != 0);
	CHECK_EQ(s->wc_version & 1, 0);
}

void guest_main(void)
{
	check_registers();
	check_start_info();
	check_msrs_without_traps();
	check_shared_info();
	verdict();
}
