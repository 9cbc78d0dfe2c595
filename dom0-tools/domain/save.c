/* SPDX-License-Identifier: MIT */
/*
 * Writing a suspended guest: see save.h. What the guest says about its memory is believed as far as
 * the hypervisor confirms it: frames that are not its own, or that it names twice, are left out,
 * so that no file is larger than its guest. No state of its own.
 */
#include "domain/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenforeignmemory.h>

#include <xen/shared_info.h>

#include "domain/canonical.h"
#include "domain/frames.h"
#include "domain/p2m.h"
#include "domain/save_vcpu.h"
#include "lib/domctl.h"
#include "lib/domctl_state.h"
#include "lib/stream.h"
#include "lib/stream_write.h"
#include "lib/sysctl.h"
#include "lib/xalloc.h"

#define PAGE_BYTES 4096ul
#define TYPE_SHIFT XEN_DOMCTL_PFINFO_LTAB_SHIFT

_Static_assert(STREAM_PAGES_MAX <= DOMCTL_TYPES_MAX, "types of a batch are asked for in one call");

struct save {
	struct toolstack *t;
	struct failure *f;
	bool (*stopped)(void);
	struct stream_writer w;
	uint32_t domid, vcpus;
	xenforeignmemory_handle *foreign;
	struct shared_info *shared;
	struct p2m p2m;
	uint8_t *types; /* of each page of the p2m: STREAM_PAGE_* */
	struct frames frames;
};

/* One batch that is being put together. */
struct batch {
	uint32_t count;
	xen_pfn_t mfns[STREAM_PAGES_MAX];
	uint64_t words[STREAM_PAGES_MAX];
	int errors[STREAM_PAGES_MAX];
};

static void *save_map(struct save *s, const xen_pfn_t *frames, int *errors, uint32_t count)
{
	void *window = xenforeignmemory_map(s->foreign, s->domid, PROT_READ, count, frames, errors);
	uint32_t i;

	for (i = 0; window && i < count; i++) {
		if (errors[i]) {
			xenforeignmemory_unmap(s->foreign, window, count);
			window = NULL;
		}
	}
	return window;
}

static int save_open(struct save *s)
{
	struct xen_domctl_getdomaininfo info;
	struct p2m_source from;
	int error, rc = domctl_info(s->t->h, s->domid, &info);
	xen_pfn_t frame;

	if (rc) {
		return failure_set(s->f, rc, "there is no domain %u", s->domid);
	}
	s->vcpus = info.max_vcpu_id + 1;
	s->foreign = xenforeignmemory_open(NULL, 0);
	frame = info.shared_info_frame;
	s->shared = s->foreign ? save_map(s, &frame, &error, 1) : NULL;
	if (!s->shared) {
		return failure_set(s->f, -EFAULT, "cannot map memory of domain %u", s->domid);
	}
	from = (struct p2m_source){ s->foreign, s->domid, s->shared, info.tot_pages, s->stopped };
	return p2m_read(&s->p2m, &from, s->f);
}

static void save_close(struct save *s)
{
	if (s->shared) {
		xenforeignmemory_unmap(s->foreign, s->shared, 1);
	}
	if (s->foreign) {
		xenforeignmemory_close(s->foreign);
	}
	free(s->types);
	frames_free(&s->frames);
	p2m_free(&s->p2m);
}

/* What each page is, says the hypervisor; and which are the guest's at all. */
static int save_types(struct save *s)
{
	uint64_t types[STREAM_PAGES_MAX], i, j, n;
	int rc;

	s->types = xcalloc(s->p2m.count, sizeof(*s->types));
	for (i = 0; i < s->p2m.count; i += n) {
		n = s->p2m.count - i < STREAM_PAGES_MAX ? s->p2m.count - i : STREAM_PAGES_MAX;
		for (j = 0; j < n; j++) {
			types[j] = s->p2m.pages[i + j].mfn;
		}
		rc = domctl_page_types(s->t->h, s->domid, types, (uint32_t)n);
		if (rc) {
			return failure_set(s->f, rc, "cannot ask about memory of domain %u: %s",
					   s->domid, strerror(-rc));
		}
		for (j = 0; j < n; j++) {
			const struct p2m_page *p = &s->p2m.pages[i + j];
			uint8_t type = types[j] >> TYPE_SHIFT & 0xf;

			s->types[i + j] = type >= STREAM_PAGE_BROKEN ||
							  !frames_add(&s->frames, p->mfn, p->pfn)
						  ? STREAM_PAGE_NONE
						  : type;
		}
	}
	return 0;
}

