/* SPDX-License-Identifier: MIT */
/*
 * The layout of a saved guest's file, for who writes it and who reads it: xl's own header, in it
 * a stream of libxl, and in that a stream of libxc for an x86 PV guest. Shapes and constants only.
 *
 * Where it is described: Xen 4.17, docs/specs/libxl-migration-stream.pandoc and
 * libxc-migration-stream.pandoc; xl's header is described nowhere but in files of `xl save`.
 *
 *   stream_file                  xl's header; then optional_len bytes:
 *       u32 config_len           and the configuration, config_len bytes: xl.cfg text, or JSON of
 *                                libxl_domain_config when STREAM_FILE_JSON is set, which xl ends
 *                                with a NUL that is counted; text has none
 *   stream_libxl                 big endian
 *   STREAM_LIBXL_CONTEXT         a stream_record without a body; the whole libxc stream follows:
 *       stream_image             big endian
 *       stream_domain
 *       STREAM_PV_INFO
 *       STREAM_CPUID_POLICY, STREAM_MSR_POLICY, STREAM_STATIC_DATA_END       (version 3 only)
 *       STREAM_PV_P2M_FRAMES
 *       STREAM_PAGE_DATA...      as often as it takes
 *       STREAM_TSC_INFO, STREAM_SHARED_INFO
 *       STREAM_PV_VCPU_BASIC, _EXTENDED, _XSAVE, _MSRS       for each vCPU that is initialised
 *       STREAM_END
 *   STREAM_LIBXL_END
 *
 * Everything is little endian but for the two headers named above. Both streams consist of records:
 * a stream_record, `length` bytes of body, and zeros up to the next multiple of STREAM_ALIGN. That
 * multiple is counted from the record's own beginning: the configuration has no padding, so records
 * lie anywhere in the file. The order within a group may differ in files of others.
 */
#ifndef LIB_STREAM_H
#define LIB_STREAM_H

#include <stdint.h>

/* ---- the file of xl ---- */

#define STREAM_FILE_MAGIC     "Xen saved domain, xl format\n \0 \r" /* without the last NUL */
#define STREAM_FILE_MAGIC_LEN 32
#define STREAM_FILE_ORDER     0x01020304u /* as a native word */

/* In mandatory: who does not know one of the bits must refuse the file. */
#define STREAM_FILE_JSON      (1u << 0) /* the configuration is JSON */
#define STREAM_FILE_V2        (1u << 1) /* a libxl stream follows; without it, something older */
#define STREAM_FILE_MANDATORY (STREAM_FILE_JSON | STREAM_FILE_V2)

struct stream_file {
	char magic[STREAM_FILE_MAGIC_LEN];
	uint32_t order;
	uint32_t mandatory;
	uint32_t optional; /* none is known */
	uint32_t optional_len;
};

/* ---- records, in both streams ---- */

#define STREAM_ALIGN    8u
#define STREAM_OPTIONAL 0x80000000u /* in a type: who does not know it may leave it out */

struct stream_record {
	uint32_t type;
	uint32_t length; /* of the body, without this header and the padding */
};

/* ---- libxl's stream ---- */

#define STREAM_LIBXL_IDENT      0x4c6962786c466d74ull /* "LibxlFmt" */
#define STREAM_LIBXL_VERSION    2u
#define STREAM_LIBXL_BIG_ENDIAN (1u << 0) /* in options */
#define STREAM_LIBXL_LEGACY     (1u << 1) /* was converted from an older format */

struct stream_libxl {
	uint64_t ident; /* big endian, all three */
	uint32_t version;
	uint32_t options;
};

enum stream_libxl_type {
	STREAM_LIBXL_END = 0,
	STREAM_LIBXL_CONTEXT = 1,
	STREAM_LIBXL_EMULATOR_STORE = 2,
	STREAM_LIBXL_EMULATOR_CONTEXT = 3,
	STREAM_LIBXL_CHECKPOINT_END = 4,
	STREAM_LIBXL_CHECKPOINT_STATE = 5,
};

/* Body of STREAM_LIBXL_EMULATOR_*: then, for _STORE, pairs of strings. A PV guest may have one,
 * of id QEMU_XEN or unknown, when a device model serves its disks. */
struct stream_emulator {
	uint32_t id;
	uint32_t index;
};

/* ---- libxc's stream ---- */

#define STREAM_IMAGE_MARKER     0xffffffffffffffffull
#define STREAM_IMAGE_ID         0x58454e46u /* "XENF" */
#define STREAM_IMAGE_VERSION    3u
#define STREAM_IMAGE_VERSION_2  2u /* Xen 4.6 to 4.13: no policies, no STREAM_STATIC_DATA_END */
#define STREAM_IMAGE_BIG_ENDIAN (1u << 0) /* in options */

struct stream_image {
	uint64_t marker; /* big endian, all of them */
	uint32_t id;
	uint32_t version;
	uint16_t options;
	uint16_t reserved16;
	uint32_t reserved32;
};

#define STREAM_DOMAIN_X86_PV  1u
#define STREAM_DOMAIN_X86_HVM 2u

