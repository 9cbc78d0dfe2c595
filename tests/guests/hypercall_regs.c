/* SPDX-License-Identifier: MIT */
/*
 * Which registers survive a hypercall?
 *
 * The SYSCALL instruction destroys rcx and r11 and the result comes back in rax. Everything else
 * must survive, argument registers included, whether used by the call or not, on success and on
 * failure, with an event delivered on the way back, and after a call that the hypervisor restarts
 * internally: grub keeps values in r8, r9, r12 and rbx over raw SYSCALLs. Arithmetic flags and DF
 * survive too. The stubs generated from the hypercall table are tried in passing.
 */
#include "kit.h"

#include <xen/sched.h>
#include <xen/version.h>

#include <guest_stubs.h>

static const char *const names[16] = { "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
				       "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15" };

/* Call nr with up to three arguments; the rest of the registers hold patterns. */
static long call_and_compare(const char *what, unsigned long nr, unsigned long a1,
			     unsigned long a2, unsigned long a3)
{
	u64 regs[16], want[16];

	for (unsigned int i = 0; i < 16; i++) {
		want[i] = 0xa5a5000000000000UL | (i << 20) | 0xbcd;
	}
	want[0] = nr;
	want[5] = a1;
	want[4] = a2;
	want[3] = a3;
	memcpy(regs, want, sizeof(regs));
	regs_hypercall(regs);
	for (unsigned int i = 1; i < 16; i++) {
		if (i != 2 && i != 7 && i != 11) {
			check_that(regs[i] == want[i], "%s: %s was 0x%lx is 0x%lx", what, names[i],
				   (unsigned long)want[i], (unsigned long)regs[i]);
		}
	}
	return (long)regs[0];
}

static u64 flags_over_hypercall(u64 flags)
{
	u64 out;

	__asm__ volatile("push %[in]\n"
			 "popfq\n"
			 "syscall\n"
			 "pushfq\n"
			 "pop %[out]\n"
			 "cld\n"
			 : [out] "=&r"(out)
			 : [in] "r"(flags), "a"(__HYPERVISOR_xen_version), "D"(XENVER_version),
			   "S"(0)
			 : "rcx", "r11", "memory");
	return out;
}

void guest_main(void)
{
	static const u64 flags[] = { 0x202, 0x202 | 0x8d5, 0x202 | 0x400, 0x202 | 0x200000 };
	struct mmu_update rows[1];
	char text[] = "";
	long port;

	kit_init();
	CHECK_EQ(HYPERVISOR_xen_version(XENVER_version, NULL) >> 16, 4);
	CHECK_EQ(HYPERVISOR_console_io(CONSOLEIO_write, 0, text), kit_is_dom0() ? 0 : -kEPERM);
	CHECK_EQ(call_and_compare("version", __HYPERVISOR_xen_version, XENVER_version, 0, 0) >> 16,
		 4);
	CHECK_EQ(call_and_compare("unknown", 11, 1, 2, 3), -kENOSYS);
	CHECK_EQ(call_and_compare("fault", __HYPERVISOR_xen_version, XENVER_capabilities, 0, 7),
		 -kEFAULT);
	CHECK_EQ(call_and_compare("yield", __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 5), 0);
	CHECK_EQ(call_and_compare("console", __HYPERVISOR_console_io, 0, 0, (u64)text),
		 kit_is_dom0() ? 0 : -kEPERM);

	/* An upcall on the way out: the handler runs on this stack before the next instruction. */
	port = event_bind_ipi(0);
	CHECK(port > 0);
	event_enable();
	event_count[port] = 0;
	{
		struct {
			u32 port;
		} send = { (u32)port };

		CHECK_EQ(call_and_compare("send to self", __HYPERVISOR_event_channel_op, 4,
					  (u64)&send, 9), 0);
	}
	CHECK_EQ(event_count[port], 1);
	event_disable();

	/* mmu_update takes its fourth argument in r10, which the patterns leave as nonsense. */
	rows[0].ptr = 0;
	rows[0].val = 0;
	CHECK(call_and_compare("mmu_update", __HYPERVISOR_mmu_update, (u64)rows, 1, 0) < 0);

	for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++) {
		CHECK_EQ(flags_over_hypercall(flags[i]), flags[i]);
	}
	verdict();
}
