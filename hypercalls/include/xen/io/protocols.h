/* SPDX-License-Identifier: MIT */
/*
 * Values of a frontend's "protocol" node in xenstore: which layout its ring structures have. A
 * backend that finds none assumes its own.
 */
#ifndef XEN_IO_PROTOCOLS_H
#define XEN_IO_PROTOCOLS_H

#define XEN_IO_PROTO_ABI_X86_32		"x86_32-abi"
#define XEN_IO_PROTO_ABI_X86_64		"x86_64-abi"
#define XEN_IO_PROTO_ABI_ARM		"arm-abi"
#define XEN_IO_PROTO_ABI_NATIVE		XEN_IO_PROTO_ABI_X86_64

#endif
