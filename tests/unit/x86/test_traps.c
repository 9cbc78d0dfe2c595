/* SPDX-License-Identifier: MIT */
/*
 * Exceptions of the hypervisor itself: which are expected, and where it goes on after one. Above
 * all those at a selector of the guest's LDT, whose page is fetched when it is first touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dais/context.h>
#include <dais/crash.h>
#include <dais/domain.h>
#include <dais/fpu.h>
#include <dais/io.h>
#include <dais/irq.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/pv_trap.h>
#include <dais/smp.h>
#include <dais/uaccess.h>
#include <dais/x86.h>
#include <dais/xpti.h>

#include "../../fake/fake.h"

#define LOAD	0x1000UL	/* an instruction that may fault */
#define FIXUP	0x2000UL
#define PAGES	(DESC_LDT(0))

enum went { ON, TO_GUEST, CRASHED };

const char guest_iret[1];
struct domain *dom0;
static struct vcpu v;
static struct regs r;
static unsigned long cr2;
static enum { ABSENT, FETCHED, OTHER_WORK } ldt;
static unsigned int asked;
static jmp_buf away;

void trap_from_hypervisor(struct regs *regs);

/* --- pretended rooms --- */

unsigned long read_cr2(void)
{
	return cr2;
}

bool pv_ldt_fault(struct vcpu *of, unsigned long offset)
{
	assert_ptr_equal(of, &v);
	assert_true(irqs_enabled());
	asked++;
	if (ldt == FETCHED) {
		v.pv.ldt_shadowed |= 1U << (offset >> PAGE_SHIFT);
	}
	return ldt != ABSENT;
}

unsigned long ex_table_find(unsigned long rip)
{
	return rip == LOAD ? FIXUP : 0;
}

void guest_resume(void *stack_top)
{
	(void)stack_top;
	longjmp(away, TO_GUEST);
}

void crash_fatal_trap(const struct regs *regs)
{
	(void)regs;
	longjmp(away, CRASHED);
}

void pv_inject_error(struct vcpu *of, unsigned int vector, uint32_t error_code)
{
	(void)of;
	check_expected(vector);
	check_expected(error_code);
}

#define UNUSED(type, name, ...) \
	type name(__VA_ARGS__) \
	{ \
		fail(); \
		return (type)0; \
	}

UNUSED(bool, pv_emulate_privileged, struct vcpu *of)
UNUSED(bool, pv_emulate_int, struct vcpu *of)
UNUSED(bool, pv_emulate_cpuid_prefix, struct vcpu *of)
UNUSED(bool, pv_emulate_write, struct vcpu *of, unsigned long va)
UNUSED(bool, pv_int_n, struct vcpu *of, unsigned int vector, unsigned int insn_len)
UNUSED(bool, smp_nmi_stop, void)
UNUSED(bool, xpti_root_is_old, const struct vcpu *of, unsigned long at)
UNUSED(uint8_t, inb, uint16_t port)
UNUSED(void, pv_inject, struct vcpu *of, unsigned int vector)
UNUSED(void, pv_inject_page_fault, struct vcpu *of, unsigned long at, uint32_t error_code)
UNUSED(void, fpu_set_ts, bool ts)
UNUSED(void, irq_dispatch, unsigned int vector, struct regs *regs)

/* --- */

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&v, 0, sizeof(v));
	this_cpu()->current = &v;
	ldt = ABSENT;
	asked = 0;
	return 0;
}

/* Interrupts are off on arrival, as the gates have it. */
static enum went trap(unsigned int vector, unsigned long rip, unsigned long at)
{
	int where;

	r = (struct regs){ .vector = vector, .rip = rip };
	cr2 = at;
	irq_disable();
	where = setjmp(away);
	if (where == 0) {
		trap_from_hypervisor(&r);
		assert_false(irqs_enabled());
	}
	return where;
}

static void test_selector_found(void **state)
{
	(void)state;
	ldt = FETCHED;
	assert_int_equal(trap(14, LOAD, PAGES + 3 * PAGE_SIZE + 8), ON);
	assert_int_equal(r.rip, LOAD);		/* it is tried again */
	assert_int_equal(asked, 1);
}

static void test_selector_missing(void **state)
{
	(void)state;
	assert_int_equal(trap(14, LOAD, PAGES), ON);
	assert_int_equal(r.rip, FIXUP);
}

/* Tried again, it would fault again, for as long as nothing else gets its turn. */
static void test_selector_must_wait(void **state)
{
	(void)state;
	ldt = OTHER_WORK;
	assert_int_equal(trap(14, LOAD, PAGES + 15 * PAGE_SIZE), ON);
	assert_int_equal(r.rip, FIXUP);
	v.pv.ldt_shadowed = 1U << 2;		/* another page is there */
	assert_int_equal(trap(14, LOAD, PAGES + 3 * PAGE_SIZE), ON);
	assert_int_equal(r.rip, FIXUP);
}

/* On the way to the guest all that is due gets its turn. */
static void test_iret_again(void **state)
{
	(void)state;
	ldt = OTHER_WORK;
	assert_int_equal(trap(14, (unsigned long)guest_iret, PAGES), TO_GUEST);
	ldt = FETCHED;
	assert_int_equal(trap(14, (unsigned long)guest_iret, PAGES), TO_GUEST);
	ldt = ABSENT;
	expect_value(pv_inject_error, vector, 13);
	expect_value(pv_inject_error, error_code, 0);
	assert_int_equal(trap(14, (unsigned long)guest_iret, PAGES), TO_GUEST);
	expect_value(pv_inject_error, vector, 11);
	expect_value(pv_inject_error, error_code, 0);
	assert_int_equal(trap(11, (unsigned long)guest_iret, 0), TO_GUEST);
	assert_int_equal(asked, 3);
}

static void test_other_addresses(void **state)
{
	(void)state;
	ldt = FETCHED;
	assert_int_equal(trap(14, LOAD, PAGES - 1), ON);
	assert_int_equal(r.rip, FIXUP);
	assert_int_equal(trap(14, LOAD, PAGES + 16 * PAGE_SIZE), ON);
	assert_int_equal(r.rip, FIXUP);
	assert_int_equal(trap(14, LOAD, 0), ON);
	assert_int_equal(r.rip, FIXUP);
	assert_int_equal(asked, 0);
	for (unsigned int vector = 10; vector <= 13; vector++) {
		assert_int_equal(trap(vector, LOAD, PAGES), ON);
		assert_int_equal(r.rip, FIXUP);
	}
}

static void test_unexpected(void **state)
{
	(void)state;
	assert_int_equal(trap(14, LOAD + 1, PAGES), CRASHED);
	assert_int_equal(trap(13, LOAD + 1, 0), CRASHED);
	for (unsigned int vector = 0; vector < 32; vector++) {
		if (vector != 1 && vector != 2 && (vector < 10 || vector > 14)) {
			assert_int_equal(trap(vector, LOAD, 0), CRASHED);
			assert_int_equal(trap(vector, (unsigned long)guest_iret, 0), CRASHED);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_selector_found, setup),
		cmocka_unit_test_setup(test_selector_missing, setup),
		cmocka_unit_test_setup(test_selector_must_wait, setup),
		cmocka_unit_test_setup(test_iret_again, setup),
		cmocka_unit_test_setup(test_other_addresses, setup),
		cmocka_unit_test_setup(test_unexpected, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