/* What does not change while a guest runs. */
static int save_static(struct save *s)
{
	static const struct stream_pv_info info = { .width = 8, .levels = 4 };
	struct xen_cpuid_leaf *leaves;
	struct xen_msr_entry *msrs;
	uint32_t leaf_count, msr_count;
	int rc = domctl_get_policies(s->t->h, s->domid, &leaves, &leaf_count, &msrs, &msr_count);

	if (rc) {
		return failure_set(s->f, rc, "cannot read the CPU policy of domain %u: %s",
				   s->domid, strerror(-rc));
	}
	stream_write_record(&s->w, STREAM_PV_INFO, &(struct stream_part){ &info, sizeof(info) }, 1);
	stream_write_record(&s->w, STREAM_CPUID_POLICY,
			    &(struct stream_part){ leaves, leaf_count * sizeof(*leaves) }, 1);
	if (msr_count) {
		stream_write_record(&s->w, STREAM_MSR_POLICY,
				    &(struct stream_part){ msrs, msr_count * sizeof(*msrs) }, 1);
	}
	stream_write_record(&s->w, STREAM_STATIC_DATA_END, NULL, 0);
	free(leaves);
	free(msrs);
	return 0;
}

static int save_p2m_frames(struct save *s)
{
	struct stream_p2m_frames head = { 0, (uint32_t)(s->p2m.max_pfn - 1) };
	uint64_t *pfns = xcalloc(s->p2m.leaf_count, sizeof(*pfns)), i;
	int rc = 0;

	for (i = 0; !rc && i < s->p2m.leaf_count; i++) {
		if (!frames_find(&s->frames, s->p2m.leaves[i], &pfns[i])) {
			rc = failure_set(s->f, -ENODATA,
					 "the guest's list of its memory has a hole at page %llu",
					 i * 512ull);
		}
	}
	if (!rc) {
		const struct stream_part parts[] = {
			{ &head, sizeof(head) },
			{ pfns, s->p2m.leaf_count * sizeof(*pfns) },
		};

		stream_write_record(&s->w, STREAM_PV_P2M_FRAMES, parts, 2);
	}
	free(pfns);
	return rc;
}

static int save_page(struct save *s, const void *page, unsigned int type)
{
	uint64_t table[CANONICAL_ENTRIES], bad;
	unsigned int level = type & ~STREAM_PAGE_PINNED;

	if (level == STREAM_PAGE_PLAIN) {
		stream_write_put(&s->w, page, PAGE_BYTES);
	} else if (canonical_table(&s->frames, level, page, table, &bad)) {
		stream_write_put(&s->w, table, sizeof(table));
	} else {
		return failure_set(s->f, -EXDEV,
				   "the guest uses memory that is not its own (frame %#llx), and "
				   "so cannot be saved: take from it what it has of others",
				   (unsigned long long)bad);
	}
	return 0;
}

static int save_batch(struct save *s, struct batch *b)
{
	struct stream_pages head = { .count = b->count };
	uint32_t i, length = (uint32_t)(sizeof(head) + b->count * (8 + PAGE_BYTES));
	char *window;
	int rc = 0;

	if (s->stopped()) {
		return -EINTR;
	}
	window = b->count ? save_map(s, b->mfns, b->errors, b->count) : NULL;
	if (!window) {
		return b->count ? failure_set(s->f, -EFAULT, "cannot read memory of domain %u",
					      s->domid)
				: 0;
	}
	stream_write_begin(&s->w, STREAM_PAGE_DATA, length);
	stream_write_put(&s->w, &head, sizeof(head));
	stream_write_put(&s->w, b->words, b->count * sizeof(*b->words));
	for (i = 0; !rc && !s->w.error && i < b->count; i++) {
		rc = save_page(s, window + i * PAGE_BYTES,
			       (unsigned int)(b->words[i] >> STREAM_TYPE_SHIFT));
	}
	stream_write_end(&s->w, length);
	xenforeignmemory_unmap(s->foreign, window, b->count);
	b->count = 0;
	return rc;
}

