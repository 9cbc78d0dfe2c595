/* SPDX-License-Identifier: MIT */
/*
 * Every operation of every hypercall with hostile arguments: what does it answer?
 *
 * One line for each operation: "WALK call command: answer answer ...". The runner boots this on
 * Dais and on the oracle, as dom0 and as domU, and compares the lines; `differences` lists those
 * that may differ, with the reason. Answers above 0 are numbers of the machine and shown as "+".
 *
 * The answers of an operation with a structure are, in order: argument at 0, unmapped, in the
 * hypervisor's hole, not canonical, reaching from the last eight bytes of a page into nothing; then
 * all zero, all ones, GARBAGE times pseudo-random content; then all zero but for the domain, each of
 * `domids`. A digit of `skip` leaves a kind out where it would end or change the machine.
 *
 * What is done to another domain is done to a victim, which never runs. An operation on it that
 * failed must not have changed what the toolstack sees of it. At the end the victim goes, and all
 * its memory must be back.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "domain.h"

#define AREA 0x600000000000UL
#define ADDR_NOT_CANONICAL 0x8000123456789000UL
#define GARBAGE 6

#define ZERO (1u << 0)		/* kinds of content, for `skip` */
#define ONES (1u << 1)
#define RANDOM (1u << 2)
#define DOMAINS (1u << 3)
#define POINTERS (1u << 4)
#define ALL (ZERO | ONES | RANDOM | DOMAINS | POINTERS)

/* Content that a call is made with; it must not be static text, as calls write to it. */
static union {
	u8 bytes[PAGE_SIZE];
	u64 words[PAGE_SIZE / 8];
	struct xen_domctl domctl;
	struct xen_sysctl sysctl;
	struct xen_platform_op platform;
} arg PAGE_ALIGNED;

static const unsigned long pointers[] = {
	0, ADDR_UNMAPPED, ADDR_HOLE, ADDR_NOT_CANONICAL, AREA + PAGE_SIZE - 8,
};
static const domid_t domids[] = { 4321, DOMID_IO, DOMID_XEN, DOMID_INVALID, DOMID_IDLE, 0xffff };

static struct domain victim;
static domid_t target;		/* the victim, or dom0 for a domU */
static char line[250];
static unsigned int used;
static u64 seed;

/* --- what is written --- */

static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	used += (unsigned int)kvsnprintf(line + used, sizeof(line) - used, fmt, ap);
	va_end(ap);
}

static void begin(const char *call, unsigned int cmd)
{
	used = 0;
	say("WALK %s %u:", call, cmd);
	seed = cmd * 0x9e3779b97f4a7c15UL + (u8)call[0] * 77 + (u8)call[1];
}

static void answer(long rc)
{
	if (rc > 0) {
		say(" +");
	} else {
		say(" %ld", rc);
	}
	if (used > sizeof(line) - 24) {
		kprintf("%s\n", line);
		used = 0;
		say("WALK  :");
	}
}

static void end(void)
{
	kprintf("%s\n", line);
}

/* --- content --- */

static u64 random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Words that are small, wild, or addresses of nothing. */
static void content_random(void)
{
	for (unsigned int i = 0; i < 32; i++) {
		u64 r = random_word();

		arg.words[i] = r & 1 ? r : r & 2 ? r >> 60 : r & 4 ? (u32)r : ADDR_UNMAPPED;
	}
}

static void content_fill(u8 byte)
{
	memset(&arg, byte, 256);
}

/* --- operations that take a command and a structure --- */

typedef long (*call_fn)(unsigned int cmd, const void *at);

static void walk_op(const char *name, call_fn call, unsigned int cmd, unsigned int skip)
{
	begin(name, cmd);
	for (unsigned int i = 0; i < ARRAY_SIZE(pointers) && !(skip & POINTERS); i++) {
		answer(call(cmd, (const void *)pointers[i]));
	}
	if (!(skip & ZERO)) {
		content_fill(0);
		answer(call(cmd, &arg));
	}
	if (!(skip & ONES)) {
		content_fill(0xff);
		answer(call(cmd, &arg));
	}
	for (unsigned int i = 0; i < GARBAGE && !(skip & RANDOM); i++) {
		content_random();
		answer(call(cmd, &arg));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(domids) && !(skip & DOMAINS); i++) {
		content_fill(0);
		memcpy(&arg, &domids[i], sizeof(domids[i]));
		answer(call(cmd, &arg));
	}
	end();
}

static long call_memory(unsigned int cmd, const void *at)
{
	return HC(memory_op, cmd, at);
}

