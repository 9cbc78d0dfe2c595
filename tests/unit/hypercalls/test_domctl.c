/* SPDX-License-Identifier: MIT */
/*
 * The door of domctl and the checks of its commands about life, rights and settings, over pretended
 * rooms: who is refused what, in which order, and that a refusal has no effect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dais/domain_create.h>
#include <dais/preempt.h>
#include <dais/rangeset.h>
#include <dais/x86.h>
#include <hypercall_table.h>
#include <xen/domctl.h>
#include <xen/errno.h>

#include "../../../hypercalls/domctl/domctl.h"
#include "../../fake/fake.h"
#include "guest_mem.h"

#define ARG	GUEST_BASE

struct x86_features x86_features = { .phys_bits = 40 };
static struct domain dom0_, other;
static struct vcpu *no_vcpus[2];	/* none is allocated yet */
static struct domain_create_params created;
static int kill_result;
static unsigned int pauses, kills;

/* --- pretended rooms --- */

bool domain_get(struct domain *d)
{
	d->refs++;
	return true;
}

void domain_put(struct domain *d)
{
	d->refs--;
}

struct domain *domain_get_by_id(uint16_t domid)
{
	struct domain *d = domid == 0 ? &dom0_ : domid == other.domid ? &other : NULL;

	if (d) {
		d->refs++;
	}
	return d;
}

struct domain *domain_get_from(uint32_t domid)
{
	return domid == 0 ? domain_get_by_id(0) : domid <= other.domid ? domain_get_by_id(other.domid) : NULL;
}

int domain_create(const struct domain_create_params *p, struct domain **out)
{
	created = *p;
	*out = &other;
	return 0;
}

int domain_alloc_vcpus(struct domain *d, unsigned int n)
{
	return n == d->max_vcpus ? 0 : -XEN_EINVAL;
}

int domain_kill(struct domain *d)
{
	assert_ptr_equal(d, &other);
	kills++;
	return kill_result;
}

void domain_pause(struct domain *d)
{
	assert_ptr_equal(d, &other);
	pauses++;
	d->pause_count++;
}

void domain_unpause(struct domain *d)
{
	d->pause_count--;
}

void domain_resume(struct domain *d)
{
	(void)d;
}

uint64_t sched_vcpu_cpu_time(struct vcpu *v)
{
	(void)v;
	return 5;
}

void vcpu_pause(struct vcpu *v)
{
	v->pause_count++;
}

void vcpu_unpause(struct vcpu *v)
{
	v->pause_count--;
}

static struct vcpu *asked;	/* about which a command was, and how it was found */
static uint32_t asked_pauses;
static long asked_result;

#define STUB_VCPU(name) \
	long domctl_##name(struct vcpu *v, struct xen_domctl *op) \
	{ \
		(void)op; \
		asked = v; \
		asked_pauses = v->pause_count; \
		return asked_result; \
	}
#define STUB(name) \
	long domctl_##name(struct domain *d, struct xen_domctl *op) \
	{ \
		(void)d; \
		(void)op; \
		return 0; \
	}
STUB_VCPU(setvcpucontext) STUB_VCPU(getvcpucontext) STUB_VCPU(set_ext_vcpucontext) STUB_VCPU(get_ext_vcpucontext)
STUB_VCPU(setvcpuextstate) STUB_VCPU(getvcpuextstate) STUB_VCPU(set_vcpu_msrs) STUB_VCPU(get_vcpu_msrs)
STUB(sendtrigger) STUB(setvcpuaffinity) STUB(getvcpuaffinity) STUB(scheduler_op)
STUB(setnodeaffinity) STUB(getnodeaffinity) STUB(max_mem) STUB(getpageframeinfo3) STUB(shadow_op)
STUB(hypercall_init) STUB(setdomainhandle) STUB(setdebugging) STUB(settimeoffset)
STUB(set_address_size) STUB(get_address_size) STUB(settscinfo) STUB(gettscinfo)
STUB(set_cpu_policy) STUB(get_cpu_policy) STUB(set_virq_handler)

/* --- tests --- */

