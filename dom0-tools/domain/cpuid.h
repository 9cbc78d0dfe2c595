/* SPDX-License-Identifier: MIT */
/*
 * The `cpuid` setting: changes to what CPUID shows a guest. Pure.
 */
#ifndef DOMAIN_CPUID_H
#define DOMAIN_CPUID_H

#include <stdint.h>

#include <xen/arch-x86/xen.h>

#include "lib/failure.h"

/*
 * Applies one text of the setting to the leaves of a policy:
 *
 *	host,aes=0,avx2=0		features by name: 0 hides, 1 shows, x k s leave as it is
 *	1:ecx=xxxxxx0xxxxxxxxxxxxxxxxxxxxxxxxx,edx=...		bits, the highest first
 *	7,0:ebx=...			with a subleaf
 *
 * Only the features of leaves that the policy has can be changed.
 */
int cpuid_apply(struct xen_cpuid_leaf *leaves, uint32_t count, const char *spec, struct failure *f);

#endif
