/* SPDX-License-Identifier: MIT */
/*
 * ELF notes by which a PV kernel image says how it wants to be loaded: owner "Xen", a type below,
 * a value that is a number (4 or 8 bytes) or a string.
 */
#ifndef XEN_ELFNOTE_H
#define XEN_ELFNOTE_H

#define XEN_ELFNOTE_INFO		0
#define XEN_ELFNOTE_ENTRY		1	/* VA of the first instruction */
#define XEN_ELFNOTE_HYPERCALL_PAGE	2	/* VA of a page to be filled with call stubs */
#define XEN_ELFNOTE_VIRT_BASE		3	/* VA of pseudo-physical address 0 */
#define XEN_ELFNOTE_PADDR_OFFSET	4	/* what p_paddr is relative to */
#define XEN_ELFNOTE_XEN_VERSION		5	/* "xen-3.0" */
#define XEN_ELFNOTE_GUEST_OS		6
#define XEN_ELFNOTE_GUEST_VERSION	7
#define XEN_ELFNOTE_LOADER		8	/* "generic" */
#define XEN_ELFNOTE_PAE_MODE		9
#define XEN_ELFNOTE_FEATURES		10	/* "name|!name": used, required */
#define XEN_ELFNOTE_BSD_SYMTAB		11
#define XEN_ELFNOTE_HV_START_LOW	12
#define XEN_ELFNOTE_L1_MFN_VALID	13	/* {mask, value}: how to spot a present entry */
#define XEN_ELFNOTE_SUSPEND_CANCEL	14	/* 1: the kernel understands a cancelled suspend */
#define XEN_ELFNOTE_INIT_P2M		15	/* VA at which the p2m must be mapped */
#define XEN_ELFNOTE_MOD_START_PFN	16	/* 1: pass the module unmapped, by pfn */
#define XEN_ELFNOTE_SUPPORTED_FEATURES	17	/* XENFEAT_* bits */
#define XEN_ELFNOTE_PHYS32_ENTRY	18	/* PVH only */
#define XEN_ELFNOTE_MAX			XEN_ELFNOTE_PHYS32_ENTRY

/* Notes of crash and core dumps. */
#define XEN_ELFNOTE_CRASH_INFO			0x1000001
#define XEN_ELFNOTE_CRASH_REGS			0x1000002
#define XEN_ELFNOTE_DUMPCORE_NONE		0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER		0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION	0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION	0x2000003

#endif
