/* SPDX-License-Identifier: MIT */
/*
 * What do MSRs that nobody knows give a domain made with XEN_X86_MSR_RELAXED?
 *
 * Domain: dom0
 * Module: msr_relaxed
 *
 * `msr_relaxed=1` in a guest's configuration. The domU tries some and leaves the results in its
 * console page. Each is read as 0 and what is written to it is dropped, where it faults without the
 * flag. (QEMU's machine has every MSR; one that the machine has not faults all the same.) Other flags
 * are refused.
 */
#include "kit.h"

#include <xen/domctl.h>

#include "domain.h"
#include "neighbour.h"

#define MSR_NOBODYS 0x12345678
#define MSR_LSTAR 0xc0000082
#define MSR_SYSENTER_EIP 0x176
#define MSR_MTRR_CAP 0xfe
#define MSR_EFER 0xc0000080
#define COUNT 5
#define REPORT_AT 3072

static const u32 msrs[COUNT] = { MSR_NOBODYS, MSR_LSTAR, MSR_SYSENTER_EIP, MSR_MTRR_CAP, MSR_EFER };

struct report {
	volatile u64 done;
	struct {
		u64 value;
		int read, write; /* vector, or -1 */
	} msr[COUNT];
};

static char page[PAGE_SIZE] PAGE_ALIGNED;

static void try(void)
{
	struct report *r = (struct report *)((char *)neighbour_console() + REPORT_AT);

	for (unsigned int i = 0; i < COUNT; i++) {
		u32 lo = 1, hi = 1;

		r->msr[i].read = TRAP_OF(__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msrs[i])));
		r->msr[i].value = (u64)hi << 32 | lo;
		r->msr[i].write = TRAP_OF(__asm__ volatile("wrmsr" : : "c"(msrs[i]), "a"(0), "d"(0)));
	}
	r->done = 1;
	power_off();
}

/* Make a domain with these flags, let it try, and see what it found. */
static const struct report *ask(u32 flags)
{
	static struct domain d;
	static struct report found;
	const struct report *r = (struct report *)(page + REPORT_AT);
	u64 end = clock_ns() + 5000 * MS;

	domain_misc_flags = flags;
	neighbour_make(&d, "try");
	CHECK_EQ(domain_map(&d, d.console_pfn, page, PTE_FLAGS_RW), 0);
	CHECK_EQ(domain_unpause(&d), 0);
	while (!r->done && clock_ns() < end) {
		neighbour_sleep_until(clock_ns() + MS);
	}
	CHECK(r->done);
	found = *r;
	CHECK_EQ(paging_unmap(page), 0);
	CHECK_EQ(domain_destroy(&d), 0);
	return &found;
}

static void check_strict(const struct report *r)
{
	for (unsigned int i = 0; i < COUNT - 1; i++) {
		CHECK_EQ(r->msr[i].read, TRAP_GP);
		CHECK_EQ(r->msr[i].write, TRAP_GP);
	}
}

static void check_relaxed(const struct report *r)
{
	for (unsigned int i = 0; i < COUNT - 1; i++) {
		CHECK_EQ(r->msr[i].read, -1);
		CHECK_EQ(r->msr[i].value, 0);
		CHECK_EQ(r->msr[i].write, -1);
	}
}

void guest_main(void)
{
	static struct domain refused;
	const struct report *r;

	kit_init();
	if (neighbour_told("try")) {
		try();
	}
	check_strict(ask(0));
	r = ask(XEN_X86_MSR_RELAXED);
	check_relaxed(r);
	/* One that is known is as ever. */
	CHECK_EQ(r->msr[COUNT - 1].value, 0xd01);
	CHECK_EQ(r->msr[COUNT - 1].write, TRAP_GP);
	domain_misc_flags = XEN_X86_MISC_FLAGS_MAX << 1;
	CHECK_EQ(domain_create(&refused), -kEINVAL);
	verdict();
}
