/* SPDX-License-Identifier: MIT */
/*
 * Control hypercalls: see hypercall.h. Owns the libxencall handle and two buffers that live as
 * long as it: locked memory is too costly to set up for every call.
 */
#include "lib/hypercall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xencall.h>

#include <xen/xen.h>

#include "lib/xalloc.h"

#define LIST_BATCH    256   /* domains per call */
#define CONSOLE_BATCH 16384 /* bytes per call */

struct hypercall {
	xencall_handle *call;
	union {
		struct xen_domctl domctl;
		struct xen_sysctl sysctl;
	} * op;
	void *bounce; /* of LIST_BATCH infos, or CONSOLE_BATCH bytes */
};

static size_t bounce_bytes(void)
{
	size_t list = LIST_BATCH * sizeof(struct xen_domctl_getdomaininfo);

	return list > CONSOLE_BATCH ? list : CONSOLE_BATCH;
}

struct hypercall *hypercall_open(void)
{
	struct hypercall *h = xcalloc(1, sizeof(*h));

	h->call = xencall_open(NULL, 0);
	if (h->call) {
		h->op = xencall_alloc_buffer(h->call, sizeof(*h->op));
		h->bounce = xencall_alloc_buffer(h->call, bounce_bytes());
	}
	if (!h->op || !h->bounce) {
		hypercall_close(h);
		return NULL;
	}
	return h;
}

void hypercall_close(struct hypercall *h)
{
	int saved = errno;

	if (h && h->call) {
		xencall_free_buffer(h->call, h->op);
		xencall_free_buffer(h->call, h->bounce);
		xencall_close(h->call);
	}
	free(h);
	errno = saved;
}

void *hypercall_buffer(struct hypercall *h, size_t bytes)
{
	return xencall_alloc_buffer(h->call, bytes);
}

void *hypercall_copy(struct hypercall *h, const void *bytes, size_t len)
{
	void *buffer = hypercall_buffer(h, len + 1);

	if (buffer && len) {
		memcpy(buffer, bytes, len);
	}
	return buffer;
}

void hypercall_buffer_free(struct hypercall *h, void *buffer)
{
	xencall_free_buffer(h->call, buffer);
}

long hypercall_call(struct hypercall *h, unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3,
		    uint64_t a4)
{
	int rc = xencall4(h->call, number, a1, a2, a3, a4);

	return rc < 0 ? -errno : rc;
}

int hypercall_domctl(struct hypercall *h, struct xen_domctl *op)
{
	int rc;

	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	h->op->domctl = *op;
	rc = xencall1(h->call, __HYPERVISOR_domctl, (uint64_t)(uintptr_t)h->op);
	*op = h->op->domctl;
	return rc < 0 ? -errno : rc;
}

int hypercall_sysctl(struct hypercall *h, struct xen_sysctl *op)
{
	int rc;

	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	h->op->sysctl = *op;
	rc = xencall1(h->call, __HYPERVISOR_sysctl, (uint64_t)(uintptr_t)h->op);
	*op = h->op->sysctl;
	return rc < 0 ? -errno : rc;
}

int hypercall_domain_list(struct hypercall *h, uint32_t first, struct xen_domctl_getdomaininfo *out,
			  uint32_t max)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist };
	struct xen_sysctl_getdomaininfolist *list = &op.u.getdomaininfolist;
	int rc;

	list->first_domain = (domid_t)first;
	list->max_domains = max < LIST_BATCH ? max : LIST_BATCH;
	list->buffer = (uintptr_t)h->bounce;
	rc = hypercall_sysctl(h, &op);
	if (rc < 0) {
		return rc;
	}
	memcpy(out, h->bounce, list->num_domains * sizeof(*out));
	return (int)list->num_domains;
}

int hypercall_read_console(struct hypercall *h, uint32_t *index, char *out, uint32_t room)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
	struct xen_sysctl_readconsole *read = &op.u.readconsole;
	int rc;

	read->incremental = 1;
	read->index = *index;
	read->buffer = (uintptr_t)h->bounce;
	read->count = room < CONSOLE_BATCH ? room : CONSOLE_BATCH;
	rc = hypercall_sysctl(h, &op);
	if (rc < 0) {
		return rc;
	}
	*index = read->index;
	memcpy(out, h->bounce, read->count);
	return (int)read->count;
}
