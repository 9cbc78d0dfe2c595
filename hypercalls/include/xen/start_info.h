/* SPDX-License-Identifier: MIT */
/*
 * What a PV kernel is told when it starts: RSI holds the virtual address of a page with a
 * struct start_info. For the first domain a struct dom0_vga_console_info may follow in that page.
 */
#ifndef XEN_START_INFO_H
#define XEN_START_INFO_H

#include <xen/types.h>

/* start_info.flags */
#define SIF_PRIVILEGED		(1 << 0)	/* may make privileged hypercalls */
#define SIF_INITDOMAIN		(1 << 1)	/* this is dom0 */
#define SIF_MULTIBOOT_MOD	(1 << 2)	/* mod_start points at a xen_multiboot_mod_list */
#define SIF_MOD_START_PFN	(1 << 3)	/* mod_start is a pfn; the module is not mapped */
#define SIF_VIRT_P2M_4TOOLS	(1 << 4)	/* tools understand the linear p2m alone */
#define SIF_PM_MASK		(0xFF << 8)	/* XEN_PROCESSOR_PM_* left to dom0, shifted by 8 */

#define MAX_GUEST_CMDLINE	1024	/* bytes, with the terminating zero */

/* dom0_vga_console_info.video_type */
#define XEN_VGATYPE_TEXT_MODE_3	0x03
#define XEN_VGATYPE_VESA_LFB	0x23
#define XEN_VGATYPE_EFI_LFB	0x70

#ifndef __ASSEMBLER__

/*
 * 1168 bytes. "VA" is a virtual address in the initial mapping.
 *
 * magic         "xen-3.0-x86_64", with a "p" appended for a kernel that has the PAE note
 * nr_pages      pages the domain owns at start
 * shared_info   machine address of the shared page (not a frame number)
 * flags         SIF_*
 * store_mfn, store_evtchn      xenstore ring page and local port; both 0 for dom0
 * console.domU  ring page and local port of the console
 * console.dom0  byte offset in this page, and size, of the VGA description; 0, 0: none
 * pt_base, nr_pt_frames        VA of the L4 table; frames of all initial tables, which start there
 * mfn_list      VA of the p2m: nr_pages entries of 8 bytes
 * mod_start, mod_len           module (initrd): VA, or pfn with SIF_MOD_START_PFN; length in bytes
 * cmd_line      zero-terminated
 * first_p2m_pfn, nr_p2m_frames frames holding the p2m and its page tables, when the kernel asked
 *               for it at an address of its own (XEN_ELFNOTE_INIT_P2M)
 */
struct start_info {
	char magic[32];
	uint64_t nr_pages;
	uint64_t shared_info;
	uint32_t flags;
	xen_pfn_t store_mfn;
	uint32_t store_evtchn;
	union {
		struct {
			xen_pfn_t mfn;
			uint32_t evtchn;
		} domU;
		struct {
			uint32_t info_off;
			uint32_t info_size;
		} dom0;
	} console;
	uint64_t pt_base;
	uint64_t nr_pt_frames;
	uint64_t mfn_list;
	uint64_t mod_start;
	uint64_t mod_len;
	int8_t cmd_line[MAX_GUEST_CMDLINE];
	uint64_t first_p2m_pfn;
	uint64_t nr_p2m_frames;
};

/* One module in the list SIF_MULTIBOOT_MOD announces; addresses are virtual, 32 bits. */
struct xen_multiboot_mod_list {
	uint32_t mod_start;
	uint32_t mod_end;	/* first byte after it */
	uint32_t cmdline;
	uint32_t pad;
};

/*
 * The screen as the hypervisor leaves it. video_type chooses the member of u: text_mode_3 for
 * TEXT_MODE_3 (units: characters; font_height in scan lines), vesa_lfb for the two LFB types
 * (pixels, bytes; colour fields as bit position and width). lfb_size is in 64 KiB units.
 * gbl_caps bit 1 says that ext_lfb_base, the upper half of the address, is meaningful.
 */
struct dom0_vga_console_info {
	uint8_t video_type;
	union {
		struct {
			uint16_t font_height;
			uint16_t cursor_x, cursor_y;
			uint16_t rows, columns;
		} text_mode_3;
		struct {
			uint16_t width, height;
			uint16_t bytes_per_line;
			uint16_t bits_per_pixel;
			uint32_t lfb_base;
			uint32_t lfb_size;
			uint8_t red_pos, red_size;
			uint8_t green_pos, green_size;
			uint8_t blue_pos, blue_size;
			uint8_t rsvd_pos, rsvd_size;
			uint32_t gbl_caps;
			uint16_t mode_attrs;
			uint16_t pad;
			uint32_t ext_lfb_base;
		} vesa_lfb;
	} u;
};

#endif
#endif
