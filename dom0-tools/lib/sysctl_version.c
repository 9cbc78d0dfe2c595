/* SPDX-License-Identifier: MIT */
/*
 * What the hypervisor says about itself: see sysctl.h. Stateless.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xen/xen.h>

#include "lib/hypercall.h"
#include "lib/sysctl.h"

#define BUILD_ID_MAX 64

static long version_ask(struct hypercall *h, uint64_t cmd, void *buffer, void *to, size_t bytes)
{
	long rc = hypercall_call(h, __HYPERVISOR_xen_version, cmd, (uintptr_t)buffer, 0, 0);

	if (rc >= 0) {
		memcpy(to, buffer, bytes);
	}
	return rc;
}

static void version_build_id(struct hypercall *h, void *buffer, char *text)
{
	struct xen_build_id *id = buffer;
	long len, i;

	id->len = BUILD_ID_MAX;
	len = hypercall_call(h, __HYPERVISOR_xen_version, XENVER_build_id, (uintptr_t)buffer, 0, 0);
	for (i = 0; i < len && i < BUILD_ID_MAX; i++) {
		sprintf(text + 2 * i, "%02x", id->buf[i]);
	}
}

int sysctl_version(struct hypercall *h, struct hypervisor_version *v)
{
	void *buffer = hypercall_buffer(h, 4096);
	long rc;

	memset(v, 0, sizeof(*v));
	if (!buffer) {
		return -ENOMEM;
	}
	rc = hypercall_call(h, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
	if (rc >= 0) {
		v->major = (unsigned int)rc >> 16;
		v->minor = (unsigned int)rc & 0xffff;
		version_ask(h, XENVER_extraversion, buffer, v->extra, sizeof(v->extra));
		version_ask(h, XENVER_compile_info, buffer, &v->compile, sizeof(v->compile));
		version_ask(h, XENVER_capabilities, buffer, v->capabilities,
			    sizeof(v->capabilities));
		version_ask(h, XENVER_changeset, buffer, v->changeset, sizeof(v->changeset));
		version_ask(h, XENVER_commandline, buffer, v->command_line,
			    sizeof(v->command_line));
		version_ask(h, XENVER_platform_parameters, buffer, &v->virt_start,
			    sizeof(v->virt_start));
		v->page_size = (unsigned int)hypercall_call(h, __HYPERVISOR_xen_version,
							    XENVER_pagesize, 0, 0, 0);
		version_build_id(h, buffer, v->build_id);
	}
	hypercall_buffer_free(h, buffer);
	return rc < 0 ? (int)rc : 0;
}
