/* SPDX-License-Identifier: MIT */
/* XENPF_efi_runtime_call, for platform.c's table. */
#ifndef PLATFORM_EFI_H
#define PLATFORM_EFI_H

struct xen_platform_op;

long platform_efi_runtime_call(struct xen_platform_op *op);

#endif
