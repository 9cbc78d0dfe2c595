/* SPDX-License-Identifier: MIT */
/*
 * A PV vcpu's whole state on its way in and out: what is refused, what a guest cannot have however
 * it asks, and that what was saved is what comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/fpu.h>
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/pv_state.h>
#include <dais/pv_xstate.h>
#include <dais/x86.h>
#include <xen/errno.h>

#include "../../fake/fake.h"

#define BAD_VA		0x800000000000UL	/* not canonical */
#define RFLAGS_IOPL1	(1UL << 12)
#define AVX_SIZE	832u
#define SSE_SIZE	576u

struct x86_features x86_features = {
	.fsgsbase = true, .xsave = true, .xcr0 = 7, .xsave_size = AVX_SIZE,
};
static struct domain d;
static struct vcpu v;
static struct vcpu_guest_context c, out;
static unsigned int roots, tables;

/* --- pretended rooms --- */

void fpu_reset(struct vcpu *of)
{
	memset(of->pv.fpu, 0, x86_features.xsave_size);
}

void fpu_set_legacy(struct vcpu *of, const void *fxsave)
{
	memcpy(of->pv.fpu, fxsave, 512);
}

void fpu_set_ts(bool ts)
{
	(void)ts;
}

int pv_gdt_set(struct vcpu *of, const unsigned long *frames, unsigned int entries)
{
	tables += entries != 0;
	for (unsigned int i = 0; i < (entries + 511) / 512; i++) {
		of->pv.gdt_frames[i] = frames[i];
	}
	of->pv.gdt_entries = entries;
	return 0;
}

void pv_ldt_drop(struct vcpu *of)
{
	(void)of;
}

int pv_set_kernel_root(struct vcpu *of, mfn_t mfn)
{
	roots++;
	of->pv.kernel_cr3 = mfn << PAGE_SHIFT;
	return 0;
}

int pv_set_user_root(struct vcpu *of, mfn_t mfn)
{
	of->pv.user_cr3 = mfn << PAGE_SHIFT;
	return 0;
}

void pv_drop_roots(struct vcpu *of)
{
	of->pv.kernel_cr3 = of->pv.user_cr3 = 0;
}

const struct cpu_policy *cpuid_policy_system(enum policy_system which)
{
	(void)which;
	return NULL;
}

uint32_t cpuid_policy_xstate_size(const struct cpu_policy *p, uint64_t xcr0, bool compact)
{
	(void)p;
	assert_false(compact);
	return xcr0 & 4 ? AVX_SIZE : SSE_SIZE;
}

/* --- */

static int setup(void **state)
{
	static struct vcpu other;
	static struct vcpu_info info;

	(void)state;
	fake_reset();
	this_cpu()->current = &other;
	memset(&d, 0, sizeof(d));
	memset(&v, 0, sizeof(v));
	v.domain = &d;
	v.info = &info;
	assert_int_equal(pv_vcpu_init(&v), 0);
	memset(&c, 0, sizeof(c));
	c.flags = VGCF_in_kernel;
	c.ctrlreg[3] = xen_pfn_to_cr3(5);
	c.debugreg[6] = 0xffff0ff0;
	c.debugreg[7] = 0x400;
	roots = tables = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pv_vcpu_destroy(&v);
	return 0;
}

static void test_new(void **state)
{
	(void)state;
	assert_int_equal(v.pv.dr6, 0xffff0ff0);
	assert_int_equal(v.pv.dr7, 0x400);
	assert_int_equal(v.pv.xcr0, 1);
	assert_true(v.kernel_mode);
	assert_false(v.initialised);
}

/* Each alone; nothing is taken for it. */
static void test_refused(void **state)
{
	uint64_t *const addresses[] = {
		&c.ldt_base, &c.fs_base, &c.gs_base_kernel, &c.gs_base_user, &c.event_callback_eip,
		&c.failsafe_callback_eip, &c.syscall_callback_eip, &c.trap_ctxt[0].address,
		&c.trap_ctxt[255].address,
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		*addresses[i] = BAD_VA;
		assert_int_equal(pv_context_set(&v, &c), -XEN_EINVAL);
		*addresses[i] = 0;
	}
	c.gdt_ents = FIRST_RESERVED_GDT_ENTRY + 1;
	assert_int_equal(pv_context_set(&v, &c), -XEN_EINVAL);
	c.gdt_ents = (1UL << 32) + 1;
	assert_int_equal(pv_context_set(&v, &c), -XEN_EINVAL);
	c.gdt_ents = 0;
	c.ldt_ents = 8193;
	assert_int_equal(pv_context_set(&v, &c), -XEN_EINVAL);
	c.ldt_ents = 0;
	c.flags = 0;			/* user mode without tables */
	assert_int_equal(pv_context_set(&v, &c), -XEN_EINVAL);
	assert_int_equal(roots + tables, 0);
	assert_false(v.initialised);
}

