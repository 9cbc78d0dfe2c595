/* SPDX-License-Identifier: MIT */
/*
 * CPU policies, made from the processor this runs on: what is hidden, that a list of leaves read
 * from one can be written back, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/domain_internal.h>
#include <dais/hv_alloc.h>
#include <dais/pv_emul.h>
#include <dais/time.h>
#include <dais/x86.h>
#include <xen/arch-x86/cpuid.h>
#include <xen/errno.h>

struct x86_features x86_features;
mfn_t frame_max = 0x100000;
static struct domain d;
static struct xen_cpuid_leaf leaves[POLICY_LEAVES_MAX + 1];
static unsigned int nr;

uint64_t time_tsc_hz(void)
{
	return 2500000000u;
}

void time_get_scale(struct time_scale *s)
{
	*s = (struct time_scale){ .mul = 0x80000000u, .shift = -1 };
}

static void list_of(const struct cpu_policy *p)
{
	for (nr = 0; cpuid_policy_entry(p, nr, &leaves[nr]); nr++) {
		assert_true(nr < POLICY_LEAVES_MAX);
	}
}

static struct xen_cpuid_leaf *find(uint32_t leaf, uint32_t subleaf)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (leaves[i].leaf == leaf && leaves[i].subleaf == subleaf) {
			return &leaves[i];
		}
	}
	fail_msg("leaf %#x %#x is not listed", leaf, subleaf);
	return NULL;
}

static int setup(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	return cpuid_policy_domain_init(&d);
}

static int teardown(void **state)
{
	(void)state;
	hv_free(d.pv.policy);
	return 0;
}

static bool has(const struct cpu_policy *p, uint64_t feature)
{
	uint32_t leaf = (uint32_t)(feature >> 32);
	const struct cpuid_regs *r = cpuid_policy_leaf((struct cpu_policy *)p, leaf,
						       leaf == 7 ? 0 : XEN_CPUID_NO_SUBLEAF);

	return r && ((&r->eax)[(feature >> 8) & 3] >> (feature & 31)) & 1;
}

static void test_hidden(void **state)
{
	static const uint64_t never[] = {
		CPU_PSE,     CPU_PGE,	       CPU_MTRR,    CPU_MONITOR,    CPU_PCID,
		CPU_X2APIC,  CPU_TSC_DEADLINE, CPU_OSXSAVE, CPU_TSC_ADJUST, CPU_SMEP,
		CPU_INVPCID, CPU_SMAP,	       CPU_UMIP,    CPU_ARCH_CAPS,  CPU_PAGE1GB,
		CPU_SVM,     CPU_TOPOEXT,
	};
	const struct cpu_policy *max = cpuid_policy_system(POLICY_PV_MAX);

	(void)state;
	for (unsigned int i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_false(has(max, never[i]));
	}
	assert_true(has(max, CPU_LM));
	assert_true(has(max, CPU_SSE2));
	assert_true(has(max, CPU_HYPERVISOR));
	assert_false(has(d.pv.policy, CPU_INVARIANT_TSC));
}

static void test_default_within_max(void **state)
{
	uint32_t max[POLICY_NR_WORDS], def[POLICY_NR_WORDS];

	(void)state;
	cpuid_policy_featureset(cpuid_policy_system(POLICY_PV_MAX), max);
	cpuid_policy_featureset(cpuid_policy_system(POLICY_PV_DEFAULT), def);
	for (unsigned int i = 0; i < POLICY_NR_WORDS; i++) {
		assert_int_equal(def[i] & ~max[i], 0);
	}
}

static void test_round_trip(void **state)
{
	struct cpu_policy before = *d.pv.policy;
	uint32_t leaf = 0, sub = 0;

	(void)state;
	list_of(d.pv.policy);
	assert_int_equal(cpuid_policy_set(&d, leaves, nr, &leaf, &sub), 0);
	assert_memory_equal(&before, d.pv.policy, sizeof(before));
}

static void test_refused(void **state)
{
	struct cpu_policy before = *d.pv.policy;
	struct xen_cpuid_leaf bad[2] = { { .leaf = 1, .subleaf = XEN_CPUID_NO_SUBLEAF },
					 { .leaf = 0xe, .subleaf = XEN_CPUID_NO_SUBLEAF } };
	uint32_t leaf = 0, sub = 0;

	(void)state;
	assert_int_equal(cpuid_policy_set(&d, bad, 2, &leaf, &sub), -XEN_ERANGE);
	assert_int_equal(leaf, 0xe);
	bad[1] = (struct xen_cpuid_leaf){ .leaf = 4, .subleaf = POLICY_NR_CACHE };
	assert_int_equal(cpuid_policy_set(&d, bad, 2, &leaf, &sub), -XEN_ERANGE);
	bad[1] = (struct xen_cpuid_leaf){ .leaf = 7, .subleaf = XEN_CPUID_NO_SUBLEAF };
	assert_int_equal(cpuid_policy_set(&d, bad, 2, &leaf, &sub), -XEN_ERANGE);
	bad[1] = (struct xen_cpuid_leaf){ .leaf = 0x80000022u, .subleaf = XEN_CPUID_NO_SUBLEAF };
	assert_int_equal(cpuid_policy_set(&d, bad, 2, &leaf, &sub), -XEN_ERANGE);
	bad[1] = (struct xen_cpuid_leaf){ .leaf = 0, .subleaf = XEN_CPUID_NO_SUBLEAF, .a = 0xe };
	assert_int_equal(cpuid_policy_set(&d, bad, 2, &leaf, &sub), -XEN_EINVAL);
	assert_int_equal(leaf, 0);
	assert_memory_equal(&before, d.pv.policy, sizeof(before));
}

/* Whatever tools ask for, no more than pv_max is shown. */
static void test_masked(void **state)
{
	uint32_t max[POLICY_NR_WORDS], now[POLICY_NR_WORDS], leaf, sub;

	(void)state;
	list_of(d.pv.policy);
	find(1, XEN_CPUID_NO_SUBLEAF)->c = ~0U;
	find(1, XEN_CPUID_NO_SUBLEAF)->d = ~0U;
	find(0x80000001u, XEN_CPUID_NO_SUBLEAF)->c = ~0U;
	find(0x80000001u, XEN_CPUID_NO_SUBLEAF)->d = ~0U;
	find(7, 0)->b = ~0U;
	find(7, 0)->c = ~0U;
	find(7, 0)->d = ~0U;
	assert_int_equal(cpuid_policy_set(&d, leaves, nr, &leaf, &sub), 0);
	cpuid_policy_featureset(cpuid_policy_system(POLICY_PV_MAX), max);
	cpuid_policy_featureset(d.pv.policy, now);
	for (unsigned int i = 0; i < POLICY_NR_WORDS; i++) {
		assert_int_equal(now[i] & ~max[i], 0);
	}
}