static int setup(void **state)
{
	(void)state;
	memset(&dom0_, 0, sizeof(dom0_));
	memset(&other, 0, sizeof(other));
	dom0_.is_privileged = dom0_.is_hardware = true;
	dom0_.refs = other.refs = 1;
	other.domid = 7;
	other.max_vcpus = 2;
	other.vcpu = no_vcpus;
	other.creation_paused = true;
	other.pause_count = 1;
	other.shutdown_code = ~0U;
	rangeset_init(&dom0_.iomem, 8);
	rangeset_init(&dom0_.ioports, 8);
	rangeset_init(&other.iomem, 8);
	rangeset_init(&other.ioports, 8);
	rangeset_add(&dom0_.iomem, 0x1000, 0x1fff);
	rangeset_add(&dom0_.ioports, 0, 0xcf7);
	pauses = kills = 0;
	kill_result = 0;
	guest_reset(&dom0_);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rangeset_remove(&dom0_.iomem, 0, ~0UL);
	rangeset_remove(&dom0_.ioports, 0, ~0UL);
	rangeset_remove(&other.iomem, 0, ~0UL);
	rangeset_remove(&other.ioports, 0, ~0UL);
	return dom0_.refs != 1 || other.refs != 1;
}

static struct xen_domctl *call(uint32_t cmd, uint16_t domid)
{
	struct xen_domctl *op = guest_at(ARG);

	memset(op, 0, sizeof(*op));
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = domid;
	return op;
}

static void test_order_of_refusals(void **state)
{
	struct xen_domctl *op = call(XEN_DOMCTL_pausedomain, 99);

	(void)state;
	assert_int_equal(do_domctl(8), -XEN_EFAULT);
	op->interface_version++;
	assert_int_equal(do_domctl(ARG), -XEN_EACCES);
	op->interface_version--;
	assert_int_equal(do_domctl(ARG), -XEN_ESRCH);
	dom0_.is_privileged = false;
	assert_int_equal(do_domctl(ARG), -XEN_EPERM);
	call(12345, 7);
	assert_int_equal(do_domctl(ARG), -XEN_EPERM);
	dom0_.is_privileged = true;
	assert_int_equal(do_domctl(ARG), -XEN_ENOSYS);
	call(XEN_DOMCTL_vm_event_op, 7);
	assert_int_equal(do_domctl(ARG), -XEN_ENOSYS);
	assert_int_equal(pauses, 0);
}

static void test_not_about_oneself(void **state)
{
	static const uint32_t cmds[] = {
		XEN_DOMCTL_destroydomain, XEN_DOMCTL_pausedomain, XEN_DOMCTL_unpausedomain,
		XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_getvcpucontext, XEN_DOMCTL_iomem_permission,
		XEN_DOMCTL_max_vcpus, XEN_DOMCTL_resumedomain, XEN_DOMCTL_set_cpu_policy,
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		call(cmds[i], 0);
		assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	}
	assert_int_equal(pauses, 0);
}

static void test_pause_counts(void **state)
{
	(void)state;
	call(XEN_DOMCTL_pausedomain, 7);
	assert_int_equal(do_domctl(ARG), 0);
	assert_int_equal(other.pause_count, 2);
	call(XEN_DOMCTL_unpausedomain, 7);
	assert_int_equal(do_domctl(ARG), 0);	/* takes back that of creation */
	assert_false(other.creation_paused);
	assert_int_equal(do_domctl(ARG), 0);
	assert_int_equal(other.pause_count, 0);
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	assert_int_equal(other.pause_count, 0);
}

static void test_destroy_continues(void **state)
{
	(void)state;
	kill_result = -ERESTART;
	call(XEN_DOMCTL_destroydomain, 7);
	assert_int_equal(do_domctl(ARG), CONTINUED);
	assert_int_equal(guest_continued.args[0], ARG);
	kill_result = 0;
	assert_int_equal(do_domctl(ARG), 0);
	assert_int_equal(kills, 2);
}

/*
 * Commands about a vcpu are told which, with it stopped if it must be, and it goes on afterwards, whatever
 * came of them.
 */
