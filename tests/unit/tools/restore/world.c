/* SPDX-License-Identifier: MIT */
/*
 * The pretended hypervisor: see world.h. It insists on being asked for what it has.
 */
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xenforeignmemory.h>

#include <xen/memory.h>

#include "lib/domctl.h"
#include "lib/domctl_state.h"
#include "lib/saved.h"

#define SHARED 0x500u
#define DOMID  7u

struct world world;

/* An open window: a copy, written back when it is closed. */
static struct window {
	uint8_t *bytes;
	size_t count;
	xen_pfn_t frames[STREAM_PAGES_MAX];
} windows[4];

static void insist(bool holds)
{
	if (!holds) {
		abort();
	}
}

static int may_fail(void)
{
	return ++world.calls == world.fail_at ? -EIO : 0;
}

void world_begin(void)
{
	memset(&world, 0, sizeof(world));
	world.room = WORLD_FRAMES;
	world.shared.info.vcpu_info[0].time.version = 4;
	world.shared.info.wc_sec = 5;
}

uint64_t world_frame(uint64_t pfn)
{
	unsigned int i;

	for (i = 0; i < world.given; i++) {
		if (world.pfn[i] == pfn) {
			return WORLD_FIRST + i;
		}
	}
	return 0;
}

uint64_t *world_page(uint64_t pfn)
{
	uint64_t frame = world_frame(pfn);

	return frame ? world.frame[frame - WORLD_FIRST] : NULL;
}

static void *frame_bytes(xen_pfn_t frame)
{
	if (frame == SHARED) {
		return &world.shared;
	}
	return frame >= WORLD_FIRST && frame < WORLD_FIRST + world.given
		       ? world.frame[frame - WORLD_FIRST]
		       : NULL;
}

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	if (may_fail()) {
		errno = EIO;
		return NULL;
	}
	return (void *)&world;
}

int xenforeignmemory_close(xenforeignmemory_handle *h)
{
	insist(h == (void *)&world && !world.mapped);
	return 0;
}

void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t domid, int prot, size_t count,
			   const xen_pfn_t *frames, int *errors)
{
	struct window *w = windows;
	size_t i;

	(void)prot;
	insist(h == (void *)&world && domid == DOMID && count && count <= STREAM_PAGES_MAX);
	if (may_fail()) {
		errno = EIO;
		return NULL;
	}
	while (w->bytes) {
		w++;
	}
	w->bytes = calloc(count, SAVED_PAGE_BYTES);
	w->count = count;
	memcpy(w->frames, frames, count * sizeof(*frames));
	for (i = 0; i < count; i++) {
		/* Who asks for a frame knows that it is the domain's. */
		insist(frame_bytes(frames[i]) != NULL);
		memcpy(w->bytes + i * SAVED_PAGE_BYTES, frame_bytes(frames[i]), SAVED_PAGE_BYTES);
		errors[i] = 0;
	}
	errors[count - 1] = may_fail();
	world.mapped++;
	return w->bytes;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *bytes, size_t count)
{
	struct window *w = windows;
	size_t i;

	while (w->bytes != bytes) {
		w++;
	}
	insist(h == (void *)&world && w->count == count);
	for (i = 0; i < count; i++) {
		memcpy(frame_bytes(w->frames[i]), w->bytes + i * SAVED_PAGE_BYTES,
		       SAVED_PAGE_BYTES);
	}
	free(w->bytes);
	w->bytes = NULL;
	world.mapped--;
	return 0;
}

xenforeignmemory_resource_handle *
xenforeignmemory_map_resource(xenforeignmemory_handle *h, domid_t domid, unsigned int type,
			      unsigned int id, unsigned long frame, unsigned long count,
			      void **address, int prot, int flags)
{
	(void)h;
	(void)prot;
	(void)flags;
	insist(domid == DOMID && type == XENMEM_resource_grant_table && !id && !frame &&
	       count == 1);
	if (may_fail()) {
		errno = EIO;
		return NULL;
	}
	*address = world.grants;
	world.mapped++;
	return (void *)&world;
}