static long call_version(unsigned int cmd, const void *at)
{
	return HC(xen_version, cmd, at);
}

static long call_sched(unsigned int cmd, const void *at)
{
	return HC(sched_op, cmd, at);
}

static long call_callback(unsigned int cmd, const void *at)
{
	return HC(callback_op, cmd, at);
}

static long call_event(unsigned int cmd, const void *at)
{
	return HC(event_channel_op, cmd, at);
}

static long call_physdev(unsigned int cmd, const void *at)
{
	return HC(physdev_op, cmd, at);
}

static long call_grant(unsigned int cmd, const void *at)
{
	return HC(grant_table_op, cmd, at, 1);
}

static long call_grant_many(unsigned int cmd, const void *at)
{
	return HC(grant_table_op, cmd, at, 0x80000001);
}

static long call_vcpu0(unsigned int cmd, const void *at)
{
	return HC(vcpu_op, cmd, 0, at);
}

static long call_vcpu_none(unsigned int cmd, const void *at)
{
	return HC(vcpu_op, cmd, 77, at);
}

static long call_vcpu_wild(unsigned int cmd, const void *at)
{
	return HC(vcpu_op, cmd, 0xffffffff, at);
}

static long call_nmi(unsigned int cmd, const void *at)
{
	return HC(nmi_op, cmd, at);
}

static long call_console(unsigned int cmd, const void *at)
{
	return HC(console_io, cmd, at == &arg ? 0 : 8, at);
}

/* `skips` names what is left out of which command; it ends with an empty skip. */
struct skip {
	unsigned int cmd, what;
};

struct family {
	const char *name;
	call_fn call;
	unsigned int commands;		/* 0 to commands - 1 */
	struct skip skips[12];
};

static const struct family families[] = {
	{ "memory", call_memory, 32, {
		{ XENMEM_exchange, ZERO },	/* an empty exchange writes back */
	} },
	{ "version", call_version, 14, { { 0, 0 } } },
	{ "sched", call_sched, 10, {
		{ SCHEDOP_block, ALL },		/* waits */
		{ SCHEDOP_poll, ALL },
		{ SCHEDOP_shutdown, ALL },	/* a word fits in where the page ends */
		{ SCHEDOP_shutdown_code, ALL },
		{ SCHEDOP_watchdog, ALL },	/* resets the machine, later */
		{ SCHEDOP_remote_shutdown, ZERO | RANDOM },	/* domain 0 is this one */
	} },
	{ "callback", call_callback, 6, { { 0, 0 } } },
	{ "event", call_event, 16, {
		{ EVTCHNOP_reset, ZERO | RANDOM },	/* takes the console's port as well */
		{ EVTCHNOP_close, RANDOM },
		{ EVTCHNOP_init_control, ZERO },
	} },
	{ "physdev", call_physdev, 34, {
		{ PHYSDEVOP_apic_write, ZERO | ONES | RANDOM | DOMAINS },
	} },
	{ "grant", call_grant, 15, {
		{ GNTTABOP_transfer, ZERO },	/* frame 0 */
	} },
	{ "grant-many", call_grant_many, 15, { { 0, 0 } } },
	{ "vcpu0", call_vcpu0, 16, {
		{ VCPUOP_down, ALL },
		{ VCPUOP_send_nmi, ALL },	/* sends one */
		{ VCPUOP_initialise, ZERO | ONES | RANDOM | DOMAINS },
	} },
	{ "vcpu77", call_vcpu_none, 16, { { 0, 0 } } },
	{ "vcpu-1", call_vcpu_wild, 16, { { 0, 0 } } },
	{ "nmi", call_nmi, 4, { { 0, 0 } } },
	{ "console", call_console, 4, { { 0, 0 } } },
};

static unsigned int skip_of(const struct skip *s, unsigned int n, unsigned int cmd)
{
	for (unsigned int i = 0; i < n; i++) {
		if (s[i].cmd == cmd && s[i].what) {
			return s[i].what;
		}
	}
	return 0;
}

static void walk_families(void)
{
	for (unsigned int f = 0; f < ARRAY_SIZE(families); f++) {
		const struct family *fam = &families[f];

		for (unsigned int cmd = 0; cmd < fam->commands; cmd++) {
			unsigned int skip = skip_of(fam->skips, ARRAY_SIZE(fam->skips), cmd);

			if (skip != ALL) {
				walk_op(fam->name, fam->call, cmd, skip);
			}
		}
		walk_op(fam->name, fam->call, 0x7fffffff, 0);
		walk_op(fam->name, fam->call, 0xffffffff, 0);
	}
}

