/* SPDX-License-Identifier: MIT */
/* There is no hypervisor to ask in this test: nothing here is called. */
#include <errno.h>

#include "lib/domctl.h"

int domctl_get_policy(struct hypercall *h, uint32_t domid, struct xen_cpuid_leaf **leaves,
		      uint32_t *count)
{
	(void)h;
	(void)domid;
	(void)leaves;
	(void)count;
	return -ENOSYS;
}

int domctl_set_policy(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
		      uint32_t count, uint32_t *bad)
{
	(void)h;
	(void)domid;
	(void)leaves;
	(void)count;
	(void)bad;
	return -ENOSYS;
}