struct stream_domain {
	uint32_t type;       /* STREAM_DOMAIN_* */
	uint16_t page_shift; /* 12 */
	uint16_t reserved;
	uint32_t major, minor; /* of the hypervisor that it was saved on */
};

enum stream_type {
	STREAM_END = 0x00,
	STREAM_PAGE_DATA = 0x01,
	STREAM_PV_INFO = 0x02,
	STREAM_PV_P2M_FRAMES = 0x03,
	STREAM_PV_VCPU_BASIC = 0x04,
	STREAM_PV_VCPU_EXTENDED = 0x05,
	STREAM_PV_VCPU_XSAVE = 0x06,
	STREAM_SHARED_INFO = 0x07,
	STREAM_TSC_INFO = 0x08,
	STREAM_HVM_CONTEXT = 0x09,
	STREAM_HVM_PARAMS = 0x0a,
	STREAM_TOOLSTACK = 0x0b,
	STREAM_PV_VCPU_MSRS = 0x0c,
	STREAM_VERIFY = 0x0d,
	STREAM_CHECKPOINT = 0x0e,
	STREAM_CHECKPOINT_DIRTY = 0x0f,
	STREAM_STATIC_DATA_END = 0x10,
	STREAM_CPUID_POLICY = 0x11, /* body: struct xen_cpuid_leaf each */
	STREAM_MSR_POLICY = 0x12,   /* body: struct xen_msr_entry each */
	STREAM_TYPES
};

/*
 * Body of STREAM_PAGE_DATA: this; `count` words, each a pfn with its type on top; then 4096 bytes
 * for each word whose type has contents, in their order. The same pfn may come again: the last one
 * holds. In page tables (types L1 to L4, pinned or not) present entries have pfns instead of mfns;
 * entries 256 to 271 of an L4, the hypervisor's, are 0. A guest with an entry whose frame has no
 * pfn is not saved. Files of ours leave out pfns without contents, which xl's list.
 */
struct stream_pages {
	uint32_t count; /* at least 1; the writers stay at or below STREAM_PAGES_MAX */
	uint32_t reserved;
};

#define STREAM_PAGES_MAX  1024u
#define STREAM_PFN_MASK   0x000fffffffffffffull
#define STREAM_TYPE_SHIFT 60 /* bits 52 to 59 are reserved */

enum stream_page_type { /* the top four bits that getpageframeinfo3 has in its bits 28 to 31 */
			STREAM_PAGE_PLAIN = 0x0,
			STREAM_PAGE_L1 = 0x1,
			STREAM_PAGE_L2 = 0x2,
			STREAM_PAGE_L3 = 0x3,
			STREAM_PAGE_L4 = 0x4,
			STREAM_PAGE_PINNED = 0x8, /* or-ed to the four above */
			STREAM_PAGE_BROKEN = 0xd, /* no contents, and the pfn is to stay empty */
			STREAM_PAGE_ALLOC = 0xe,  /* no contents, but a page to be allocated */
			STREAM_PAGE_NONE = 0xf,   /* no contents: the guest has no page there */
};

struct stream_pv_info {
	uint8_t width;  /* of the guest's words in bytes: 8 */
	uint8_t levels; /* of its page tables: 4 */
	uint8_t reserved[6];
};

/*
 * Body of STREAM_PV_P2M_FRAMES: this, then the pfns (u64) of the pages of the guest's own p2m list
 * (each holds 512 mfns) that hold the entries for `first` to `last`: last / 512 - first / 512 + 1.
 * The list's contents come as plain pages like any others; the reader rewrites them.
 */
struct stream_p2m_frames {
	uint32_t first; /* 0 in all files known */
	uint32_t last;  /* the highest pfn, inclusive */
};

#define STREAM_P2M_PER_FRAME 512u

/*
 * Body of STREAM_PV_VCPU_*: this, then
 *   _BASIC     struct vcpu_guest_context with pfns for mfns: in gdt_frames[] of the gdt_ents there
 *              are (512 each); in ctrlreg[3] as pfn << 12; in ctrlreg[1], unless it is 0 (no user
 *              tables), as pfn << 12 | 1; in rdx of vCPU 0, that of the start info page
 *   _EXTENDED  struct xen_domctl_ext_vcpucontext as get_ext_vcpucontext gives it (64 bytes)
 *   _XSAVE     what getvcpuextstate gives: u64 xcr0, u64 xcr0_accum, the xsave area; left out
 *              where there is none
 *   _MSRS      struct xen_domctl_vcpu_msr each; left out when there are none
 */
struct stream_vcpu {
	uint32_t vcpu;
	uint32_t reserved;
};

/* As domctl gettscinfo gives it. */
struct stream_tsc_info {
	uint32_t mode;
	uint32_t khz;
	uint64_t elapsed_ns;
	uint32_t incarnation;
	uint32_t reserved;
};

/* STREAM_SHARED_INFO: the page, 4096 bytes. STREAM_STATIC_DATA_END, STREAM_END: no body. */

#endif
