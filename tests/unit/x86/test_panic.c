/* SPDX-License-Identifier: MIT */
/*
 * What a panic does, in order: until the other CPUs have stopped nothing can be relied on that they
 * may hold, and until the console takes no locks nothing is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <dais/console.h>
#include <dais/crash.h>
#include <dais/guest_access.h>
#include <dais/ksyms.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/smp.h>
#include <dais/x86.h>

char __text_start[1], __text_end[1];

static struct cpu cpu;
static char said[4096];
static jmp_buf end;

struct cpu *this_cpu(void)
{
	return &cpu;
}

void printk(enum log_level lvl, const char *fmt, ...)
{
	size_t at = strlen(said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said + at, sizeof(said) - at, fmt, ap);
	va_end(ap);
}

unsigned long read_cr2(void)
{
	return 0;
}

void irq_disable(void)
{
	strcat(said, "[irqs off]");
}

void smp_stop_others(void)
{
	strcat(said, "[others stopped]");
}

void console_start_sync(void)
{
	strcat(said, "[console sync]");
}

void machine_crash_end(void)
{
	longjmp(end, 1);
}

void machine_halt(void)
{
	longjmp(end, 2);
}

struct cpu *cpu_ptr(unsigned int i)
{
	return NULL;
}

paddr_t paging_walk(unsigned long va)
{
	return INVALID_PADDR;
}

const char *ksym_lookup(uintptr_t addr, unsigned long *offset)
{
	return NULL;
}

int copy_from_guest(void *dst, unsigned long va, size_t n)
{
	return -1;
}

static int panics(void)
{
	int how = setjmp(end);

	if (how == 0) {
		panic("this and that");
	}
	return how;
}

static void test_order(void **state)
{
	static const char begin[] = "[irqs off][others stopped][console sync]"
				    "*** Dais panic on cpu 0 ***\ndais: this and that\n";

	assert_int_equal(panics(), 1);
	assert_memory_equal(said, begin, strlen(begin));
	/* Whoever comes second, be it from the first one's own end, stops and is silent. */
	said[0] = '\0';
	assert_int_equal(panics(), 2);
	assert_string_equal(said, "[irqs off]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests_name("x86/panic", tests, NULL, NULL);
}
