/* SPDX-License-Identifier: MIT */
/*
 * Restoring the sample: what the domain has afterwards; what is refused; and that whichever call
 * fails, there is a reason and no window stays open.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include <xen/start_info.h>

#include "sample.h"
#include "world.h"

static struct sample s;

static int begin(void **state)
{
	(void)state;
	world_begin();
	sample_make(&s, STREAM_IMAGE_VERSION);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sample_free(&s);
	return 0;
}

static int restore(struct failure *f)
{
	const struct saved_source source = sample_source(&s);

	memset(f, 0, sizeof(*f));
	return world_restore(&source, SAMPLE_VCPUS, f);
}

static void restored(void)
{
	struct failure f;

	assert_int_equal(restore(&f), 0);
	assert_int_equal(f.code, 0);
}

/* After a change: refused, and the message has these words. */
static void refused(const char *says)
{
	struct failure f;

	assert_true(restore(&f) < 0);
	assert_true(f.code < 0);
	if (!strstr(f.text, says)) {
		fail_msg("'%s' does not say: %s", f.text, says);
	}
}

static void test_memory(void **state)
{
	uint64_t *l1, *list, pfn;

	(void)state;
	restored();
	assert_int_equal(world.given, SAMPLE_PFNS - 1);
	assert_null(world_page(SAMPLE_NONE));
	assert_int_equal(world_page(SAMPLE_DATA)[5], 0xdadadadadadadadaull);
	assert_int_equal(world_page(SAMPLE_L4)[0], world_frame(SAMPLE_L3) << 12 | 7);
	l1 = world_page(SAMPLE_L1);
	assert_int_equal(l1[0], world_frame(SAMPLE_DATA) << 12 | 7 | 1ull << 63);
	assert_int_equal(l1[1], world_frame(SAMPLE_ALLOC) << 12 | 7);
	assert_int_equal(l1[2], 0x123456789000);
	assert_int_equal(l1[3], world_frame(SAMPLE_NAMED) << 12 | 5);
	assert_int_equal(world.pinned, 2);
	list = world_page(SAMPLE_LIST);
	for (pfn = 0; pfn < 512; pfn++) {
		assert_int_equal(list[pfn], pfn < SAMPLE_PFNS && pfn != SAMPLE_NONE
						    ? world_frame(pfn)
						    : ~0ull);
	}
}

static void test_start_info_and_rings(void **state)
{
	const struct start_info *si;

	(void)state;
	restored();
	si = (const struct start_info *)world_page(SAMPLE_START);
	assert_string_equal(si->magic, "xen-3.0-x86_64");
	assert_int_equal(si->nr_pages, SAMPLE_PFNS);
	assert_int_equal(si->shared_info, 0x500000);
	assert_true(si->flags == 0 && si->store_evtchn == 11 && si->console.domU.evtchn == 12);
	assert_int_equal(si->store_mfn, world_frame(SAMPLE_STORE));
	assert_int_equal(si->console.domU.mfn, world_frame(SAMPLE_CONSOLE));
	assert_int_equal(world.out.store_frame, si->store_mfn);
	assert_int_equal(world.out.console_frame, si->console.domU.mfn);
	assert_int_equal(world.grants[GNTTAB_RESERVED_XENSTORE].frame, si->store_mfn);
	assert_int_equal(world.grants[GNTTAB_RESERVED_CONSOLE].flags, GTF_permit_access);
}

static void test_shared_page(void **state)
{
	const struct shared_info *shared = &world.shared.info;

	(void)state;
	restored();
	assert_int_equal(shared->vcpu_info[0].evtchn_upcall_mask, 1);
	assert_int_equal(shared->vcpu_info[0].arch.cr2, 0xc2);
	assert_int_equal(shared->vcpu_info[0].evtchn_pending_sel, 0);
	assert_int_equal(shared->evtchn_pending[0], 0);
	assert_int_equal(shared->evtchn_mask[63], ~0ull);
	/* Times are the new domain's, as are the frames of its lists. */
	assert_true(shared->vcpu_info[0].time.version == 4 && shared->wc_sec == 5);
	assert_int_equal(shared->arch.max_pfn, SAMPLE_PFNS);
	assert_true(!shared->arch.pfn_to_mfn_frame_list_list && !shared->arch.p2m_cr3);
}