/* --- calls of control: version and command in the structure --- */

static bool same_victim(const struct xen_domctl_getdomaininfo *was)
{
	struct xen_domctl_getdomaininfo is;

	if (victim.id == 0) {
		return true;
	}
	return domain_info(&victim, &is) == 0 && is.flags == was->flags &&
	       is.tot_pages == was->tot_pages && is.max_pages == was->max_pages &&
	       is.nr_online_vcpus == was->nr_online_vcpus && is.cpupool == was->cpupool &&
	       is.shared_info_frame == was->shared_info_frame && is.ssidref == was->ssidref &&
	       memcmp(is.handle, was->handle, sizeof(is.handle)) == 0;
}

/* What is in arg; a failure leaves the victim as it was. */
static void control_domctl(unsigned int cmd, domid_t domid)
{
	struct xen_domctl_getdomaininfo was;
	long rc;

	if (victim.id != 0) {
		CHECK_EQ(domain_info(&victim, &was), 0);
	}
	arg.domctl.cmd = cmd;
	arg.domctl.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	arg.domctl.domain = domid;
	rc = HC(domctl, &arg);
	answer(rc);
	if (rc < 0) {
		check_that(same_victim(&was), "domctl %u failed with %ld and had an effect", cmd,
			   rc);
	}
}

static void control_sysctl(unsigned int cmd, domid_t domid)
{
	(void)domid;
	arg.sysctl.cmd = cmd;
	arg.sysctl.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	answer(HC(sysctl, &arg));
}

static void control_platform(unsigned int cmd, domid_t domid)
{
	(void)domid;
	arg.platform.cmd = cmd;
	arg.platform.interface_version = XENPF_INTERFACE_VERSION;
	answer(HC(platform_op, &arg));
}

static void walk_control(const char *name, void (*call)(unsigned int, domid_t), unsigned int cmd,
			 unsigned int skip)
{
	begin(name, cmd);
	if (!(skip & ZERO)) {
		content_fill(0);
		call(cmd, target);
	}
	if (!(skip & ONES)) {
		content_fill(0xff);
		call(cmd, target);
	}
	for (unsigned int i = 0; i < GARBAGE && !(skip & RANDOM); i++) {
		content_random();
		call(cmd, target);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(domids) && !(skip & DOMAINS); i++) {
		content_fill(0);
		call(cmd, domids[i]);
	}
	end();
}

static const struct skip domctl_skips[] = {
	{ XEN_DOMCTL_createdomain, ZERO | RANDOM | DOMAINS },
	{ XEN_DOMCTL_destroydomain, ZERO | ONES | RANDOM },
	{ XEN_DOMCTL_unpausedomain, ZERO | ONES | RANDOM },	/* it has no kernel */
	{ XEN_DOMCTL_getdomaininfo, ZERO | ONES | RANDOM | DOMAINS },	/* finds the next domain */
	{ XEN_DOMCTL_resumedomain, ZERO | ONES | RANDOM },
};
static const struct skip sysctl_skips[] = {
	{ XEN_SYSCTL_cpu_hotplug, ZERO | RANDOM | DOMAINS },
	{ XEN_SYSCTL_page_offline_op, ZERO | RANDOM | DOMAINS },
	{ XEN_SYSCTL_debug_keys, RANDOM },
	{ XEN_SYSCTL_readconsole, RANDOM },
};
static const struct skip platform_skips[] = {
	{ XENPF_enter_acpi_sleep, ZERO | RANDOM | DOMAINS },
	{ XENPF_settime32, ZERO | ONES | RANDOM | DOMAINS },
	{ XENPF_settime64, ZERO | ONES | RANDOM | DOMAINS },
	{ XENPF_cpu_offline, ZERO | RANDOM | DOMAINS },
	{ XENPF_cpu_online, ZERO | RANDOM | DOMAINS },
	{ XENPF_cpu_hotadd, ZERO | RANDOM | DOMAINS },
	{ XENPF_mem_hotadd, ZERO | ONES | RANDOM | DOMAINS },
};

/* The pointer itself, and a wrong version of the interface. */
static void walk_pointer(const char *name, long (*call)(const void *at))
{
	begin(name, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++) {
		answer(call((const void *)pointers[i]));
	}
	content_fill(0);
	answer(call(&arg));
	content_fill(0xff);
	answer(call(&arg));
	end();
}