static int save_pages(struct save *s)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	uint64_t i;
	int rc = 0;

	for (i = 0; !rc && !s->w.error && i < s->p2m.count; i++) {
		if (s->types[i] == STREAM_PAGE_NONE) {
			continue;
		}
		b->mfns[b->count] = s->p2m.pages[i].mfn;
		b->words[b->count++] =
			(uint64_t)s->types[i] << STREAM_TYPE_SHIFT | s->p2m.pages[i].pfn;
		if (b->count == STREAM_PAGES_MAX) {
			rc = save_batch(s, b);
		}
	}
	rc = rc || s->w.error ? rc : save_batch(s, b);
	free(b);
	return rc;
}

static int save_clock(struct save *s)
{
	struct xen_domctl_tsc_info tsc;
	struct stream_tsc_info out = { 0 };
	int rc = domctl_get_tsc_info(s->t->h, s->domid, &tsc);

	if (rc) {
		return failure_set(s->f, rc, "cannot read the clock of domain %u: %s", s->domid,
				   strerror(-rc));
	}
	out.mode = tsc.tsc_mode;
	out.khz = tsc.gtsc_khz;
	out.elapsed_ns = tsc.elapsed_nsec;
	out.incarnation = tsc.incarnation;
	stream_write_record(&s->w, STREAM_TSC_INFO, &(struct stream_part){ &out, sizeof(out) }, 1);
	return 0;
}

static int save_all(struct save *s, const char *config)
{
	struct hypervisor_version v;
	uint32_t i;
	int rc = sysctl_version(s->t->h, &v);

	if (rc) {
		return failure_set(s->f, rc, "cannot ask the hypervisor for its version: %s",
				   strerror(-rc));
	}
	stream_write_file(&s->w, config);
	stream_write_libxl(&s->w);
	stream_write_image(&s->w, (uint32_t)v.major, (uint32_t)v.minor);
	if ((rc = save_static(s)) || (rc = save_p2m_frames(s)) || (rc = save_pages(s)) ||
	    (rc = save_clock(s))) {
		return rc;
	}
	stream_write_record(&s->w, STREAM_SHARED_INFO,
			    &(struct stream_part){ s->shared, PAGE_BYTES }, 1);
	for (i = 0; !rc && i < s->vcpus; i++) {
		rc = save_vcpu(s->t->h, s->domid, i, &s->frames, &s->w, s->f);
	}
	stream_write_record(&s->w, STREAM_END, NULL, 0);
	stream_write_record(&s->w, STREAM_LIBXL_END, NULL, 0);
	return rc;
}

int domain_save(struct toolstack *t, uint32_t domid, const char *config, FILE *out,
		bool (*stopped)(void), struct failure *f)
{
	struct save s = {
		.t = t,
		.f = f,
		.stopped = stopped,
		.w = { .out = out },
		.domid = domid,
	};
	int rc = save_open(&s);

	if (!rc && !(rc = save_types(&s))) {
		rc = save_all(&s, config);
	}
	/* Whatever failed by that: a signal also cuts short what is being written to a pipe. */
	if (stopped()) {
		memset(f, 0, sizeof(*f));
		rc = failure_set(f, -EINTR, "interrupted");
	} else if (s.w.error) {
		rc = failure_set(f, s.w.error,
				 "cannot write the file: %s; choose a place with room for the "
				 "guest's memory",
				 strerror(-s.w.error));
	}
	save_close(&s);
	return rc;
}