static void test_vcpus(void **state)
{
	(void)state;
	restored();
	assert_true(world.policies == 1 && world.tsc == 1);
	assert_true(world.extended == 2 && world.xsave == 2 && world.msrs == 2);
	assert_int_equal(world.context[0].user_regs.rip, 0x1000);
	assert_int_equal(world.context[0].user_regs.rdx, world_frame(SAMPLE_START));
	assert_int_equal(world.context[0].ctrlreg[3], world_frame(SAMPLE_L4) << 12);
	assert_int_equal(world.context[0].ctrlreg[1], world_frame(SAMPLE_USER) << 12);
	assert_int_equal(world.context[0].gdt_frames[0], world_frame(SAMPLE_GDT));
	assert_int_equal(world.context[1].user_regs.rip, 0x1001);
	assert_int_equal(world.context[1].user_regs.rdx, 0xbad);
	assert_int_equal(world.context[1].ctrlreg[1], 0);
}

static void test_version_2(void **state)
{
	(void)state;
	sample_free(&s);
	sample_make(&s, STREAM_IMAGE_VERSION_2);
	restored();
	assert_int_equal(world.policies, 0);
	assert_true(world.has_context[1]);
}

/* The very first record may have no body at all. */
static void test_empty_policy(void **state)
{
	size_t at = s.at[STREAM_CPUID_POLICY];
	const uint32_t leaves = 2 * sizeof(struct xen_cpuid_leaf);

	(void)state;
	sample_put32(&s, at + 4, 0);
	/* What were its leaves is a record that may be left out. */
	sample_put32(&s, at + 8, STREAM_OPTIONAL | 99);
	sample_put32(&s, at + 12, leaves - (uint32_t)sizeof(struct stream_record));
	restored();
	assert_int_equal(world.policies, 1); /* the MSRs' */
}

static void test_each_call_fails(void **state)
{
	unsigned int calls, at;
	struct failure f;

	(void)state;
	restored();
	calls = world.calls;
	assert_true(calls > 15);
	for (at = 1; at <= calls; at++) {
		world_begin();
		world.fail_at = at;
		if (!restore(&f)) {
			fail_msg("call %u may fail unnoticed", at);
		}
		assert_true(f.code && *f.text);
	}
}

static void test_too_little_memory(void **state)
{
	(void)state;
	for (world_begin(); world.room; world_begin()) {
		static unsigned int room = SAMPLE_PFNS - 2;

		world.room = room--;
		refused("raise `maxmem`");
		if (room == 0) {
			break;
		}
	}
}