static void test_vcpus(void **state)
{
	static const struct {
		uint32_t cmd, pauses;
	} cmds[] = {
		{ XEN_DOMCTL_setvcpucontext, 0 }, /* stops all of the domain itself */
		{ XEN_DOMCTL_getvcpucontext, 1 }, { XEN_DOMCTL_set_ext_vcpucontext, 1 },
		{ XEN_DOMCTL_get_ext_vcpucontext, 1 }, { XEN_DOMCTL_setvcpuextstate, 1 },
		{ XEN_DOMCTL_getvcpuextstate, 1 }, { XEN_DOMCTL_set_vcpu_msrs, 1 }, { XEN_DOMCTL_get_vcpu_msrs, 1 },
	};
	static struct vcpu second;
	struct vcpu *vcpus[2] = { NULL, &second };

	(void)state;
	other.vcpu = vcpus;
	for (unsigned int i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		struct xen_domctl *op = call(cmds[i].cmd, 7);

		asked = NULL;
		asked_result = 0;
		assert_int_equal(do_domctl(ARG), -XEN_ESRCH);	/* the first is not there */
		op->u.vcpucontext.vcpu = 2;
		assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
		op->u.vcpucontext.vcpu = ~0U;
		assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
		assert_null(asked);
		op->u.vcpucontext.vcpu = 1;
		assert_int_equal(do_domctl(ARG), 0);
		assert_ptr_equal(asked, &second);
		assert_int_equal(asked_pauses, cmds[i].pauses);
		assert_int_equal(second.pause_count, 0);
		asked_result = -XEN_EINVAL;
		assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
		asked_result = -ERESTART;
		assert_int_equal(do_domctl(ARG), CONTINUED);
		assert_int_equal(second.pause_count, 0);
	}
}

static struct xen_domctl_createdomain *create(void)
{
	struct xen_domctl_createdomain *c = &call(XEN_DOMCTL_createdomain, 0)->u.createdomain;

	c->max_vcpus = 2;
	c->max_grant_frames = -1;
	c->max_maptrack_frames = -1;
	c->grant_opts = 1;
	return c;
}

static void test_create(void **state)
{
	const struct xen_domctl *op = guest_at(ARG);

	(void)state;
	create()->flags = XEN_DOMCTL_CDF_xs_domain;
	other.max_pages = 55;
	assert_int_equal(do_domctl(ARG), 0);
	assert_int_equal(op->domain, 7);
	assert_true(created.choose_domid);
	assert_true(created.is_xenstore);
	assert_false(created.is_privileged);
	assert_false(created.is_hardware);
	assert_int_equal(created.max_grant_frames, GRANT_MAX_FRAMES_DEFAULT);
	assert_int_equal(other.max_pages, 0);
}

static void test_create_refused(void **state)
{
	(void)state;
	memset(&created, 0, sizeof(created));
	create()->flags = XEN_DOMCTL_CDF_hvm;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->flags = XEN_DOMCTL_CDF_iommu;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->max_vcpus = 0;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->max_vcpus = DOMAIN_MAX_VCPUS + 1;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->grant_opts = 3;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->grant_opts = 0x11;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->max_grant_frames = 0;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->max_grant_frames = 1 << 20;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->arch.emulation_flags = 1;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create()->arch.misc_flags = XEN_X86_MISC_FLAGS_MAX << 1;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	create();
	guest_fault(ARG, 8, true);	/* its number could not be told */
	assert_int_equal(do_domctl(ARG), -XEN_EFAULT);
	assert_int_equal(created.max_vcpus, 0);
}

static void test_create_relaxed(void **state)
{
	(void)state;
	create();
	assert_int_equal(do_domctl(ARG), 0);
	assert_false(created.msr_relaxed);
	create()->arch.misc_flags = XEN_X86_MSR_RELAXED;
	assert_int_equal(do_domctl(ARG), 0);
	assert_true(created.msr_relaxed);
}