int xenforeignmemory_unmap_resource(xenforeignmemory_handle *h,
				    xenforeignmemory_resource_handle *resource)
{
	(void)h;
	(void)resource;
	world.mapped--;
	return 0;
}

int domctl_info(struct hypercall *h, uint32_t domid, struct xen_domctl_getdomaininfo *info)
{
	(void)h;
	insist(domid == DOMID);
	memset(info, 0, sizeof(*info));
	info->shared_info_frame = SHARED;
	return may_fail();
}

long domctl_populate(struct hypercall *h, uint32_t domid, uint64_t *pfns, uint32_t count,
		     unsigned int order, uint32_t mem_flags)
{
	uint32_t i;

	(void)h;
	(void)mem_flags;
	insist(domid == DOMID && count && count <= STREAM_PAGES_MAX && !order);
	if (may_fail()) {
		return -EIO;
	}
	for (i = 0; i < count && world.given < world.room; i++) {
		/* Nobody gets a second frame for the same page. */
		insist(!world_frame(pfns[i]));
		world.pfn[world.given] = pfns[i];
		pfns[i] = WORLD_FIRST + world.given++;
	}
	return i;
}

int domctl_set_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		       const struct vcpu_guest_context *context)
{
	(void)h;
	insist(domid == DOMID && vcpu < WORLD_VCPUS && !world.has_context[vcpu]);
	insist(frame_bytes(context->ctrlreg[3] >> 12) != NULL);
	world.context[vcpu] = *context;
	world.has_context[vcpu] = true;
	return may_fail();
}

int domctl_set_policies(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
			uint32_t leaf_count, const struct xen_msr_entry *msrs, uint32_t msr_count,
			uint32_t *bad_leaf, uint32_t *bad_msr)
{
	(void)h;
	(void)leaves;
	(void)msrs;
	insist(domid == DOMID && leaf_count + msr_count > 0);
	world.policies++;
	*bad_leaf = *bad_msr = ~0u;
	return may_fail();
}

int domctl_set_tsc_info(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_tsc_info *info)
{
	(void)h;
	(void)info;
	insist(domid == DOMID);
	world.tsc++;
	return may_fail();
}

/* The state of a vCPU comes after its registers. */
int domctl_set_ext_context(struct hypercall *h, uint32_t domid,
			   const struct xen_domctl_ext_vcpucontext *extended)
{
	(void)h;
	insist(domid == DOMID && extended->vcpu < WORLD_VCPUS &&
	       world.has_context[extended->vcpu]);
	world.extended++;
	return may_fail();
}

int domctl_set_xstate(struct hypercall *h, uint32_t domid, uint32_t vcpu, const void *bytes,
		      uint64_t len)
{
	(void)h;
	insist(domid == DOMID && bytes && len && world.has_context[vcpu]);
	world.xsave++;
	return may_fail();
}

int domctl_set_msrs(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		    const struct xen_domctl_vcpu_msr *msrs, uint32_t count)
{
	(void)h;
	insist(domid == DOMID && msrs && count && world.has_context[vcpu]);
	world.msrs++;
	return may_fail();
}

int domctl_pin_tables(struct hypercall *h, uint32_t domid, const struct domctl_pin *pins,
		      uint32_t count)
{
	uint32_t i;

	(void)h;
	insist(domid == DOMID && count <= STREAM_PAGES_MAX);
	for (i = 0; i < count; i++) {
		insist(pins[i].level >= 1 && pins[i].level <= 4 &&
		       frame_bytes(pins[i].mfn) != NULL);
	}
	world.pinned += count;
	return may_fail();
}

int world_restore(const struct saved_source *source, uint32_t vcpus, struct failure *f)
{
	struct saved saved;
	const struct restorer_in in = {
		.saved = &saved, .max_vcpus = vcpus, .console_port = 12, .store_port = 11
	};
	int rc = saved_begin(&saved, source, f);

	rc = rc ? rc : restorer_restore(NULL, DOMID, &in, &world.out, f);
	saved_free(&saved);
	insist(!world.mapped);
	return rc;
}
