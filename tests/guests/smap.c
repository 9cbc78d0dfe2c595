/* SPDX-License-Identifier: MIT */
/*
 * With SMAP on, does the hypervisor still reach what a guest gives it?
 *
 * Every page of a PV guest is a user page. Each way by which ring 0 touches one is taken once:
 * arguments in and out, an event, exception frames of the kernel and of a user program, iret, an
 * instruction that is looked at, and a page-table entry that is stored by emulation. A way that was
 * forgotten stops the machine. SMAP is off in QEMU unless it is asked for, since QEMU gets another
 * case of it wrong (a guest's far return).
 *
 * Domain: dom0
 * Only: dais
 * Cpu: max
 * Options: smap=yes
 * Bochs: corei7_skylake_x,x2apic ryzen
 */
#include "kit.h"

#include "event.h"
#include "paging.h"
#include "user.h"

#include <xen/version.h>
#include <xen/vcpu.h>

static char text[XEN_EXTRAVERSION_LEN];
static u64 spare[512] __attribute__((aligned(4096)));

static long user_pages(long arg)
{
	volatile long word = arg;

	return word + 1;
}

static long user_faults(long arg)
{
	(void)arg;
	__asm__ volatile("ud2");
	return 0;
}

void guest_main(void)
{
	u32 fs = 0x1234;
	long port;

	kit_init();
	CHECK_EQ(HC(xen_version, XENVER_extraversion, text), 0);
	port = event_bind_ipi(0);
	CHECK(port > 0);
	event_enable();
	CHECK_EQ(event_send((unsigned int)port), 0);
	event_disable();
	CHECK_EQ(event_count[port], 1);
	CHECK_EQ(TRAP_OF(__asm__ volatile("ud2")), TRAP_UD);
	CHECK_EQ(TRAP_OF(*(volatile u64 *)ADDR_UNMAPPED = 1), TRAP_PF);
	__asm__ volatile("wrmsr" : : "c"(0xc0000100), "a"(fs), "d"(0)); /* FS base, emulated */
	CHECK_EQ(paging_protect(spare), 0);
	CHECK_EQ(TRAP_OF(*(volatile u64 *)spare = 1), TRAP_PF);
	user_init();
	CHECK_EQ(user_call(user_pages, 41), 42);
	CHECK_EQ(TRAP_OF(user_call(user_faults, 0)), TRAP_UD);
	verdict();
}
