/* SPDX-License-Identifier: MIT */
/*
 * What does a guest's CPUID say?
 *
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * The bytes ud2a; "xen"; cpuid ask the hypervisor, in kernel mode and in user mode alike: leaves
 * from 0x40000000 name it, the others show the processor without what a PV guest cannot have. The
 * name is the ABI's name, since that is what guests look for. All four registers are written as
 * 32-bit values. The prefix without a CPUID behind it is just an invalid opcode.
 */
#include "kit.h"

#include "cpuid.h"

struct leaf {
	u32 a, b, c, d;
};

static struct leaf forced(u32 fn, u32 sub)
{
	struct leaf l;

	__asm__ volatile("ud2a; .ascii \"xen\"; cpuid"
			 : "=a"(l.a), "=b"(l.b), "=c"(l.c), "=d"(l.d)
			 : "a"(fn), "c"(sub));
	return l;
}

static u64 forced_high_bits(void)
{
	u64 a = 0xffffffff40000000UL, b = ~0UL, c = ~0UL, d = ~0UL;

	__asm__ volatile("ud2a; .ascii \"xen\"; cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
	return (a | b | c | d) >> 32;
}

static long user_forced(long fn)
{
	return forced((u32)fn, 0).b;
}

static void prefix_alone(void)
{
	__asm__ volatile("ud2a; .ascii \"xen\"; nop; nop");
}

static void prefix_wrong(void)
{
	__asm__ volatile("ud2a; .ascii \"xyz\"; cpuid");
}

static void check_hypervisor_leaves(void)
{
	struct leaf l = forced(0x40000000, 0);

	CHECK_EQ(l.b, 0x566e6558); /* "XenV" */
	CHECK_EQ(l.c, 0x65584d4d); /* "MMXe" */
	CHECK_EQ(l.d, 0x4d4d566e); /* "nVMM" */
	CHECK(l.a >= 0x40000003 && l.a <= 0x40000010);
	CHECK_EQ(forced(0x40000001, 0).a, 0x00040011);
	l = forced(0x40000002, 0);
	CHECK_EQ(l.c & 1, 1); /* mmu_update preserves A and D */
	if (forced(0x40000000, 0).a >= 0x40000005) {
		u32 bits = forced(0x40000005, 0).b; /* width of machine addresses */

		CHECK(bits >= 28 && bits <= 52);
	}
	CHECK_EQ(forced_high_bits(), 0);
	l = forced(0x40000100, 0);
	CHECK_EQ(l.a | l.b | l.c | l.d, 0);
}

/* How time is told: the rates of the domain's TSC and of the machine's, in kHz. */
static void check_time_leaves(void)
{
	struct leaf l = forced(0x40000003, 0), scale = forced(0x40000003, 1);
	const volatile struct vcpu_time_info *t = &event_vcpu_info()->time;

	CHECK_EQ(l.b, 0);	/* the default mode */
	CHECK(l.d <= 1);	/* it has not moved */
	CHECK(forced(0x40000003, 2).a > 10000);
	/* The oracle tells its dom0 of the machine's only. */
	if (l.c != 0 || !kit_is_dom0()) {
		CHECK_EQ(l.c, forced(0x40000003, 2).a);
		CHECK_EQ(scale.c, t->tsc_to_system_mul);
		CHECK_EQ((signed char)scale.d, t->tsc_shift);
	}
	l = forced(0x40000003, 3);
	CHECK_EQ(l.a | l.b | l.c | l.d, 0);
}

static void check_features(void)
{
	struct leaf one = forced(1, 0), ext = forced(0x80000001, 0);

	/* Things every kernel relies on. */
	CHECK_EQ((one.d >> 0) & 1, 1);  /* FPU */
	CHECK_EQ((one.d >> 5) & 1, 1);  /* MSR */
	CHECK_EQ((one.d >> 6) & 1, 1);  /* PAE */
	CHECK_EQ((one.d >> 9) & 1, 1);  /* APIC */
	CHECK_EQ((one.d >> 26) & 1, 1); /* SSE2 */
	CHECK_EQ((one.c >> 31) & 1, 1); /* hypervisor */
	CHECK_EQ((ext.d >> 11) & 1, 1); /* SYSCALL */
	CHECK_EQ((ext.d >> 20) & 1, 1); /* NX */
	CHECK_EQ((ext.d >> 29) & 1, 1); /* long mode */
	/* Things a PV guest cannot use. */
	CHECK_EQ((one.d >> 1) & 1, 0);  /* VME */
	CHECK_EQ((one.d >> 3) & 1, 0);  /* PSE */
	CHECK_EQ((one.d >> 13) & 1, 0); /* PGE */
	CHECK_EQ((one.d >> 17) & 1, 0); /* PSE36 */
	CHECK_EQ((one.c >> 17) & 1, 0); /* PCID */
	CHECK_EQ((one.c >> 21) & 1, 0); /* x2APIC */
	CHECK_EQ((one.c >> 5) & 1, 0);  /* VMX */
	CHECK_EQ((ext.c >> 2) & 1, 0);  /* SVM */
	CHECK_EQ((ext.d >> 26) & 1, 0); /* 1 GiB pages */
	CHECK_EQ(forced(7, 0).b & ((1 << 7) | (1 << 20)), 0); /* SMEP, SMAP */
}

/* SYSENTER works in long mode on Intel's processors alone. */
static void check_sysenter(void)
{
	u32 maker = forced(0, 0).b;

	if (maker == CPUID_AMD || maker == CPUID_INTEL) {
		CHECK_EQ((forced(1, 0).d >> 11) & 1, maker == CPUID_INTEL);
	}
}

/* AMD's family 15 always waits at LFENCE but does not say so: the hypervisor does. */
static void check_lfence(void)
{
	struct leaf most = forced(0x80000000, 0);

	if (most.b == CPUID_AMD && (forced(1, 0).a & 0xff00f00) == 0xf00) {
		CHECK_EQ(most.a, 0x80000021);
		CHECK_EQ(forced(0x80000021, 0).a & 4, 4);
	}
}

void guest_main(void)
{
	kit_init();
	user_init();
	check_hypervisor_leaves();
	check_time_leaves();
	check_features();
	check_sysenter();
	check_lfence();
	CHECK_EQ(user_call(user_forced, 0x40000000), 0x566e6558);
	CHECK_EQ(TRAP_OF(prefix_alone()), TRAP_UD);
	CHECK_EQ(TRAP_OF(prefix_wrong()), TRAP_UD);
	CHECK_EQ(*(u16 *)trap_last.rip, 0x0b0f);
	verdict();
}