static void test_without_xsave(void **state)
{
	uint32_t leaf, sub;

	(void)state;
	list_of(d.pv.policy);
	find(1, XEN_CPUID_NO_SUBLEAF)->c &= ~(1u << 26);
	assert_int_equal(cpuid_policy_set(&d, leaves, nr, &leaf, &sub), 0);
	assert_false(has(d.pv.policy, CPU_XSAVE));
	assert_false(has(d.pv.policy, CPU_AVX));
	assert_int_equal(d.pv.policy->feat[0].ebx & (1u << 5 | 1u << 16), 0);	/* AVX2, AVX-512 */
	assert_int_equal(d.pv.policy->xstate[0].eax, 0);
}

static void test_guest_view(void **state)
{
	static struct vcpu v;
	struct cpuid_regs r;

	(void)state;
	v.domain = &d;
	v.id = 3;
	v.pv.xcr0 = 1;
	r = pv_cpuid(&v, 0x40000000, 0);
	assert_int_equal(r.eax, 0x40000005);
	assert_int_equal(r.ebx, XEN_CPUID_SIGNATURE_EBX);
	r = pv_cpuid(&v, 0x40000001, 0);
	assert_int_equal(r.eax, 0x40011);
	r = pv_cpuid(&v, 0x40000005, 0);
	assert_int_equal(r.ebx, 32);
	r = pv_cpuid(&v, 0x40000006, 0);
	assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
	r = pv_cpuid(&v, 1, 0);
	assert_int_equal(r.ebx >> 24, 6);
	assert_int_equal(!!(r.ecx & 1u << 27), has(d.pv.policy, CPU_XSAVE));
	r = pv_cpuid(&v, 0xd, 0);
	assert_int_equal(r.ebx, has(d.pv.policy, CPU_XSAVE) ? 576 : 0);
	r = pv_cpuid(&v, 0x12345678, 0);
	assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
	r = pv_cpuid(&v, 0x8fffffff, 0);
	assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
	r = pv_cpuid(&v, 0xd, 0xffffffff);
	assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
}

static void test_msrs(void **state)
{
	struct xen_msr_entry m = { .idx = 0xce };
	uint32_t bad = 0;

	(void)state;
	assert_int_equal(cpuid_policy_set_msrs(&d, &m, 1, &bad), 0);
	m.val = 1;
	assert_int_equal(cpuid_policy_set_msrs(&d, &m, 1, &bad), -XEN_EINVAL);
	assert_int_equal(bad, 0xce);
	m = (struct xen_msr_entry){ .idx = 0x10 };
	assert_int_equal(cpuid_policy_set_msrs(&d, &m, 1, &bad), -XEN_ERANGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hidden),     TEST(test_default_within_max),
		TEST(test_round_trip), TEST(test_refused),
		TEST(test_masked),     TEST(test_without_xsave),
		TEST(test_guest_view), TEST(test_msrs),
	};
	unsigned int cpu_has_xsave = cpuid_has(CPU_XSAVE);

	x86_features.amd = cpuid(0).ebx == 0x68747541;
	x86_features.lfence_waits = true;
	x86_features.xsave = cpu_has_xsave;
	if (cpu_has_xsave) {
		struct cpuid_regs r = cpuid_count(0xd, 0);

		x86_features.xcr0 = r.eax & 0xe7;
	}
	cpuid_policy_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
