/* SPDX-License-Identifier: MIT */
/*
 * Has each vCPU a TSC_AUX of its own?
 *
 * Cpu: SandyBridge
 * Options: dom0_max_vcpus=2
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * The kernel writes the MSR, RDTSCP in user mode reads it, and another vCPU that the same CPU runs
 * meanwhile (or for a domU dom0) does not disturb it. What is wider than 32 bits faults.
 */
#include "kit.h"

#include <xen/sched.h>

#define MSR_TSC_AUX 0xc0000103
#define MS 1000000UL

static volatile unsigned int stage;

static u64 rd(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}

static void wr(u32 msr, u64 val)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)val), "d"((u32)(val >> 32)));
}

static u32 aux(void)
{
	u32 lo, hi, v;

	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(v));
	return v;
}

static long user_aux(long arg)
{
	return aux() + arg;
}

static void nap(void)
{
	struct sched_poll op = { .timeout = clock_ns() + MS };

	HC(sched_op, SCHEDOP_poll, &op);
}

static void other_main(void)
{
	stage = aux() == 0 ? 1 : 99;
	wr(MSR_TSC_AUX, 0x2222);
	for (;;) {
		nap();
		if (stage == 1 && aux() == 0x2222) {
			stage = 2;
		}
	}
}

void guest_main(void)
{
	kit_init();
	user_init();
	CHECK_EQ(rd(MSR_TSC_AUX), 0);
	wr(MSR_TSC_AUX, 0x87654321);
	CHECK_EQ(rd(MSR_TSC_AUX), 0x87654321);
	CHECK_EQ(aux(), 0x87654321);
	CHECK_EQ(user_call(user_aux, 0), 0x87654321);
	CHECK_EQ(TRAP_OF(wr(MSR_TSC_AUX, 1UL << 32)), TRAP_GP);
	CHECK_EQ(rd(MSR_TSC_AUX), 0x87654321);
	if (kit_is_dom0()) {
		CHECK_EQ(smp_start(1, other_main), 0);
	}
	for (unsigned int i = 0; i < 50; i++) {
		nap();
		CHECK_EQ(aux(), 0x87654321);
	}
	CHECK_EQ(rd(MSR_TSC_AUX), 0x87654321);
	CHECK_EQ(stage, kit_is_dom0() ? 2 : 0);
	verdict();
}
