/* SPDX-License-Identifier: MIT */
/*
 * Writing a suspended guest's vCPUs: see save_vcpu.h. No state of its own.
 */
#include "domain/save_vcpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "domain/canonical.h"
#include "domain/frames.h"
#include "lib/domctl.h"
#include "lib/domctl_state.h"
#include "lib/stream.h"
#include "lib/stream_write.h"

static void vcpu_record(struct stream_writer *w, uint32_t type, uint32_t vcpu, const void *bytes,
			size_t len)
{
	struct stream_vcpu head = { .vcpu = vcpu };

	if (len) {
		stream_write_record(
			w, type,
			(const struct stream_part[]){ { &head, sizeof(head) }, { bytes, len } }, 2);
	}
}

static int vcpu_registers(struct hypercall *h, uint32_t domid, uint32_t vcpu,
			  const struct frames *frames, struct stream_writer *w, struct failure *f)
{
	struct xen_domctl_ext_vcpucontext more;
	struct vcpu_guest_context c;
	uint64_t bad;
	int rc = domctl_get_context(h, domid, vcpu, &c);

	if (!rc && !canonical_vcpu(frames, vcpu, &c, &bad)) {
		return failure_set(f, -EXDEV,
				   "vcpu %u uses memory that is not the guest's (frame %#llx); the "
				   "guest cannot be saved",
				   vcpu, (unsigned long long)bad);
	}
	rc = rc ? rc : domctl_get_ext_context(h, domid, vcpu, &more);
	if (!rc) {
		vcpu_record(w, STREAM_PV_VCPU_BASIC, vcpu, &c, sizeof(c));
		vcpu_record(w, STREAM_PV_VCPU_EXTENDED, vcpu, &more, sizeof(more));
	}
	return rc;
}

int save_vcpu(struct hypercall *h, uint32_t domid, uint32_t vcpu, const struct frames *frames,
	      struct stream_writer *w, struct failure *f)
{
	struct xen_domctl_vcpu_msr *msrs = NULL;
	uint32_t msr_count = 0;
	uint64_t state_len = 0;
	void *state = NULL;
	int rc = vcpu_registers(h, domid, vcpu, frames, w, f);

	/* Never started, or no such number: there are holes. But a guest has the first. */
	if (vcpu && (rc == -ENODATA || rc == -ESRCH)) {
		return 0;
	}
	rc = rc ? rc : domctl_get_xstate(h, domid, vcpu, &state, &state_len);
	rc = rc ? rc : domctl_get_msrs(h, domid, vcpu, &msrs, &msr_count);
	if (!rc) {
		vcpu_record(w, STREAM_PV_VCPU_XSAVE, vcpu, state, state_len);
		vcpu_record(w, STREAM_PV_VCPU_MSRS, vcpu, msrs, msr_count * sizeof(*msrs));
	}
	free(state);
	free(msrs);
	return rc ? failure_set(f, rc, "cannot read the state of vcpu %u: %s", vcpu, strerror(-rc))
		  : 0;
}