static void test_not_to_be_had(void **state)
{
	(void)state;
	c.user_regs.cs = 0xe008;
	c.user_regs.ss = 0;
	c.user_regs.rflags = RFLAGS_VM | RFLAGS_IOPL;
	c.ctrlreg[0] = ~0UL;
	c.ctrlreg[4] = ~0UL;
	c.debugreg[0] = 0xffff800000000000UL;
	assert_int_equal(pv_context_set(&v, &c), 0);
	assert_int_equal(v.regs.cs & 3, 3);
	assert_int_equal(v.regs.ss & 3, 3);
	assert_int_equal(v.regs.rflags, RFLAGS_IF | 2);
	assert_int_equal(v.pv.cr0_ts, CR0_TS);
	assert_int_equal(v.pv.cr4, CR4_TSD | CR4_DE | CR4_FSGSBASE | CR4_OSXSAVE);
	assert_int_equal(v.pv.dr[0], 0);
}

static void test_round(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 15; i++) {
		(&c.user_regs.r15)[i] = 100 + i;
	}
	c.user_regs.rip = 1, c.user_regs.rsp = 2, c.user_regs.cs = FLAT_KERNEL_CS;
	c.user_regs.ss = FLAT_KERNEL_SS, c.user_regs.rflags = RFLAGS_IF | RFLAGS_IOPL1 | 2;
	c.user_regs.ds = 3, c.user_regs.es = 4, c.user_regs.fs = 5, c.user_regs.gs = 6;
	c.flags = VGCF_i387_valid | VGCF_syscall_disables_events | VGCF_failsafe_disables_events |
		  VGCF_online;
	c.fpu_ctxt.x[0] = 7;
	c.ldt_base = 0x1000, c.ldt_ents = 8;
	c.gdt_frames[0] = 9, c.gdt_frames[1] = 10, c.gdt_ents = 513;
	c.kernel_ss = FLAT_KERNEL_SS, c.kernel_sp = 11;
	c.ctrlreg[0] = 0x80050033UL | CR0_TS;
	c.ctrlreg[1] = xen_pfn_to_cr3(12);
	c.ctrlreg[4] = CR4_TSD;
	c.debugreg[0] = 0x2000, c.debugreg[7] = 0x401;
	c.event_callback_eip = 13, c.failsafe_callback_eip = 14, c.syscall_callback_eip = 15;
	c.fs_base = 16, c.gs_base_kernel = 17, c.gs_base_user = 18;
	c.vm_assist = 1UL << VMASST_TYPE_writable_pagetables;
	for (unsigned int i = 0; i < 256; i++) {
		c.trap_ctxt[i] = (struct trap_info){ .vector = i, .cs = 3, .address = i * 16 };
	}
	d.vm_assist = c.vm_assist;
	assert_int_equal(pv_context_set(&v, &c), 0);
	pv_context_get(&v, &out);
	assert_memory_equal(&out, &c, sizeof(c));
}

/* Also of the vcpus that are restored after the first, which has brought the domain's switches. */
static void test_iopl(void **state)
{
	(void)state;
	c.user_regs.rflags = RFLAGS_IOPL1;
	assert_int_equal(pv_context_set(&v, &c), 0);
	assert_int_equal(v.pv.iopl, 1);
	d.vm_assist = 1UL << VMASST_TYPE_architectural_iopl;
	c.user_regs.rflags = RFLAGS_IOPL;
	assert_int_equal(pv_context_set(&v, &c), 0);
	assert_int_equal(v.pv.iopl, 3);
	pv_context_get(&v, &out);
	assert_int_equal(out.user_regs.rflags & RFLAGS_IOPL, RFLAGS_IOPL);
}

/* A vcpu that goes on where it was keeps the features it has switched on: its next XRSTOR needs them. */
static void test_xcr0_stays(void **state)
{
	(void)state;
	assert_int_equal(pv_context_set(&v, &c), 0);
	v.pv.xcr0 = 7;
	assert_int_equal(pv_context_set(&v, &c), 0);
	assert_int_equal(v.pv.xcr0, 7);
	pv_vcpu_reset(&v);
	assert_int_equal(v.pv.xcr0, 1);
}

