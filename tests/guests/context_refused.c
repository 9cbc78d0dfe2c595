/* SPDX-License-Identifier: MIT */
/*
 * Is a context that is refused without effect on a vcpu that has run, and on the machine?
 *
 * Domain: dom0
 * Module: context_refused
 *
 * A child of this kernel runs; a context with a descriptor table that is none, and one with a root that is none, are
 * refused, and the child goes on. The user root is taken as libxc gives it and shown the same way.
 */
#include "kit.h"

#include "clock.h"
#include "domain.h"
#include "neighbour.h"

static struct xen_domctl op;
static struct vcpu_guest_context ctx;

static long context(const struct domain *d, u32 cmd)
{
	memset(&op, 0, sizeof(op));
	SET_HANDLE(op.u.vcpucontext.ctxt, &ctx);
	return domain_ctl(cmd, d->id, &op);
}

static void child_goes_on(const struct domain *d)
{
	static struct xen_domctl_getdomaininfo info;
	u64 before;

	CHECK_EQ(domain_info(d, &info), 0);
	before = info.cpu_time;
	CHECK_EQ(domain_unpause(d), 0);
	for (unsigned int i = 0; i < 100 && info.cpu_time < before + MS; i++) {
		neighbour_sleep_until(clock_ns() + 10 * MS);
		CHECK_EQ(domain_info(d, &info), 0);
	}
	CHECK(info.cpu_time >= before + MS);
	CHECK_EQ(info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying), 0);
	memset(&op, 0, sizeof(op));
	CHECK_EQ(domain_ctl(XEN_DOMCTL_pausedomain, d->id, &op), 0);
}

void guest_main(void)
{
	static struct domain d;
	u64 root;

	kit_init();
	if (neighbour_told("spin")) {
		for (;;) {
			barrier();
		}
	}
	CHECK_EQ(domain_create(&d), 0);
	d.user_root = true;
	CHECK_EQ(domain_build(&d, (void *)start_info->mod_start, start_info->mod_len, "spin"), 0);
	child_goes_on(&d);
	CHECK_EQ(context(&d, XEN_DOMCTL_getvcpucontext), 0);
	root = ctx.ctrlreg[3];
	CHECK_EQ(ctx.ctrlreg[1], root);

	ctx.gdt_ents = 512;
	ctx.gdt_frames[0] = root >> PAGE_SHIFT; /* a page table */
	CHECK(context(&d, XEN_DOMCTL_setvcpucontext) < 0);
	child_goes_on(&d);
	ctx.gdt_ents = 0;
	ctx.ctrlreg[3] = ~0UL << PAGE_SHIFT;
	CHECK(context(&d, XEN_DOMCTL_setvcpucontext) < 0);
	child_goes_on(&d);

	CHECK_EQ(domain_destroy(&d), 0);
	verdict();
}