static void test_info_walks(void **state)
{
	const struct xen_domctl *op = guest_at(ARG);

	(void)state;
	call(XEN_DOMCTL_getdomaininfo, 1);
	assert_int_equal(do_domctl(ARG), 0);
	assert_int_equal(op->domain, 7);
	assert_int_equal(op->u.getdomaininfo.domain, 7);
	assert_true(op->u.getdomaininfo.flags & XEN_DOMINF_paused);
	assert_false(op->u.getdomaininfo.flags & XEN_DOMINF_shutdown);
	call(XEN_DOMCTL_getdomaininfo, 8);
	assert_int_equal(do_domctl(ARG), -XEN_ESRCH);
	dom0_.is_privileged = false;
	call(XEN_DOMCTL_getdomaininfo, 1);
	assert_int_equal(do_domctl(ARG), -XEN_EPERM);
	dom0_.is_xenstore = true;
	assert_int_equal(do_domctl(ARG), 0);
	call(XEN_DOMCTL_pausedomain, 7);
	assert_int_equal(do_domctl(ARG), -XEN_EPERM);
}

static long iomem(uint64_t first, uint64_t nr, bool allow)
{
	struct xen_domctl_iomem_permission *p =
	    &call(XEN_DOMCTL_iomem_permission, 7)->u.iomem_permission;

	p->first_mfn = first;
	p->nr_mfns = nr;
	p->allow_access = allow;
	return do_domctl(ARG);
}

static void test_iomem(void **state)
{
	(void)state;
	assert_int_equal(iomem(0x1100, 0x10, true), 0);
	assert_true(rangeset_contains(&other.iomem, 0x1100, 0x110f));
	assert_int_equal(other.iomem.count, 1);
	assert_false(rangeset_contains(&other.iomem, 0x1110, 0x1110));
	assert_int_equal(iomem(0x1104, 1, false), 0);
	assert_false(rangeset_contains(&other.iomem, 0x1104, 0x1104));
	assert_int_equal(iomem(0x1ff0, 0x11, true), -XEN_EPERM); /* one more than the caller has */
	assert_int_equal(iomem(0x1000, 0, true), -XEN_EINVAL);
	assert_int_equal(iomem(0x1000, ~0UL, true), -XEN_EINVAL);
	assert_int_equal(iomem(1UL << 28, 1, true), -XEN_EINVAL); /* beyond 40 bits of address */
	assert_int_equal(other.pause_count, 1);
	assert_int_equal(pauses, 2);
}

static long ports(uint32_t first, uint32_t nr)
{
	struct xen_domctl_ioport_permission *p =
		&call(XEN_DOMCTL_ioport_permission, 7)->u.ioport_permission;

	p->first_port = first;
	p->nr_ports = nr;
	p->allow_access = 1;
	return do_domctl(ARG);
}

static void test_ports(void **state)
{
	(void)state;
	assert_int_equal(ports(0x3f8, 8), 0);
	assert_true(rangeset_contains(&other.ioports, 0x3f8, 0x3ff));
	assert_int_equal(ports(0xcf8, 1), -XEN_EPERM);
	assert_int_equal(ports(0xffff, 2), -XEN_EINVAL);
	assert_int_equal(ports(0xffffffff, 0xffffffff), -XEN_EINVAL);
	assert_int_equal(ports(0, 0), -XEN_EINVAL);
}

static void test_irq(void **state)
{
	struct xen_domctl_irq_permission *p = &call(XEN_DOMCTL_irq_permission, 7)->u.irq_permission;

	(void)state;
	p->pirq = NR_PIRQS;
	p->allow_access = 1;
	assert_int_equal(do_domctl(ARG), -XEN_EINVAL);
	p->pirq = 17;
	assert_int_equal(do_domctl(ARG), 0);
	assert_int_equal(other.irq_caps[0], 1UL << 17);
	dom0_.is_hardware = false; /* a privileged domain without hardware has nothing to give */
	assert_int_equal(do_domctl(ARG), -XEN_EPERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order_of_refusals), TEST(test_not_about_oneself), TEST(test_pause_counts),
		TEST(test_destroy_continues), TEST(test_vcpus), TEST(test_create), TEST(test_create_relaxed), TEST(test_create_refused),
		TEST(test_info_walks), TEST(test_iomem), TEST(test_ports), TEST(test_irq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