/* A word of the file is another one. */
static void test_damage(void **state)
{
	const size_t info = sizeof(struct stream_record);
	const struct {
		size_t at;
		uint64_t value;
		const char *says;
	} damage[] = {
		{ s.at[STREAM_PV_INFO] + info, 0x0304, "only those of 64 bits" },
		{ s.at[STREAM_PV_P2M_FRAMES] + info, (uint64_t)(SAMPLE_PFNS - 1) << 32 | 1,
		  "are listed in" },
		{ s.at[STREAM_PV_P2M_FRAMES] + info, 512ull << 32, "are listed in" },
		{ s.at[STREAM_PV_P2M_FRAMES] + info, 0xffffffffull << 32, "are listed in" },
		{ s.at[STREAM_PV_P2M_FRAMES] + info + 8, SAMPLE_PFNS, "none of the guest's" },
		{ s.at[STREAM_PV_P2M_FRAMES] + info + 8, SAMPLE_L4, "part of its list" },
		{ s.at[STREAM_PV_P2M_FRAMES] + info + 8, SAMPLE_NONE, "part of its list" },
		{ s.at[STREAM_PAGE_DATA] + info + 8, SAMPLE_PFNS, "none of the guest's" },
		{ s.at[STREAM_PAGE_DATA] + info + 8, STREAM_PFN_MASK, "none of the guest's" },
		{ sample_page(&s, SAMPLE_L1), (uint64_t)SAMPLE_PFNS << 12 | 1,
		  "a page table names page 0xe" },
		{ sample_page(&s, SAMPLE_START) + offsetof(struct start_info, store_mfn),
		  SAMPLE_NONE, "cannot be the ring of the store" },
		{ sample_page(&s, SAMPLE_START) + offsetof(struct start_info, console), ~0ull,
		  "cannot be the ring of the console" },
		{ s.at[STREAM_PV_VCPU_BASIC] + info, 2, "state of vCPU 2" },
		{ s.at[STREAM_PV_VCPU_BASIC] + info, 0, "a vCPU's state twice" },
		{ s.at[STREAM_PV_VCPU_MSRS] + info, 0xffffffff, "state of vCPU 4294967295" },
		{ s.at[STREAM_PV_VCPU_BASIC] + info + 8 +
			  offsetof(struct vcpu_guest_context, gdt_ents),
		  8193, "descriptor table of 8193" },
		{ s.at[STREAM_PV_VCPU_BASIC] + info + 8 +
			  offsetof(struct vcpu_guest_context, gdt_ents),
		  ~0ull, "descriptor table of" },
		{ s.at[STREAM_PV_VCPU_BASIC] + info + 8 +
			  offsetof(struct vcpu_guest_context, gdt_frames),
		  SAMPLE_PFNS, "part of a descriptor table" },
		{ s.at[STREAM_PV_VCPU_BASIC] + info + 8 +
			  offsetof(struct vcpu_guest_context, ctrlreg[3]),
		  SAMPLE_L3 << 12, "root of its page tables" },
		{ s.at[STREAM_PV_VCPU_BASIC] + info + 8 +
			  offsetof(struct vcpu_guest_context, ctrlreg[1]),
		  ~0ull, "root of its page tables" },
	};
	uint64_t kept;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		world_begin();
		memcpy(&kept, s.bytes + damage[i].at, sizeof(kept));
		sample_put64(&s, damage[i].at, damage[i].value);
		refused(damage[i].says);
		sample_put64(&s, damage[i].at, kept);
	}
	world_begin();
	restored();
}

/* Takes a record out, or puts it in twice, of a type whose body is that long with padding. */
static void cut(uint32_t type, size_t body)
{
	size_t from = s.at[type], len = sizeof(struct stream_record) + body;

	memmove(s.bytes + from, s.bytes + from + len, s.len - from - len);
	s.len -= len;
}

static void test_what_must_be_there(void **state)
{
	static const struct {
		uint32_t type;
		size_t body;
		const char *says;
	} parts[] = {
		{ STREAM_STATIC_DATA_END, 0, "not in its place" },
		{ STREAM_PV_INFO, 8, "not in its place" },
		{ STREAM_PV_P2M_FRAMES, 16, "not in its place" },
		{ STREAM_SHARED_INFO, SAVED_PAGE_BYTES, "has no shared page" },
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		cut(parts[i].type, parts[i].body);
		refused(parts[i].says);
		end(state);
		begin(state);
	}
	/* A guest without any of these goes on all the same. */
	cut(STREAM_PV_VCPU_MSRS, 24);
	cut(STREAM_PV_VCPU_XSAVE, 72);
	cut(STREAM_PV_VCPU_EXTENDED, 8 + sizeof(struct xen_domctl_ext_vcpucontext));
	cut(STREAM_PV_VCPU_BASIC, 8 + sizeof(struct vcpu_guest_context));
	cut(STREAM_TSC_INFO, 24);
	restored();
	assert_true(world.has_context[0] && !world.has_context[1] && !world.tsc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_memory, begin, end),
		cmocka_unit_test_setup_teardown(test_start_info_and_rings, begin, end),
		cmocka_unit_test_setup_teardown(test_shared_page, begin, end),
		cmocka_unit_test_setup_teardown(test_vcpus, begin, end),
		cmocka_unit_test_setup_teardown(test_version_2, begin, end),
		cmocka_unit_test_setup_teardown(test_empty_policy, begin, end),
		cmocka_unit_test_setup_teardown(test_each_call_fails, begin, end),
		cmocka_unit_test_setup_teardown(test_too_little_memory, begin, end),
		cmocka_unit_test_setup_teardown(test_damage, begin, end),
		cmocka_unit_test_setup_teardown(test_what_must_be_there, begin, end),
	};

	return cmocka_run_group_tests_name("restorer", tests, NULL, NULL);
}
