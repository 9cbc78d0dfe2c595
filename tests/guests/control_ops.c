/* SPDX-License-Identifier: MIT */
/*
 * domctl and sysctl: versions, errors and the answers a toolstack builds on.
 *
 * Domain: dom0
 *
 * A wrong interface version is -EACCES before anything else, an unknown command -ENOSYS, an unknown
 * domain -ESRCH. getdomaininfo looks for the next domain from a number on; creation refuses what a
 * PV-only host cannot do. What sysctl says about memory and CPUs must fit the machine.
 */
#include "kit.h"

#include "domain.h"

static struct xen_domctl d;
static struct xen_sysctl s;

static void check_versions(void)
{
	memset(&d, 0, sizeof(d));
	d.cmd = XEN_DOMCTL_getdomaininfo;
	d.interface_version = XEN_DOMCTL_INTERFACE_VERSION + 1;
	CHECK_EQ(HC(domctl, &d), -kEACCES);
	memset(&s, 0, sizeof(s));
	s.cmd = XEN_SYSCTL_physinfo;
	s.interface_version = XEN_SYSCTL_INTERFACE_VERSION + 1;
	CHECK_EQ(HC(sysctl, &s), -kEACCES);
	CHECK_EQ(domain_ctl(9999, 0, &d), -kENOSYS);
	CHECK_EQ(domain_sysctl(9999, &s), -kENOSYS);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_pausedomain, 4321, &d), -kESRCH);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_destroydomain, 4321, &d), -kESRCH);
}

static void check_info(void)
{
	struct xen_domctl_getdomaininfo *info = &d.u.getdomaininfo;

	memset(&d, 0, sizeof(d));
	CHECK_EQ(domain_ctl(XEN_DOMCTL_getdomaininfo, 0, &d), 0);
	CHECK_EQ(info->domain, 0);
	CHECK_EQ(d.domain, 0);
	CHECK_EQ(info->tot_pages, start_info->nr_pages);
	CHECK_EQ(info->shared_info_frame, start_info->shared_info >> PAGE_SHIFT);
	CHECK_EQ(info->nr_online_vcpus, 1);
	CHECK_EQ(info->flags & XEN_DOMINF_running, XEN_DOMINF_running);
	CHECK(info->cpu_time > 0);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_getdomaininfo, 1, &d), -kESRCH); /* nobody else */
}

static void check_create(void)
{
	struct xen_domctl_createdomain *c = &d.u.createdomain;
	static struct domain dom;

	memset(&d, 0, sizeof(d));
	c->flags = XEN_DOMCTL_CDF_hvm;
	c->max_vcpus = 1;
	c->max_evtchn_port = 1023;
	c->max_grant_frames = 8;
	c->max_maptrack_frames = 8;
	c->grant_opts = XEN_DOMCTL_GRANT_version(1);
	CHECK(domain_ctl(XEN_DOMCTL_createdomain, 0, &d) < 0);
	c->flags = 1U << 31;
	CHECK_EQ(domain_ctl(XEN_DOMCTL_createdomain, 0, &d), -kEINVAL);
	c->flags = 0;
	c->max_vcpus = 0;
	CHECK_EQ(domain_ctl(XEN_DOMCTL_createdomain, 0, &d), -kEINVAL);
	c->max_vcpus = 1;
	/* A number that no domain can have asks for any, as 0 does. */
	CHECK_EQ(domain_ctl(XEN_DOMCTL_createdomain, DOMID_SELF, &d), 0);
	CHECK(d.domain > 0 && d.domain < DOMID_FIRST_RESERVED);
	dom.id = d.domain;
	CHECK_EQ(domain_destroy(&dom), 0);
	memset(&d, 0, sizeof(d));
	c->max_vcpus = 1;
	c->max_evtchn_port = 1023;
	c->max_grant_frames = 8;
	c->max_maptrack_frames = 8;
	c->grant_opts = XEN_DOMCTL_GRANT_version(1);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_createdomain, 77, &d), 0);
	CHECK_EQ(d.domain, 77);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_createdomain, 77, &d), -kEEXIST);
	memset(&d, 0, sizeof(d));
	CHECK_EQ(domain_ctl(XEN_DOMCTL_getdomaininfo, 1, &d), 0); /* the next one */
	CHECK_EQ(d.domain, 77);
	memset(&d, 0, sizeof(d));
	d.u.max_vcpus.max = 2; /* not what creation said */
	CHECK_EQ(domain_ctl(XEN_DOMCTL_max_vcpus, 77, &d), -kEINVAL);
	dom.id = 77;
	CHECK_EQ(domain_destroy(&dom), 0);
	CHECK_EQ(domain_ctl(XEN_DOMCTL_destroydomain, 0, &d), -kEINVAL); /* not oneself */
}

static void check_sysctl(void)
{
	struct xen_sysctl_physinfo *p = &s.u.physinfo;
	static struct xen_domctl_getdomaininfo list[4];

	memset(&s, 0, sizeof(s));
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_physinfo, &s), 0);
	CHECK_EQ(p->nr_cpus, 1);
	CHECK_EQ(p->nr_nodes, 1);
	CHECK(p->total_pages > 200UL << 8 && p->total_pages <= 256UL << 8);
	CHECK(p->free_pages > 0 && p->free_pages < p->total_pages);
	CHECK(p->cpu_khz > 10000);
	CHECK_EQ(p->capabilities & XEN_SYSCTL_PHYSCAP_hvm, 0);
	CHECK(p->capabilities & XEN_SYSCTL_PHYSCAP_pv);
	CHECK(p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1);

	memset(&s, 0, sizeof(s));
	s.u.getdomaininfolist.max_domains = ARRAY_SIZE(list);
	SET_HANDLE(s.u.getdomaininfolist.buffer, list);
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_getdomaininfolist, &s), 0);
	CHECK_EQ(s.u.getdomaininfolist.num_domains, 1);
	CHECK_EQ(list[0].domain, 0);
	SET_HANDLE(s.u.getdomaininfolist.buffer, ADDR_UNMAPPED);
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_getdomaininfolist, &s), -kEFAULT);

	memset(&s, 0, sizeof(s));
	CHECK_EQ(domain_sysctl(XEN_SYSCTL_sched_id, &s), 0);
	CHECK(s.u.sched_id.sched_id >= XEN_SCHEDULER_CREDIT &&
	      s.u.sched_id.sched_id <= XEN_SCHEDULER_NULL);
}

void guest_main(void)
{
	kit_init();
	check_versions();
	check_info();
	check_create();
	check_sysctl();
	verdict();
}