static void test_debug_registers(void **state)
{
	unsigned long val;

	(void)state;
	assert_int_equal(pv_debugreg_set(&v, 8, 0), -XEN_ENODEV);
	assert_int_equal(pv_debugreg_get(&v, 8, &val), -XEN_ENODEV);
	assert_int_equal(pv_debugreg_set(&v, 3, 0xffff87ffffffffffUL), -XEN_EPERM);
	assert_int_equal(pv_debugreg_set(&v, 3, BAD_VA), -XEN_EPERM);
	assert_int_equal(pv_debugreg_set(&v, 3, 0xffff880000000000UL), 0);
	assert_int_equal(pv_debugreg_set(&v, 7, 1UL << 32), -XEN_EINVAL);
	assert_int_equal(pv_debugreg_set(&v, 7, 1UL << 13), -XEN_EPERM);
	/* a breakpoint on a port, for which CR4.DE is needed; one that is not enabled is none */
	assert_int_equal(pv_debugreg_set(&v, 7, 2UL << 28 | 1UL << 7), -XEN_EPERM);
	assert_int_equal(pv_debugreg_set(&v, 7, 2UL << 28 | 1UL << 5), 0);
	v.pv.cr4 = CR4_DE;
	assert_int_equal(pv_debugreg_set(&v, 5, 2UL << 28 | 1UL << 7), 0);
	assert_int_equal(pv_debugreg_get(&v, 7, &val), 0);
	assert_int_equal(val, 2UL << 28 | 1UL << 7 | 0x400);
	assert_int_equal(pv_debugreg_set(&v, 4, 1UL << 32), -XEN_EINVAL);
	assert_int_equal(pv_debugreg_set(&v, 4, 1UL << 12 | 1), 0);
	assert_int_equal(pv_debugreg_get(&v, 6, &val), 0);
	assert_int_equal(val, 0xffff0ff1);
}

/* With the two words of struct pv_xstate in front of the image. */
static uint64_t words[(PV_XSTATE_HEADER + AVX_SIZE) / 8];
static struct pv_xstate *const x = (struct pv_xstate *)words;

static int xstate_set(uint64_t xcr0, uint64_t used, uint64_t in_image, size_t image)
{
	x->xcr0 = xcr0;
	x->used = used;
	words[2 + 64] = in_image;
	return pv_xstate_set(&v, x, PV_XSTATE_HEADER + image);
}

static void test_xstate(void **state)
{
	(void)state;
	assert_int_equal(pv_xstate_max(), PV_XSTATE_HEADER + AVX_SIZE);
	assert_int_equal(xstate_set(7, 7, 7, AVX_SIZE), 0);
	assert_int_equal(v.pv.xcr0, 7);
	assert_int_equal(pv_xstate_get(&v, x), PV_XSTATE_HEADER + AVX_SIZE);
	assert_int_equal(xstate_set(1, 3, 3, SSE_SIZE), 0);
	assert_int_equal(pv_xstate_get(&v, x), PV_XSTATE_HEADER + SSE_SIZE);
	assert_int_equal(x->used, 3);

	assert_int_equal(xstate_set(7, 7, 7, AVX_SIZE - 1), -XEN_EINVAL);
	assert_int_equal(xstate_set(7, 7, 7, AVX_SIZE + 1), -XEN_EINVAL);
	assert_int_equal(xstate_set(1, 3, 3, SSE_SIZE - 1), -XEN_EINVAL);
	assert_int_equal(xstate_set(7, 3, 3, AVX_SIZE), -XEN_EINVAL);	/* not in the image */
	assert_int_equal(xstate_set(1, 3, 7, AVX_SIZE), -XEN_EINVAL);
	assert_int_equal(xstate_set(5, 7, 7, AVX_SIZE), -XEN_EINVAL);	/* AVX without SSE */
	assert_int_equal(xstate_set(1, 15, 3, AVX_SIZE), -XEN_EINVAL);
	for (unsigned int i = 65; i < 72; i++) {
		words[2 + i] = 1UL << 63;		/* compacted format, reserved words */
		assert_int_equal(xstate_set(7, 7, 7, AVX_SIZE), -XEN_EINVAL);
		words[2 + i] = 0;
	}
	words[2 + 3] = 1UL << 16;		/* MXCSR */
	assert_int_equal(xstate_set(7, 7, 7, AVX_SIZE), -XEN_EINVAL);
	words[2 + 3] = 0xffff;
	assert_int_equal(xstate_set(7, 7, 7, AVX_SIZE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_to_be_had, setup, teardown),
		cmocka_unit_test_setup_teardown(test_round, setup, teardown),
		cmocka_unit_test_setup_teardown(test_iopl, setup, teardown),
		cmocka_unit_test_setup_teardown(test_xcr0_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_debug_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_xstate, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