static long call_domctl(const void *at)
{
	return HC(domctl, at);
}

static long call_sysctl(const void *at)
{
	return HC(sysctl, at);
}

static long call_platform(const void *at)
{
	return HC(platform_op, at);
}

static long call_mca(const void *at)
{
	return kit_hypercall(48, (unsigned long)at, 0, 0, 0, 0);	/* mca */
}

static void walk_controls(void)
{
	walk_pointer("domctl", call_domctl);
	walk_pointer("sysctl", call_sysctl);
	walk_pointer("platform", call_platform);
	walk_pointer("mca", call_mca);
	for (unsigned int cmd = 0; cmd < 92; cmd++) {
		walk_control("domctl", control_domctl, cmd,
			     skip_of(domctl_skips, ARRAY_SIZE(domctl_skips), cmd));
	}
	for (unsigned int cmd = 0; cmd < 32; cmd++) {
		walk_control("sysctl", control_sysctl, cmd,
			     skip_of(sysctl_skips, ARRAY_SIZE(sysctl_skips), cmd));
	}
	for (unsigned int cmd = 0; cmd < 68; cmd++) {
		walk_control("platform", control_platform, cmd,
			     skip_of(platform_skips, ARRAY_SIZE(platform_skips), cmd));
	}
}

/* --- page tables --- */

static void walk_mmu(void)
{
	u64 mfns[] = { 0, 0xffffffff, ~0UL >> 12, ~0UL, paging_mfn(&arg),
		       paging_mfn((void *)start_info->pt_base), 0xfee00, 0xb8 };
	struct mmu_update row;

	for (unsigned int type = 0; type < 4; type++) {
		begin("mmu-update", type);
		for (unsigned int i = 0; i < ARRAY_SIZE(mfns); i++) {
			row.ptr = mfns[i] << 12 | 8 | type;
			/* A page of data is written like any; this one is of no importance. */
			row.val = mfns[(i + 3) % ARRAY_SIZE(mfns)] << 12 | 7;
			if (type != 1 && mfns[i] == paging_mfn((void *)start_info->pt_base)) {
				row.val |= PTE_PSE;	/* never allowed there */
			}
			if (type != 1) {
				answer(HC(mmu_update, &row, 1, 0, DOMID_SELF));
			}
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(domids); i++) {
			row.ptr = paging_maddr(&arg) | type;
			row.val = 0;
			answer(HC(mmu_update, &row, 1, 0, domids[i]));
			answer(HC(mmu_update, &row, 1, 0, (unsigned long)domids[i] << 16));
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++) {
			answer(HC(mmu_update, pointers[i], 1, 0, DOMID_SELF));
			answer(HC(mmu_update, &row, 0, pointers[i], DOMID_SELF));
		}
		end();
	}
	for (unsigned int cmd = 0; cmd < 24; cmd++) {
		struct mmuext_op op;

		begin("mmuext", cmd);
		for (unsigned int i = 0; i < ARRAY_SIZE(mfns); i++) {
			memset(&op, 0, sizeof(op));
			op.cmd = cmd;
			op.arg1.mfn = mfns[i];
			op.arg2.nr_ents = i & 1 ? 0 : 0xffffffff;
			if (cmd == MMUEXT_NEW_BASEPTR || cmd == MMUEXT_UNPIN_TABLE) {
				if (i > 3 && i < 6) {
					continue;	/* these would be done */
				}
			}
			answer(HC(mmuext_op, &op, 1, 0, DOMID_SELF));
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(domids); i++) {
			op.arg1.mfn = ~0UL;
			answer(HC(mmuext_op, &op, 1, 0, domids[i]));
		}
		end();
	}
}

static void walk_va(void)
{
	static const unsigned long vas[] = { 0, ADDR_UNMAPPED, ADDR_HOLE, ADDR_NOT_CANONICAL,
					     0xffff800000000000UL, ~0UL, AREA };
	static const u64 ptes[] = { 0x87, ~0UL, 0xfee00007, 0x7fffffffff007, 1UL << 52 | 7 };

	for (unsigned int v = 0; v < ARRAY_SIZE(vas); v++) {
		begin("update-va", v);
		for (unsigned int p = 0; p < ARRAY_SIZE(ptes); p++) {
			answer(HC(update_va_mapping, vas[v], ptes[p], 0));
			answer(HC(update_va_mapping, vas[v], ptes[p], ~0UL));
			answer(HC(update_va_mapping_otherdomain, vas[v], ptes[p], 0, 4321));
			answer(HC(update_va_mapping_otherdomain, vas[v], ptes[p], 0, DOMID_IDLE));
			answer(HC(update_va_mapping_otherdomain, vas[v], ptes[p], 0, DOMID_XEN));
		}
		answer(HC(update_va_mapping, vas[v], 0, UVMF_TLB_FLUSH | UVMF_MULTI | 0x1000));
		end();
	}
}

