/* SPDX-License-Identifier: MIT */
/*
 * What a restored guest sees of its processors: the CPU policy, the time, registers. Part of the
 * restorer; see restorer_internal.h. The hypervisor judges the values; page numbers become frames
 * here.
 */
#include <errno.h>
#include <string.h>

#include "lib/domctl.h"
#include "lib/domctl_state.h"
#include "lib/restorer_internal.h"

#define GDT_PER_PAGE 512u
#define GDT_ENTRIES  8192u

int restorer_set_policy(struct restorer *r)
{
	uint32_t leaves = r->leaves.len / (uint32_t)sizeof(struct xen_cpuid_leaf);
	uint32_t msrs = r->msrs.len / (uint32_t)sizeof(struct xen_msr_entry);
	uint32_t bad_leaf, bad_msr;
	int rc;

	if (!leaves && !msrs) {
		return 0;
	}
	rc = domctl_set_policies(r->h, r->domid, leaves ? r->leaves.bytes : "", leaves,
				 msrs ? r->msrs.bytes : "", msrs, &bad_leaf, &bad_msr);
	return rc ? failure_set(r->f, rc,
				"the hypervisor refuses its CPU policy (leaf %#x, MSR %#x): %s; it "
				"was saved on a machine that has what this one has not: restore it "
				"there",
				bad_leaf, bad_msr, strerror(-rc))
		  : 0;
}

int restorer_set_tsc(struct restorer *r)
{
	const struct stream_tsc_info *t = r->tsc.bytes;
	struct xen_domctl_tsc_info info;
	int rc;

	if (!t) {
		return 0;
	}
	info = (struct xen_domctl_tsc_info){
		.tsc_mode = t->mode,
		.gtsc_khz = t->khz,
		.incarnation = t->incarnation,
		.elapsed_nsec = t->elapsed_ns,
	};
	rc = domctl_set_tsc_info(r->h, r->domid, &info);
	return rc ? failure_set(r->f, rc,
				"the hypervisor refuses its time (mode %u, %u kHz): %s; save the "
				"guest again",
				t->mode, t->khz, strerror(-rc))
		  : 0;
}

static int context_root(struct restorer *r, uint64_t *reg)
{
	uint64_t frame;
	int rc = restorer_frame(r, *reg >> 12, 4, "the root of its page tables", &frame);

	if (!rc) {
		*reg = xen_pfn_to_cr3(frame);
	}
	return rc;
}

static int context_frames(struct restorer *r, struct vcpu_guest_context *c)
{
	uint64_t pages, i;
	int rc;

	if (c->gdt_ents > GDT_ENTRIES) {
		return failure_set(r->f, -EINVAL,
				   "the file is damaged: a descriptor table of %llu entries; save "
				   "the guest again",
				   (unsigned long long)c->gdt_ents);
	}
	rc = context_root(r, &c->ctrlreg[3]);
	if (!rc && c->ctrlreg[1]) {
		rc = context_root(r, &c->ctrlreg[1]);
	}
	pages = (c->gdt_ents + GDT_PER_PAGE - 1) / GDT_PER_PAGE;
	for (i = 0; !rc && i < pages; i++) {
		rc = restorer_frame(r, c->gdt_frames[i], 0, "part of a descriptor table",
				    &c->gdt_frames[i]);
	}
	return rc;
}

static int set_extended(struct restorer *r, uint32_t vcpu, const struct restorer_bytes *b)
{
	struct xen_domctl_ext_vcpucontext extended;

	memset(&extended, 0, sizeof(extended));
	memcpy(&extended, b->bytes, b->len < sizeof(extended) ? b->len : sizeof(extended));
	extended.vcpu = vcpu;
	return domctl_set_ext_context(r->h, r->domid, &extended);
}

static int set_vcpu(struct restorer *r, uint32_t vcpu)
{
	struct restorer_vcpu *v = &r->vcpus[vcpu];
	const char *what = "registers";
	int rc = context_frames(r, v->context);

	if (rc) {
		return rc;
	}
	rc = domctl_set_context(r->h, r->domid, vcpu, v->context);
	if (!rc && v->extended.len) {
		what = "callbacks";
		rc = set_extended(r, vcpu, &v->extended);
	}
	if (!rc && v->xsave.len) {
		what = "vector registers";
		rc = domctl_set_xstate(r->h, r->domid, vcpu, v->xsave.bytes, v->xsave.len);
	}
	if (!rc && v->msrs.len) {
		what = "MSRs";
		rc = domctl_set_msrs(r->h, r->domid, vcpu, v->msrs.bytes,
				     v->msrs.len / (uint32_t)sizeof(struct xen_domctl_vcpu_msr));
	}
	return rc ? failure_set(r->f, rc,
				"the hypervisor refuses the %s of vCPU %u: %s; the file is "
				"damaged, or was saved on a machine that has what this one has not",
				what, vcpu, strerror(-rc))
		  : 0;
}

/* Those without a context were off when the guest was saved. */
int restorer_set_vcpus(struct restorer *r)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < r->in->max_vcpus; i++) {
		rc = r->vcpus[i].context ? set_vcpu(r, i) : 0;
	}
	return rc;
}
