/* SPDX-License-Identifier: MIT */
/*
 * The shapes of records' bodies: which lengths are possible, and where the pages are in a record of
 * pages. See saved.h. Constant.
 */
#include <errno.h>

#include <xen/arch-x86/xen.h>
#include <xen/domctl.h>

#include "lib/saved.h"

#define VCPU sizeof(struct stream_vcpu)
#define MSRS_MAX   256u
#define LEAVES_MAX 1024u
#define XSAVE_MAX  65536u

/* Lengths from least to most, in steps of `step` bytes. most 0 with least 0: no body. */
struct shape {
	uint32_t least, most, step;
	const char *refused; /* records of this type are; why */
};

static const struct shape shapes[STREAM_TYPES] = {
	[STREAM_END] = { 0, 0, 1, NULL },
	[STREAM_PAGE_DATA] = { sizeof(struct stream_pages) + 8, SAVED_BODY_MAX, 8, NULL },
	[STREAM_PV_INFO] = { sizeof(struct stream_pv_info), sizeof(struct stream_pv_info), 1,
			     NULL },
	[STREAM_PV_P2M_FRAMES] = { sizeof(struct stream_p2m_frames) + 8,
				   sizeof(struct stream_p2m_frames) +
					   SAVED_PFNS_MAX / STREAM_P2M_PER_FRAME * 8,
				   8, NULL },
	[STREAM_PV_VCPU_BASIC] = { VCPU + sizeof(struct vcpu_guest_context),
				   VCPU + sizeof(struct vcpu_guest_context), 1, NULL },
	[STREAM_PV_VCPU_EXTENDED] = { VCPU, VCPU + 128, 1, NULL },
	[STREAM_PV_VCPU_XSAVE] = { VCPU, VCPU + XSAVE_MAX, 1, NULL },
	[STREAM_PV_VCPU_MSRS] = { VCPU, VCPU + MSRS_MAX * sizeof(struct xen_domctl_vcpu_msr),
				  sizeof(struct xen_domctl_vcpu_msr), NULL },
	[STREAM_SHARED_INFO] = { SAVED_PAGE_BYTES, SAVED_PAGE_BYTES, 1, NULL },
	[STREAM_TSC_INFO] = { sizeof(struct stream_tsc_info), sizeof(struct stream_tsc_info), 1,
			      NULL },
	[STREAM_STATIC_DATA_END] = { 0, 0, 1, NULL },
	[STREAM_CPUID_POLICY] = { 0, LEAVES_MAX * sizeof(struct xen_cpuid_leaf),
				  sizeof(struct xen_cpuid_leaf), NULL },
	[STREAM_MSR_POLICY] = { 0, MSRS_MAX * sizeof(struct xen_msr_entry),
				sizeof(struct xen_msr_entry), NULL },
	[STREAM_HVM_CONTEXT] = { .refused = "it is of an HVM guest; only PV guests can run here" },
	[STREAM_HVM_PARAMS] = { .refused = "it is of an HVM guest; only PV guests can run here" },
	[STREAM_TOOLSTACK] = { .refused = "it is of an HVM guest; only PV guests can run here" },
	[STREAM_VERIFY] = { .refused = "it was written to test the saving; save the guest again" },
	[STREAM_CHECKPOINT] = { .refused = "it is a series of checkpoints; only files of `save` "
					   "can be restored" },
	[STREAM_CHECKPOINT_DIRTY] = { .refused = "it is a series of checkpoints; only files of "
						 "`save` can be restored" },
};

int saved_check_length(uint32_t type, uint32_t length, struct failure *f)
{
	const struct shape *s;

	if (type >= STREAM_TYPES) {
		if (!(type & STREAM_OPTIONAL)) {
			return failure_set(f, -EOPNOTSUPP,
					   "it has a record of the unknown type %#x; it was saved "
					   "by a later version, or is damaged: save the guest with "
					   "Xen 4.6 to 4.17",
					   type);
		}
		return length <= SAVED_BODY_MAX
			       ? 0
			       : failure_set(f, -EINVAL,
					     "the file is damaged: record %#x has %u bytes; save "
					     "the guest again",
					     type, length);
	}
	s = &shapes[type];
	if (s->refused) {
		return failure_set(f, -EOPNOTSUPP, "the file has a record of type %#x: %s", type,
				   s->refused);
	}
	if (length < s->least || length > s->most || (length - s->least) % s->step) {
		return failure_set(f, -EINVAL,
				   "the file is damaged: a record of type %#x has %u bytes; save "
				   "the guest again",
				   type, length);
	}
	return 0;
}

static bool type_known(unsigned int type)
{
	return saved_type_there(type) || type == STREAM_PAGE_BROKEN || type == STREAM_PAGE_NONE;
}

int saved_pages(const struct saved_record *r, struct saved_pages *p, struct failure *f)
{
	const struct stream_pages *head = r->body;
	uint64_t words = r->length - sizeof(*head), need;
	uint32_t i;

	p->count = head->count;
	p->filled = 0;
	p->words = (const uint64_t *)(head + 1);
	if (!p->count || p->count > STREAM_PAGES_MAX || p->count * 8ull > words) {
		return failure_set(f, -EINVAL,
				   "the file is damaged: %u pages in %u bytes; save the guest "
				   "again",
				   p->count, r->length);
	}
	for (i = 0; i < p->count; i++) {
		unsigned int type = saved_word_type(p->words[i]);

		if (!type_known(type) || p->words[i] << 4 >> 56) {
			return failure_set(f, -EINVAL,
					   "the file is damaged: there are no pages of type %#x; "
					   "save the guest again",
					   (unsigned int)(p->words[i] >> 52));
		}
		p->filled += saved_type_filled(type);
	}
	p->contents = (const uint8_t *)(p->words + p->count);
	need = p->count * 8ull + (uint64_t)p->filled * SAVED_PAGE_BYTES;
	return need == words
		       ? 0
		       : failure_set(f, -EINVAL,
				     "the file is damaged: %u pages need %llu bytes and have %llu; "
				     "save the guest again",
				     p->filled, (unsigned long long)need,
				     (unsigned long long)words);
}