/* --- calls with values in registers --- */

static void walk_registers(void)
{
	static const unsigned long words[] = { 0, 1, 0xffffffff, 1UL << 47, ADDR_HOLE,
					       ADDR_NOT_CANONICAL, ~0UL };

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		unsigned long w = words[i];

		begin("registers", i);
		for (unsigned int reg = 0; reg < 9; reg++) {
			answer(HC(set_debugreg, reg, reg == 7 ? w & ~0xffUL : w));
			HC(set_debugreg, reg, 0);
		}
		answer(HC(set_debugreg, 0x80000000 + i, 0));
		answer(HC(get_debugreg, 0x80000000 + i) == -kEINVAL ? -kEINVAL : 0);
		answer(HC(get_debugreg, 8 + i));
		for (unsigned int which = 0; which < 5; which++) {
			answer(which == 3 ? 0 : HC(set_segment_base, which, w));
		}
		answer(HC(set_segment_base, 0x80000000, w));
		answer(HC(update_descriptor, w, 0));
		answer(HC(update_descriptor, w & ~7UL, 0x00cffa000000ffffUL));
		answer(HC(update_descriptor, paging_maddr(&arg), w));
		answer(HC(set_gdt, w, 1));
		answer(HC(set_gdt, &arg, w >> 3 | 8192));
		answer(HC(set_timer_op, w));
		HC(set_timer_op, 0);
		answer(HC(vm_assist, w, 2));
		answer(HC(vm_assist, 0, w | 64));
		answer(HC(set_trap_table, w | 0x123456789000UL));
		answer(HC(multicall, w, 0));
		answer(HC(multicall, w | ADDR_UNMAPPED, 1));
		answer(HC(multicall, ADDR_UNMAPPED, w | 1));
		end();
	}
}

/* Frame lists for set_gdt: none of these is a page of descriptors. */
static void walk_gdt(void)
{
	begin("set-gdt", 0);
	for (unsigned int i = 0; i < 6; i++) {
		content_random();
		arg.words[0] = i == 0 ? paging_mfn((void *)start_info->pt_base) :
			       i == 1 ? ~0UL : arg.words[0];
		answer(HC(set_gdt, &arg, 512));
	}
	end();
}

/* Numbers that no hypercall has, or that are not offered. */
static void walk_unknown(void)
{
	static const u8 none[] = { 11, 27, 31, 34, 37, 38, 39, 40, 41, 42, 43, 44, 45,
				   46, 47, 49, 50, 54, 55, 56, 63, 64, 200, 255 };

	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++) {
		begin("unknown", none[i]);
		content_fill(0xff);
		answer(kit_hypercall(none[i], 0, 0, 0, 0, 0));
		answer(kit_hypercall(none[i], (unsigned long)&arg, ~0UL, ~0UL, ~0UL, ~0UL));
		answer(kit_hypercall(none[i] | 1UL << 31, 0, 0, 0, 0, 0));
		answer(kit_hypercall(none[i] | 1UL << 40, 0, 0, 0, 0, 0));
		end();
	}
}

void guest_main(void)
{
	struct xen_domctl_getdomaininfo info;
	u64 before = 0;

	kit_init();
	paging_grow(AREA);
	CHECK_EQ(paging_set((void *)AREA, PTE(paging_mfn(page_alloc()), PTE_FLAGS_RW)), 0);
	if (kit_is_dom0()) {
		/* Once for what is allocated the first time. */
		CHECK_EQ(domain_create_sized(&victim, 64), 0);
		CHECK_EQ(domain_destroy(&victim), 0);
		before = domain_free_pages();
		CHECK_EQ(domain_create_sized(&victim, 64), 0);
		target = victim.id;
	}
	walk_families();
	walk_controls();
	walk_mmu();
	walk_va();
	walk_registers();
	walk_gdt();
	walk_unknown();
	if (kit_is_dom0()) {
		CHECK_EQ(domain_info(&victim, &info), 0);
		CHECK_EQ(domain_destroy(&victim), 0);
		kprintf("WALK pages %ld\n", (long)(before - domain_free_pages()));
	}
	CHECK(true);
	verdict();
}
