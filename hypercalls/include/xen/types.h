/* SPDX-License-Identifier: MIT */
/*
 * The scalar types every other ABI header is made of, and the reserved domain numbers.
 *
 * Two conventions hold in this whole folder:
 *
 *  - A guest pointer inside a structure is a plain uint64_t holding a virtual address of the
 *    caller; the comment beside it names what it points at. It is never a C pointer, so that the
 *    hypervisor cannot follow one by mistake.
 *  - The same files compile in the hypervisor, in host tests, in freestanding guests and in dom0
 *    programs; the ones with constants only also pass through the assembler.
 *
 * Layouts and names are those of the Xen 4.17 public interface for x86-64 (interface version
 * 0x00040e00); tests/abi compares every one of them with a distribution's headers.
 */
#ifndef XEN_TYPES_H
#define XEN_TYPES_H

/* The interface revision these headers describe. */
#define __XEN_LATEST_INTERFACE_VERSION__	0x00040e00

/*
 * Domain numbers. Real domains are below DOMID_FIRST_RESERVED; the others name a role.
 *
 * SELF     the caller
 * IO       owner of pages that are device memory: mapping as DOMID_IO checks I/O permission
 * XEN      owner of the hypervisor's own shareable pages (the machine-to-phys table, trace pages)
 * COW      owner of shared copy-on-write pages; never occurs here
 * INVALID  "nobody"
 * IDLE     the idle vCPUs; appears in traces, is never an argument
 */
#define DOMID_FIRST_RESERVED	0x7FF0
#define DOMID_SELF		0x7FF0
#define DOMID_IO		0x7FF1
#define DOMID_XEN		0x7FF2
#define DOMID_COW		0x7FF3
#define DOMID_INVALID		0x7FF4
#define DOMID_IDLE		0x7FFF
#define DOMID_MASK		0x7FFF	/* bits a domain number may use */

#ifndef __ASSEMBLER__
#include <stdint.h>

typedef uint16_t domid_t;
typedef uint64_t xen_pfn_t;		/* a frame number: address >> 12; mfn or pfn by context */
typedef uint64_t xen_ulong_t;
typedef uint64_t xen_callback_t;	/* a guest code address */
typedef uint8_t xen_domain_handle_t[16];	/* the UUID a toolstack gave the domain */

#define PRI_xen_pfn		"lx"
#define PRI_xen_ulong		"lx"
#endif

#endif
