/* SPDX-License-Identifier: MIT */
/*
 * The pretended machine (see fake.h). Link with hypervisor/core/spinlock.c for locks.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/printk.h>
#include <dais/smp.h>
#include <dais/x86.h>
#include "fake.h"

static struct cpu cpus[FAKE_CPUS];
static bool irq_flag[FAKE_CPUS];
static _Thread_local unsigned int this_id;
static bool quiet;
static unsigned long preempt_at, preempt_every;

unsigned long fake_printk_count;
unsigned long fake_preempt_calls;
jmp_buf fake_panic_jump;
bool fake_panic_expected;
cpumask_t cpu_online_mask;
unsigned int nr_cpus = FAKE_CPUS;

void fake_reset(void)
{
	memset(cpus, 0, sizeof(cpus));
	cpumask_clear(&cpu_online_mask);
	for (unsigned int i = 0; i < FAKE_CPUS; i++) {
		cpus[i].id = i;
		irq_flag[i] = true;
		cpumask_set(&cpu_online_mask, i);
	}
	this_id = 0;
	preempt_at = preempt_every = fake_preempt_calls = 0;
	fake_panic_expected = false;
}

void fake_set_cpu(unsigned int cpu)
{
	this_id = cpu;
	cpus[cpu].id = cpu;
}

struct cpu *this_cpu(void)
{
	return &cpus[this_id];
}

struct cpu *cpu_ptr(unsigned int cpu)
{
	return &cpus[cpu];
}

void irq_enable(void)
{
	irq_flag[this_id] = true;
}

void irq_disable(void)
{
	irq_flag[this_id] = false;
}

unsigned long irq_save(void)
{
	bool on = irq_flag[this_id];

	irq_flag[this_id] = false;
	return on ? RFLAGS_IF : 0;
}

void irq_restore(unsigned long f)
{
	if (f & RFLAGS_IF) {
		irq_flag[this_id] = true;
	}
}

bool irqs_enabled(void)
{
	return irq_flag[this_id];
}

void fake_preempt_at(unsigned long n)
{
	preempt_at = n ? fake_preempt_calls + n : 0;
}

void fake_preempt_every(unsigned long n)
{
	preempt_every = n;
}

bool preempt_check(void)
{
	fake_preempt_calls++;
	return fake_preempt_calls == preempt_at ||
	       (preempt_every && fake_preempt_calls % preempt_every == 0);
}

void fake_quiet(bool q)
{
	quiet = q;
}

static void vmessage(const char *fmt, va_list ap)
{
	fake_printk_count++;
	if (!quiet) {
		vfprintf(stderr, fmt, ap);
	}
}

unsigned long fake_answers;

void tlb_answer(void)
{
	(void)__atomic_add_fetch(&fake_answers, 1, __ATOMIC_SEQ_CST);
}

void printk(enum log_level lvl, const char *fmt, ...)
{
	va_list ap;

	(void)lvl;
	va_start(ap, fmt);
	vmessage(fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	if (fake_panic_expected) {
		longjmp(fake_panic_jump, 1);
	}
	va_start(ap, fmt);
	fputs("panic: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

void fake_panic_missing(const char *file, int line)
{
	fprintf(stderr, "%s:%d: expected a panic\n", file, line);
	abort();
}
