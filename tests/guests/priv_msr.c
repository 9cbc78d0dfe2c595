/* SPDX-License-Identifier: MIT */
/*
 * Which MSRs can a PV kernel read and write?
 *
 * Bochs: corei7_skylake_x,x2apic ryzen athlon64_clawhammer
 *
 * Segment bases really change; EFER, APIC_BASE and PAT are shown because kernels derive things from
 * them (PAT must be the layout of PV page-table entries, 0x050100070406); the syscall MSRs and the
 * x2APIC range belong to the hypervisor and fault, as does any MSR nobody knows, and TSC_AUX where
 * there is no RDTSCP. A fault is at the instruction and changes nothing. User mode gets #GP always.
 */
#include "kit.h"

#include "cpuid.h"

#define MSR_APIC_BASE 0x1b
#define MSR_PAT 0x277
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX 0xc0000103

static u64 rd(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return ((u64)hi << 32) | lo;
}

static void wr(u32 msr, u64 val)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)val), "d"((u32)(val >> 32)));
}

static u64 fs_word(void)
{
	u64 v;

	__asm__ volatile("movq %%fs:0, %0" : "=r"(v));
	return v;
}

static u64 gs_word(void)
{
	u64 v;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(v));
	return v;
}

static long user_rd(long msr)
{
	return (long)rd((u32)msr);
}

static long user_gs(long arg)
{
	return (long)gs_word() + arg;
}

static void check_bases(void)
{
	static volatile u64 words[3] = { 0x11, 0x22, 0x33 };

	wr(MSR_FS_BASE, (u64)&words[0]);
	wr(MSR_GS_BASE, (u64)&words[1]);
	wr(MSR_KERNEL_GS_BASE, (u64)&words[2]);
	CHECK_EQ(fs_word(), 0x11);
	CHECK_EQ(gs_word(), 0x22);
	CHECK_EQ(rd(MSR_FS_BASE), &words[0]);
	CHECK_EQ(rd(MSR_GS_BASE), &words[1]);
	CHECK_EQ(rd(MSR_KERNEL_GS_BASE), &words[2]);
	/* "Kernel GS" is the other one: what user mode will see. */
	CHECK_EQ(user_call(user_gs, 0), 0x33);
	CHECK_EQ(gs_word(), 0x22);
	CHECK_EQ(HC(set_segment_base, SEGBASE_FS, &words[2]), 0);
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_KERNEL, &words[0]), 0);
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_USER, &words[1]), 0);
	CHECK_EQ(fs_word(), 0x33);
	CHECK_EQ(gs_word(), 0x11);
	CHECK_EQ(user_call(user_gs, 0), 0x22);
	CHECK_EQ(rd(MSR_KERNEL_GS_BASE), &words[1]);
	/* Non-canonical bases. */
	CHECK_EQ(TRAP_OF(wr(MSR_FS_BASE, ADDR_NONCANONICAL)), TRAP_GP);
	CHECK_EQ(TRAP_OF(wr(MSR_GS_BASE, ADDR_NONCANONICAL)), TRAP_GP);
	CHECK_EQ(TRAP_OF(wr(MSR_KERNEL_GS_BASE, ADDR_NONCANONICAL)), TRAP_GP);
	CHECK_EQ(HC(set_segment_base, SEGBASE_FS, ADDR_NONCANONICAL), -kEINVAL);
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_USER_SEL, 0), 0);
	/* A selector that cannot be loaded becomes the null selector, never an error. */
	CHECK_EQ(HC(set_segment_base, SEGBASE_GS_USER_SEL, 0x1233), 0);
	CHECK_EQ(HC(set_segment_base, 4, 0), -kEINVAL);
	CHECK_EQ(rd(MSR_FS_BASE), &words[2]);
}

static void check_shown(void)
{
	u64 efer = rd(MSR_EFER);

	CHECK_EQ(rd(MSR_PAT), 0x050100070406UL);
	CHECK_EQ(rd(MSR_APIC_BASE), 0xfee00900UL);
	CHECK_EQ(efer, 0xd01); /* NX, LMA, LME, SCE */
	CHECK_EQ(TRAP_OF(wr(MSR_EFER, efer)), -1);
	CHECK_EQ(TRAP_OF(wr(MSR_EFER, efer ^ 0x800)), TRAP_GP);
	/* Writing what is there is refused by the oracle; to accept it does no harm. */
	CHECK_EITHER(TRAP_OF(wr(MSR_PAT, 0x050100070406UL)), TRAP_GP, -1);
	CHECK_EQ(TRAP_OF(wr(MSR_PAT, 0x0007040600070406UL)), TRAP_GP);
	CHECK(rd(0x10) != 0);
	CHECK(rd(0x10) < rd(0x10));
}

static void check_faults(u32 msr)
{
	int v = TRAP_OF(rd(msr));

	check_that(v == TRAP_GP && trap_last.error == 0, "rdmsr 0x%x gives %d", msr, v);
	v = TRAP_OF(wr(msr, 0));
	check_that(v == TRAP_GP, "wrmsr 0x%x gives %d", msr, v);
}

static void check_refused(void)
{
	static const u32 msrs[] = { MSR_STAR, MSR_LSTAR, 0xc0000083, 0xc0000084, 0x174,
				    0x175,    0x176,	 0x802,	     0x803,	 0x8ff,
				    0xfe,     0x2ff,	 0x12345678 };

	for (unsigned int i = 0; i < ARRAY_SIZE(msrs); i++) {
		check_faults(msrs[i]);
	}
	if (!(cpuid(0x80000001).edx & CPUID_EXT_RDTSCP)) {
		check_faults(MSR_TSC_AUX);
	}
	CHECK_EQ(*(u16 *)trap_last.rip, 0x300f);
	CHECK_EQ(TRAP_OF(user_call(user_rd, MSR_PAT)), TRAP_GP);
	CHECK_EQ(TRAP_OF(user_call(user_rd, MSR_FS_BASE)), TRAP_GP);
}

void guest_main(void)
{
	kit_init();
	user_init();
	check_bases();
	check_shown();
	check_refused();
	verdict();
}
