/* SPDX-License-Identifier: MIT */
/*
 * CR4.TSD: a kernel can forbid its programs to read the time stamp counter.
 *
 * RDTSC and RDTSCP in user mode are #GP while the bit is set and work again afterwards, also when
 * the vcpu was away from the CPU in between. The kernel itself can read the counter all the time.
 *
 * Cpu: max
 * Bochs: corei7_skylake_x,x2apic ryzen
 */
#include "kit.h"

#include <xen/sched.h>

#define CR4_TSD 4
#define RDTSCP (1U << 27)

static u64 read_cr4(void)
{
	u64 v;

	__asm__ volatile("mov %%cr4, %0" : "=a"(v));
	return v;
}

static void write_cr4(u64 v)
{
	__asm__ volatile("mov %0, %%cr4" : : "a"(v) : "memory");
}

static u64 rdtscp(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi) : : "rcx");
	return ((u64)hi << 32) | lo;
}

static long user_rdtsc(long arg)
{
	return (long)clock_tsc() + arg;
}

static long user_rdtscp(long arg)
{
	return (long)rdtscp() + arg;
}

static bool have_rdtscp(void)
{
	u32 a = 0x80000001, b, c = 0, d;

	__asm__ volatile(".byte 0x0f, 0x0b, 'x', 'e', 'n'; cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return d & RDTSCP;
}

static void away(void)
{
	struct sched_poll op = { .timeout = clock_ns() + 3000000 };

	CHECK_EQ(HC(sched_op, SCHEDOP_poll, &op), 0);
}

static void check_forbidden(bool p)
{
	u64 before = clock_tsc();

	CHECK_EQ(TRAP_OF(user_call(user_rdtsc, 0)), TRAP_GP);
	CHECK_EQ(trap_last.error, 0);
	CHECK(clock_tsc() > before);
	if (p) {
		CHECK_EQ(TRAP_OF(user_call(user_rdtscp, 0)), TRAP_GP);
		CHECK(rdtscp() > before);
	}
}

static void check_allowed(bool p)
{
	u64 before = clock_tsc(), now = 0;

	CHECK_EQ(TRAP_OF(now = (u64)user_call(user_rdtsc, 0)), -1);
	CHECK(now > before);
	if (p) {
		CHECK_EQ(TRAP_OF(now = (u64)user_call(user_rdtscp, 0)), -1);
		CHECK(now > before);
	}
}

void guest_main(void)
{
	u64 cr4;
	bool p;

	kit_init();
	user_init();
	cr4 = read_cr4();
	p = have_rdtscp();
	check_allowed(p);
	write_cr4(cr4 | CR4_TSD);
	CHECK_EQ(read_cr4() & CR4_TSD, CR4_TSD);
	check_forbidden(p);
	away();
	check_forbidden(p);
	write_cr4(cr4);
	check_allowed(p);
	away();
	check_allowed(p);
	verdict();
}
