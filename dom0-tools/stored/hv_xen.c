/* SPDX-License-Identifier: MIT */
/*
 * The store's access to the hypervisor: see hv_xen.h. Owns the library handles, and remembers for
 * each mapped page how it was mapped. Single-threaded, no lock.
 */
#include "stored/hv_xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenevtchn.h>

#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>
#include <xen/xen.h>

#include "lib/guest_page.h"
#include "lib/hypercall.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "stored/quota.h"

#define KVA_FILE    "/proc/xen/xsd_kva"
#define PORT_FILE   "/proc/xen/xsd_port"
#define PAGE        4096
#define STORE_GRANT 1 /* the reference every builder fills in for the store's ring */
#define LIST_MAX    256

struct hv_xen {
	xenevtchn_handle *events;
	struct guest_pages *pages;
	struct hypercall *calls;
	int domain_virq;
	bool granted[USAGE_DOMAINS];
};

int hv_xen_dom0_port(void)
{
	FILE *f = fopen(PORT_FILE, "re");
	int port = -EINVAL;

	if (!f) {
		return -errno;
	}
	if (fscanf(f, "%d", &port) != 1) {
		port = -EINVAL;
	}
	fclose(f);
	return port;
}

static void *dom0_page(void)
{
	int fd = open(KVA_FILE, O_RDWR | O_CLOEXEC);
	void *page;

	if (fd < 0) {
		log_error("cannot open " KVA_FILE " (%s): mount xenfs on /proc/xen, as dom0",
			  strerror(errno));
		return NULL;
	}
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

static struct xenstore_domain_interface *xen_map(void *arg, uint32_t domid, uint64_t gfn)
{
	struct hv_xen *x = arg;

	if (!domid) {
		return dom0_page();
	}
	return guest_page_map(x->pages, domid, STORE_GRANT, gfn, &x->granted[domid]);
}

static void xen_unmap(void *arg, uint32_t domid, struct xenstore_domain_interface *page)
{
	struct hv_xen *x = arg;

	if (!domid) {
		munmap(page, PAGE);
	} else {
		guest_page_unmap(x->pages, page, x->granted[domid]);
	}
}

static int xen_bind(void *arg, uint32_t domid, uint32_t remote_port)
{
	struct hv_xen *x = arg;
	int port = xenevtchn_bind_interdomain(x->events, domid, remote_port);

	return port < 0 ? -errno : port;
}

static void xen_unbind(void *arg, uint32_t port)
{
	struct hv_xen *x = arg;

	xenevtchn_unbind(x->events, port);
}

static void xen_notify(void *arg, uint32_t port)
{
	struct hv_xen *x = arg;

	xenevtchn_notify(x->events, port);
}

static void xen_unmask(void *arg, uint32_t port)
{
	struct hv_xen *x = arg;

	xenevtchn_unmask(x->events, port);
}

static int xen_pending(void *arg)
{
	struct hv_xen *x = arg;
	int port = xenevtchn_pending(x->events);

	if (port < 0) {
		return HV_NO_EVENT;
	}
	if (port != x->domain_virq) {
		return port;
	}
	/* Before the domains are looked at: what comes after the look is an event again. */
	xen_unmask(x, (uint32_t)port);
	return HV_DOMAIN_EVENT;
}

static int xen_list(void *arg, uint32_t first, struct hv_domain *out, uint32_t max)
{
	static struct xen_domctl_getdomaininfo info[LIST_MAX];
	struct hv_xen *x = arg;
	int i, got = hypercall_domain_list(x->calls, first, info, max < LIST_MAX ? max : LIST_MAX);

	for (i = 0; i < got; i++) {
		out[i].domid = info[i].domain;
		out[i].flags = (uint16_t)((info[i].flags & XEN_DOMINF_dying ? HV_DYING : 0) |
					  (info[i].flags & XEN_DOMINF_shutdown ? HV_SHUTDOWN : 0));
	}
	return got;
}

const struct hv hv_xen_ops = {
	.map = xen_map,
	.unmap = xen_unmap,
	.bind = xen_bind,
	.unbind = xen_unbind,
	.notify = xen_notify,
	.pending = xen_pending,
	.unmask = xen_unmask,
	.list = xen_list,
};

struct hv_xen *hv_xen_open(void)
{
	struct hv_xen *x = xcalloc(1, sizeof(*x));
	const char *missing = NULL;

	x->domain_virq = -1;
	x->events = xenevtchn_open(NULL, 0);
	x->pages = guest_pages_open();
	x->calls = hypercall_open();
	if (!x->events) {
		missing = "/dev/xen/evtchn (module xen-evtchn)";
	} else if (!x->pages || !x->calls) {
		missing = "/dev/xen/privcmd (module xen-privcmd)";
	}
	if (missing) {
		log_error("cannot open %s: %s; this must run in dom0", missing, strerror(errno));
		hv_xen_close(x);
		return NULL;
	}
	x->domain_virq = xenevtchn_bind_virq(x->events, VIRQ_DOM_EXC);
	if (x->domain_virq < 0) {
		log_error("cannot bind to domain events (%s): is another xenstored running?",
			  strerror(errno));
		hv_xen_close(x);
		return NULL;
	}
	/* Non-blocking, so that the event loop can take all pending ports in one go. */
	fcntl(xenevtchn_fd(x->events), F_SETFL, O_NONBLOCK);
	return x;
}

void hv_xen_close(struct hv_xen *x)
{
	if (x->events) {
		xenevtchn_close(x->events);
	}
	guest_pages_close(x->pages);
	hypercall_close(x->calls);
	free(x);
}

int hv_xen_fd(const struct hv_xen *x)
{
	return xenevtchn_fd(x->events);
}
