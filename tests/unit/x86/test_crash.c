/* SPDX-License-Identifier: MIT */
/*
 * The last words: the report comes to its end whatever stack it is about, also when that is used up
 * or ends at a page that is not there. Each in a process of its own, since there is one panic only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <dais/console.h>
#include <dais/crash.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/ksyms.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/smp.h>
#include <dais/x86.h>

#define HALTED		100	/* exit code; else how many addresses were shown */
#define BLOCKS		0x200000000000UL	/* the CPUs', of which only the first is made */
#define STACK_BOTTOM	(BLOCKS + 0xb000)
#define IST_TOP		(BLOCKS + 0xa000)

char __text_start[0x40];
__asm__(".globl __text_end\n\t.set __text_end, __text_start + 0x40");

static struct cpu cpu;
static struct vcpu v = { .is_idle = true };
static int shown;

/* --- pretended rooms --- */

struct cpu *this_cpu(void)
{
	return &cpu;
}

struct cpu *cpu_ptr(unsigned int i)
{
	return (struct cpu *)(BLOCKS + i * PERCPU_SIZE);
}

void irq_disable(void)
{
}

unsigned long read_cr2(void)
{
	return 0;
}

/* As the blocks are laid out: a page below each stack is not there. */
paddr_t paging_walk(unsigned long va)
{
	unsigned long page = (va - BLOCKS) / PAGE_SIZE;

	return page == 4 || page == 6 || page == 8 || page == 10 ? INVALID_PADDR : va;
}

const char *ksym_lookup(uintptr_t addr, unsigned long *offset)
{
	*offset = addr - (uintptr_t)__text_start;
	shown++;
	return "text";
}

void machine_crash_end(void)
{
	_exit(shown);
}

void machine_halt(void)
{
	_exit(HALTED);
}

void smp_stop_others(void)
{
}

void console_start_sync(void)
{
}

void printk(enum log_level lvl, const char *fmt, ...)
{
	(void)lvl;
	(void)fmt;
}

int copy_from_guest(void *dst, unsigned long va, size_t n)
{
	(void)dst;
	(void)va;
	(void)n;
	return -1;
}

/* --- */

/*
 * The first and last word of each page look like return addresses; the last of all is beyond the
 * stack.
 */
static void stacks_make(void)
{
	for (unsigned long at = BLOCKS; at < BLOCKS + PERCPU_SIZE; at += PAGE_SIZE) {
		bool there = paging_walk(at) != INVALID_PADDR;
		unsigned long *page = mmap((void *)at, PAGE_SIZE,
					   there ? PROT_READ | PROT_WRITE : PROT_NONE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		assert_ptr_equal(page, at);
		if (there) {
			page[0] = page[PAGE_SIZE / 8 - 1] = (unsigned long)__text_start + 5;
		}
	}
}

static int crash_at(unsigned long rsp)
{
	struct regs r = { .vector = 8, .rsp = rsp };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		crash_fatal_trap(&r);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_stack(void **state)
{
	(void)state;
	assert_int_equal(crash_at(STACK_BOTTOM), 9);
	assert_int_equal(crash_at(STACK_BOTTOM + 8), 8);
	assert_int_equal(crash_at(STACK_BOTTOM + 3), 9);	/* not even aligned */
	assert_int_equal(crash_at(BLOCKS + PERCPU_SIZE - 8), 0);
}

static void test_overflow(void **state)
{
	(void)state;
	assert_int_equal(crash_at(STACK_BOTTOM - 8), 9);
	assert_int_equal(crash_at(STACK_BOTTOM - PAGE_SIZE), 9);
}

static void test_stack_of_exception(void **state)
{
	(void)state;
	assert_int_equal(crash_at(IST_TOP - 0x100), 1);
	assert_int_equal(crash_at(IST_TOP - PAGE_SIZE), 2);
	assert_int_equal(crash_at(IST_TOP - PAGE_SIZE - 8), 2);
}

static void test_no_stack_of_ours(void **state)
{
	(void)state;
	assert_int_equal(crash_at(0), 0);
	assert_int_equal(crash_at(BLOCKS - 8), 0);
	assert_int_equal(crash_at(BLOCKS + NR_CPUS * PERCPU_SIZE), 0);
	assert_int_equal(crash_at(~0UL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_stack_of_exception),
		cmocka_unit_test(test_no_stack_of_ours),
	};

	cpu.current = &v;
	stacks_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
