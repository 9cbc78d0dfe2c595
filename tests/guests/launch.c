/* SPDX-License-Identifier: MIT */
/*
 * Can a domain be made, run to its end and taken away with nothing left over?
 *
 * Domain: dom0
 * Module: hypercall_regs
 *
 * Plays toolstack without Linux: creates a domU through domctl, fills its memory from the module
 * (any guest of this folder), starts it, and relays its console to this one's, each line prefixed
 * with "d1| ". The domain must end by itself with the reason poweroff, VIRQ_DOM_EXC must say so,
 * and after destruction its number and all its memory must be free. Then it is done again, since a
 * leak may hide in what the first round allocates once. The runner's --domu mode uses this guest
 * to run the others as domU; there one round is enough, and the verdict is the child's.
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#include "domain.h"

#define SECOND 1000000000UL

static struct domain child;
static char ring_page[PAGE_SIZE] PAGE_ALIGNED;
static char line[256];
static unsigned int line_used;
static bool child_passed;

static void relay_line(void)
{
	line[line_used] = '\0';
	line_used = 0;
	if (strncmp(line, "VERDICT", 7) == 0 && strstr(line, " PASS ") != NULL) {
		child_passed = true;
	}
	kprintf("d1| %s\n", line);
}

static void relay(void)
{
	volatile struct xencons_interface *ring = (void *)ring_page;
	u32 prod = ring->out_prod;

	barrier();
	/* The domain's indices are its own affair: never more than the ring holds. */
	for (u32 left = sizeof(ring->out); ring->out_cons != prod && left > 0; left--) {
		char c = ring->out[ring->out_cons & (sizeof(ring->out) - 1)];

		ring->out_cons++;
		if (c == '\n') {
			relay_line();
		} else if (line_used < sizeof(line) - 1) {
			line[line_used++] = c;
		}
	}
}

/* Run until the domain has shut down; its reason, or -errno. */
static long watch(unsigned int port)
{
	u64 end = clock_ns() + 20 * SECOND;
	u32 ports[1] = { port };
	struct xen_domctl_getdomaininfo info;

	while (clock_ns() < end) {
		struct sched_poll op = { .nr_ports = 1, .timeout = clock_ns() + SECOND / 50 };
		long err;

		SET_HANDLE(op.ports, ports);
		HC(sched_op, SCHEDOP_poll, &op);
		event_clear(port);
		err = domain_info(&child, &info);
		relay();
		if (err != 0) {
			return err;
		}
		if (info.flags & XEN_DOMINF_shutdown) {
			return (info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
		}
	}
	return -kETIME;
}

static void check_info(void)
{
	struct xen_domctl_getdomaininfo info;

	CHECK_EQ(domain_info(&child, &info), 0);
	CHECK_EQ(info.tot_pages, DOMAIN_PAGES);
	CHECK_EQ(info.max_vcpu_id, 0);
	CHECK_EQ(info.flags & (XEN_DOMINF_paused | XEN_DOMINF_dying | XEN_DOMINF_shutdown),
		 XEN_DOMINF_paused);
	CHECK_EQ(info.nr_online_vcpus, 1);
}

static void run_child(unsigned int dom_exc)
{
	long port;

	CHECK_EQ(domain_build(&child, (void *)start_info->mod_start, start_info->mod_len,
			      (const char *)start_info->cmd_line), 0);
	CHECK_EQ(domain_map(&child, child.console_pfn, ring_page, PTE_FLAGS_RW), 0);
	memset(ring_page, 0, sizeof(ring_page));
	port = event_bind_interdomain(child.id, child.console_port);
	CHECK(port > 0);
	check_info();
	event_clear(dom_exc);
	child_passed = false;
	CHECK_EQ(domain_unpause(&child), 0);
	port = watch((unsigned int)port);
	if (port == SHUTDOWN_crash) {
		kprintf("d1| domain crashed\n");
	}
	CHECK_EQ(port, SHUTDOWN_poweroff);
	CHECK(child_passed);
	CHECK(event_pending(dom_exc));
	CHECK_EQ(paging_unmap(ring_page), 0);
}

/* Free memory after destruction; some of it may come back a moment later. */
static u64 settle(u64 want)
{
	u64 end = clock_ns() + 2 * SECOND;

	while (domain_free_pages() != want && clock_ns() < end) {
		HC(sched_op, SCHEDOP_yield, 0);
	}
	return domain_free_pages();
}

void guest_main(void)
{
	struct xen_domctl_getdomaininfo info;
	unsigned int dom_exc;
	u64 before = 0;

	kit_init();
	dom_exc = (unsigned int)event_bind_virq(VIRQ_DOM_EXC, 0);
	for (unsigned int round = 0; round < 3; round++) {
		CHECK_EQ(domain_create(&child), 0);
		CHECK_EQ(child.id, round + 1);
		run_child(dom_exc);
		CHECK_EQ(domain_destroy(&child), 0);
		CHECK_EQ(domain_info(&child, &info), -kESRCH);
		if (round == 0) {
			before = settle(0);
		}
	}
	CHECK_EQ(settle(before), before);
	verdict();
}
