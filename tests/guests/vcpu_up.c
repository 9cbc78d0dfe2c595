/* SPDX-License-Identifier: MIT */
/*
 * Starting, reaching and stopping a second vCPU.
 *
 * Domain: dom0
 *
 * Needs: cpus=2
 * Options: dom0_max_vcpus=3
 * Bochs: corei7_skylake_x,x2apic ryzen
 *
 * initialise loads a context once; up starts it; down of oneself stops; up again continues after
 * the hypercall. The second vCPU runs with the address space and registers of its context, gets
 * events bound to it, and its info block is its own. An IPI reaches it while it runs and wakes it
 * while it is blocked.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "domain.h"

#define SECOND (1000000000UL)

static volatile unsigned int stage, go, woken;
static volatile u16 seen_cs;
static volatile u64 seen_stack;
static unsigned int ipi;

static void second_main(void)
{
	u16 cs;
	u64 rsp;

	__asm__ volatile("mov %%cs, %0" : "=r"(cs));
	__asm__ volatile("mov %%rsp, %0" : "=r"(rsp));
	seen_cs = cs;
	seen_stack = rsp;
	stage = 1;
	while (go < 1) {
		__asm__ volatile("pause");
	}
	{
		/* Wait for the IPI in the hypervisor; upcalls are masked, poll sees the port. */
		u32 port = ipi;
		struct sched_poll op = { .nr_ports = 1 };

		SET_HANDLE(op.ports, &port);
		stage = 2;
		HC(sched_op, SCHEDOP_poll, &op);
	}
	woken = event_pending(ipi) ? 1 : 2;
	stage = 3;
	HC(vcpu_op, VCPUOP_down, 1, 0);
	stage = 4; /* only after a second `up` */
	smp_stop_self(1);
}

static bool becomes_down(unsigned int vcpu)
{
	u64 end = clock_ns() + SECOND;

	while (HC(vcpu_op, VCPUOP_is_up, vcpu, 0) != 0) {
		if (clock_ns() > end) {
			return false;
		}
	}
	return true;
}

static void check_start(void)
{
	static struct vcpu_guest_context ctx;

	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 1, 0), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 2, 0), 0);	/* more than there are CPUs */
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 3, 0), -kENOENT);
	CHECK_EQ(HC(vcpu_op, VCPUOP_up, 1, 0), -kEINVAL); /* nothing to run yet */
	smp_context(&ctx, second_main, 1);
	ctx.ctrlreg[3] = 0xffffffffUL << PAGE_SHIFT;
	CHECK_EQ(HC(vcpu_op, VCPUOP_initialise, 1, &ctx), -kEINVAL);
	CHECK_EQ(smp_start(1, second_main), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_is_up, 1, 0), 1);
	CHECK(clock_wait(&stage, 1, 5 * SECOND));
	CHECK_EQ(seen_cs, FLAT_KERNEL_CS);
	CHECK(seen_stack > VIRT_BASE);
	CHECK_EQ(HC(vcpu_op, VCPUOP_initialise, 1, &ctx), -kEEXIST);
}

static void check_reach(void)
{
	struct evtchn_status st = { .dom = DOMID_SELF };
	struct vcpu_info *other = &event_shared()->vcpu_info[1];

	ipi = (unsigned int)event_bind_ipi(1);
	st.port = ipi;
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_status, &st), 0);
	CHECK_EQ(st.vcpu, 1);
	other->evtchn_upcall_pending = 0;
	go = 1;
	CHECK(clock_wait(&stage, 2, 5 * SECOND));
	CHECK_EQ(event_send(ipi), 0);
	CHECK(clock_wait(&stage, 3, 5 * SECOND));
	CHECK_EQ(woken, 1);
	CHECK_EQ(other->evtchn_upcall_pending, 1);
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_pending, 0);
	CHECK((other->evtchn_pending_sel >> (ipi / 64)) & 1);
}

static void check_move(void)
{
	long a = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
	struct evtchn_bind_vcpu op = { .port = (u32)a, .vcpu = 1 };
	struct evtchn_status st = { .dom = DOMID_SELF, .port = (u32)a };

	CHECK_EQ(HC(event_channel_op, EVTCHNOP_bind_vcpu, &op), 0);
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_status, &st), 0);
	CHECK_EQ(st.vcpu, 1);
	op.vcpu = 3;
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_bind_vcpu, &op), -kENOENT);
	CHECK(event_bind_virq(VIRQ_TIMER, 1) > 0);
}

/* Which processor it is tells a vCPU that cannot be on another: its APIC and ACPI numbers. */
static void check_physid(void)
{
	struct vcpu_get_physid id = { .phys_id = ~0UL };
	u8 cpus = 2;
	struct xen_domctl op;

	CHECK_EQ(HC(vcpu_op, VCPUOP_get_physid, 1, &id), -kEINVAL);
	memset(&op, 0, sizeof(op));
	op.u.vcpuaffinity.vcpu = 1;
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = 8;
	SET_HANDLE(op.u.vcpuaffinity.cpumap_hard.bitmap, &cpus);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_setvcpuaffinity, 0, &op), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_physid, 1, &id), 0);
	CHECK_EQ(id.phys_id, 1UL << 32 | 1);
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_physid, 0, &id), -kEINVAL);
	CHECK_EQ(HC(vcpu_op, VCPUOP_get_physid, 1, ADDR_UNMAPPED), -kEFAULT);
}

static void check_stop(void)
{
	CHECK(becomes_down(1));
	CHECK_EQ(stage, 3);
	CHECK_EQ(HC(vcpu_op, VCPUOP_up, 1, 0), 0);
	CHECK(clock_wait(&stage, 4, 5 * SECOND));
	CHECK(becomes_down(1));
}

void guest_main(void)
{
	kit_init();
	HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	check_start();
	check_reach();
	check_move();
	check_stop();
	check_physid();
	verdict();
}
