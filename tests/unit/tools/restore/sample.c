/* SPDX-License-Identifier: MIT */
/*
 * The file of a small guest: see sample.h.
 */
#include "sample.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <xen/arch-x86/xen.h>
#include <xen/domctl.h>
#include <xen/shared_info.h>
#include <xen/start_info.h>

#include "lib/xalloc.h"

static void add(struct sample *s, const void *bytes, size_t len)
{
	if (s->len + len > s->room) {
		s->room = 2 * s->room + len;
		s->bytes = xrealloc(s->bytes, s->room, 1);
	}
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

/* The header; the body follows. */
static void record(struct sample *s, uint32_t type, size_t length)
{
	const struct stream_record head = { type, (uint32_t)length };

	if (type < STREAM_TYPES) {
		s->at[type] = s->len;
	}
	add(s, &head, sizeof(head));
}

static void whole(struct sample *s, uint32_t type, const void *body, size_t length)
{
	static const char zero[STREAM_ALIGN];

	record(s, type, length);
	add(s, body, length);
	add(s, zero, -length % STREAM_ALIGN);
}

void sample_put32(struct sample *s, size_t at, uint32_t value)
{
	memcpy(s->bytes + at, &value, sizeof(value));
}

void sample_put64(struct sample *s, size_t at, uint64_t value)
{
	memcpy(s->bytes + at, &value, sizeof(value));
}

static void add_headers(struct sample *s, uint32_t version)
{
	struct stream_file file = { .order = STREAM_FILE_ORDER, .mandatory = STREAM_FILE_V2 };
	const struct stream_libxl libxl = { htobe64(STREAM_LIBXL_IDENT),
					    htobe32(STREAM_LIBXL_VERSION), 0 };
	const struct stream_image image = { STREAM_IMAGE_MARKER, htobe32(STREAM_IMAGE_ID),
					    htobe32(version), 0, 0, 0 };
	const struct stream_domain domain = { STREAM_DOMAIN_X86_PV, 12, 0, 4, 17 };
	const uint32_t config_len = sizeof(SAMPLE_CONFIG) - 1;

	memcpy(file.magic, STREAM_FILE_MAGIC, sizeof(file.magic));
	file.optional_len = sizeof(config_len) + config_len;
	add(s, &file, sizeof(file));
	add(s, &config_len, sizeof(config_len));
	add(s, SAMPLE_CONFIG, config_len);
	s->libxl = s->len;
	add(s, &libxl, sizeof(libxl));
	whole(s, STREAM_LIBXL_EMULATOR_STORE, "0123456789a", 11);
	s->context = s->len;
	record(s, STREAM_LIBXL_CONTEXT, 0);
	s->image = s->len;
	add(s, &image, sizeof(image));
	s->domain = s->len;
	add(s, &domain, sizeof(domain));
}

static void add_static(struct sample *s, uint32_t version)
{
	const struct xen_cpuid_leaf leaves[2] = { { .leaf = 1 }, { .leaf = 7 } };
	const struct xen_msr_entry msr = { .idx = 0x10a };
	const struct stream_pv_info info = { .width = 8, .levels = 4 };
	struct {
		struct stream_p2m_frames head;
		uint64_t pfn;
	} frames = { { 0, SAMPLE_PFNS - 1 }, SAMPLE_LIST };

	if (version >= STREAM_IMAGE_VERSION) {
		whole(s, STREAM_CPUID_POLICY, leaves, sizeof(leaves));
		whole(s, STREAM_MSR_POLICY, &msr, sizeof(msr));
		record(s, STREAM_STATIC_DATA_END, 0);
	}
	whole(s, STREAM_TYPES | STREAM_OPTIONAL, "later", 5);
	whole(s, STREAM_PV_INFO, &info, sizeof(info));
	whole(s, STREAM_PV_P2M_FRAMES, &frames, sizeof(frames));
}

static void fill_page(uint32_t pfn, uint64_t page[512])
{
	struct start_info *si = (struct start_info *)page;

	memset(page, 0, SAVED_PAGE_BYTES);
	switch (pfn) {
	case SAMPLE_START:
		si->store_mfn = SAMPLE_STORE;
		si->console.domU.mfn = SAMPLE_CONSOLE;
		si->flags = 0x55;
		break;
	case SAMPLE_L4:
	case SAMPLE_L3:
	case SAMPLE_L2:
		page[0] = (pfn + 1ull) << 12 | 7;
		break;
	case SAMPLE_L1:
		page[0] = (uint64_t)SAMPLE_DATA << 12 | 7 | 1ull << 63;
		page[1] = (uint64_t)SAMPLE_ALLOC << 12 | 7;
		page[2] = 0x123456789000; /* not present: a page that was swapped out */
		page[3] = (uint64_t)SAMPLE_NAMED << 12 | 5;
		page[511] = (uint64_t)SAMPLE_DATA << 12 | 5;
		break;
	case SAMPLE_DATA:
		memset(page, 0xda, SAVED_PAGE_BYTES);
		break;
	default:
		break;
	}
}

static const uint8_t types[SAMPLE_PFNS] = {
	[SAMPLE_L4] = STREAM_PAGE_L4 | STREAM_PAGE_PINNED,
	[SAMPLE_L3] = STREAM_PAGE_L3,
	[SAMPLE_L2] = STREAM_PAGE_L2,
	[SAMPLE_L1] = STREAM_PAGE_L1,
	[SAMPLE_ALLOC] = STREAM_PAGE_ALLOC,
	[SAMPLE_NONE] = STREAM_PAGE_NONE,
	[SAMPLE_NAMED] = STREAM_PAGE_BROKEN,
	[SAMPLE_USER] = STREAM_PAGE_L4 | STREAM_PAGE_PINNED,
};

static void add_pages(struct sample *s)
{
	const struct stream_pages head = { SAMPLE_PFNS, 0 };
	uint64_t word, page[512];
	uint32_t pfn, filled = 0;

	for (pfn = 0; pfn < SAMPLE_PFNS; pfn++) {
		filled += saved_type_filled(types[pfn]);
	}
	record(s, STREAM_PAGE_DATA, sizeof(head) + SAMPLE_PFNS * 8 + filled * SAVED_PAGE_BYTES);
	add(s, &head, sizeof(head));
	for (pfn = 0; pfn < SAMPLE_PFNS; pfn++) {
		word = pfn | (uint64_t)types[pfn] << STREAM_TYPE_SHIFT;
		add(s, &word, sizeof(word));
	}
	s->contents = s->len;
	for (pfn = 0; pfn < SAMPLE_PFNS; pfn++) {
		if (saved_type_filled(types[pfn])) {
			fill_page(pfn, page);
			add(s, page, sizeof(page));
		}
	}
}

size_t sample_page(const struct sample *s, uint32_t pfn)
{
	size_t at = s->contents;
	uint32_t i;

	for (i = 0; i < pfn; i++) {
		at += saved_type_filled(types[i]) ? SAVED_PAGE_BYTES : 0;
	}
	return at;
}

static void add_machine(struct sample *s)
{
	const struct stream_tsc_info tsc = { .mode = 0, .khz = 2000000, .elapsed_ns = 77 };
	struct {
		struct shared_info shared;
		uint8_t rest[SAVED_PAGE_BYTES - sizeof(struct shared_info)];
	} page = { 0 };

	page.shared.vcpu_info[0].evtchn_upcall_mask = 1;
	page.shared.vcpu_info[0].evtchn_pending_sel = 1;
	page.shared.vcpu_info[0].arch.cr2 = 0xc2;
	page.shared.vcpu_info[0].time.version = 98;
	page.shared.evtchn_pending[0] = 6;
	page.shared.wc_sec = 99;
	page.shared.arch.max_pfn = SAMPLE_PFNS;
	page.shared.arch.pfn_to_mfn_frame_list_list = 0x1234;
	page.shared.arch.p2m_cr3 = 0x5678000;
	whole(s, STREAM_TSC_INFO, &tsc, sizeof(tsc));
	whole(s, STREAM_SHARED_INFO, &page, sizeof(page));
}

static void add_vcpu(struct sample *s, uint32_t vcpu)
{
	struct {
		struct stream_vcpu head;
		struct vcpu_guest_context c;
	} basic = { { vcpu, 0 }, { .gdt_ents = 20 } };
	struct {
		struct stream_vcpu head;
		struct xen_domctl_ext_vcpucontext e;
	} extended = { { vcpu, 0 }, { .sysenter_callback_eip = 0xeee } };
	struct {
		struct stream_vcpu head;
		uint64_t words[8];
	} xsave = { { vcpu, 0 }, { 3, 3 } };
	struct {
		struct stream_vcpu head;
		struct xen_domctl_vcpu_msr m;
	} msrs = { { vcpu, 0 }, { .index = 0xc0000103, .value = vcpu } };

	basic.c.user_regs.rip = 0x1000 + vcpu;
	basic.c.user_regs.rdx = vcpu ? 0xbad : SAMPLE_START;
	basic.c.gdt_frames[0] = SAMPLE_GDT;
	basic.c.ctrlreg[3] = (uint64_t)SAMPLE_L4 << 12;
	basic.c.ctrlreg[1] = vcpu ? 0 : (uint64_t)SAMPLE_USER << 12 | 1;
	whole(s, STREAM_PV_VCPU_BASIC, &basic, sizeof(basic));
	whole(s, STREAM_PV_VCPU_EXTENDED, &extended, sizeof(extended));
	whole(s, STREAM_PV_VCPU_XSAVE, &xsave, sizeof(xsave));
	whole(s, STREAM_PV_VCPU_MSRS, &msrs, sizeof(msrs));
}

void sample_make(struct sample *s, uint32_t version)
{
	uint32_t i;

	memset(s, 0, sizeof(*s));
	add_headers(s, version);
	add_static(s, version);
	add_pages(s);
	add_machine(s);
	for (i = 0; i < SAMPLE_VCPUS; i++) {
		add_vcpu(s, i);
	}
	record(s, STREAM_END, 0);
	s->last = s->len;
	whole(s, STREAM_LIBXL_END + 0u, "", 0);
	s->at[STREAM_END] = s->last - sizeof(struct stream_record);
}

void sample_free(struct sample *s)
{
	free(s->bytes);
	memset(s, 0, sizeof(*s));
}

/* In small pieces, as a file on a slow line would come. */
static long source_read(void *arg, void *to, size_t len)
{
	struct sample *s = arg;
	size_t n = s->len - s->read;

	n = n < len ? n : len;
	n = n < 3000 ? n : 3000;
	memcpy(to, s->bytes + s->read, n);
	s->read += n;
	return (long)n;
}

struct saved_source sample_source(struct sample *s)
{
	s->read = 0;
	return (struct saved_source){ source_read, s };
}
