/* SPDX-License-Identifier: MIT */
/*
 * Domain control for restoring: see domctl_restore.h. Stateless.
 */
#include "lib/domctl_restore.h"

#include <errno.h>
#include <string.h>

#include <xen/xen.h>

#include "lib/hypercall.h"

/* A copy that the hypervisor can reach, with room for at least one byte. */
static void *reachable(struct hypercall *h, const void *bytes, size_t len)
{
	void *buffer = hypercall_buffer(h, len + 1);

	if (buffer) {
		memcpy(buffer, bytes, len);
	}
	return buffer;
}

int domctl_set_policies(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
			uint32_t leaf_count, const struct xen_msr_entry *msrs, uint32_t msr_count,
			uint32_t *bad_leaf, uint32_t *bad_msr)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_cpu_policy, .domain = (domid_t)domid };
	struct xen_domctl_cpu_policy *p = &op.u.cpu_policy;
	void *l = reachable(h, leaves, leaf_count * sizeof(*leaves));
	void *m = reachable(h, msrs, msr_count * sizeof(*msrs));
	int rc = -ENOMEM;

	p->err_leaf = p->err_subleaf = p->err_msr = ~0u;
	if (l && m) {
		p->leaves = (uintptr_t)l;
		p->nr_leaves = leaf_count;
		p->msrs = (uintptr_t)m;
		p->nr_msrs = msr_count;
		rc = hypercall_domctl(h, &op);
	}
	*bad_leaf = p->err_leaf;
	*bad_msr = p->err_msr;
	hypercall_buffer_free(h, m);
	hypercall_buffer_free(h, l);
	return rc;
}

int domctl_set_tsc_info(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_tsc_info *info)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_settscinfo, .domain = (domid_t)domid };

	op.u.tsc_info = *info;
	return hypercall_domctl(h, &op);
}

int domctl_set_extended(struct hypercall *h, uint32_t domid,
			const struct xen_domctl_ext_vcpucontext *extended)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_ext_vcpucontext, .domain = (domid_t)domid };

	op.u.ext_vcpucontext = *extended;
	return hypercall_domctl(h, &op);
}

int domctl_set_xsave(struct hypercall *h, uint32_t domid, uint32_t vcpu, const void *bytes,
		     size_t len)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpuextstate, .domain = (domid_t)domid };
	void *buffer = reachable(h, bytes, len);
	int rc;

	if (!buffer) {
		return -ENOMEM;
	}
	op.u.vcpuextstate.vcpu = vcpu;
	op.u.vcpuextstate.size = len;
	op.u.vcpuextstate.buffer = (uintptr_t)buffer;
	rc = hypercall_domctl(h, &op);
	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_set_msrs(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		    const struct xen_domctl_vcpu_msr *msrs, uint32_t count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_set_vcpu_msrs, .domain = (domid_t)domid };
	void *buffer = reachable(h, msrs, count * sizeof(*msrs));
	int rc;

	if (!buffer) {
		return -ENOMEM;
	}
	op.u.vcpu_msrs.vcpu = vcpu;
	op.u.vcpu_msrs.msr_count = count;
	op.u.vcpu_msrs.msrs = (uintptr_t)buffer;
	rc = hypercall_domctl(h, &op);
	hypercall_buffer_free(h, buffer);
	return rc;
}

int domctl_pin_tables(struct hypercall *h, uint32_t domid, const struct domctl_pin *pins,
		      uint32_t count)
{
	static const uint32_t cmds[] = { MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE,
					 MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE };
	struct mmuext_op *ops = hypercall_buffer(h, count * sizeof(*ops));
	uint32_t i;
	int rc;

	if (!ops) {
		return -ENOMEM;
	}
	memset(ops, 0, count * sizeof(*ops));
	for (i = 0; i < count; i++) {
		ops[i].cmd = cmds[pins[i].level - 1];
		ops[i].arg1.mfn = pins[i].mfn;
	}
	rc = (int)hypercall_call(h, __HYPERVISOR_mmuext_op, (uintptr_t)ops, count, 0, domid);
	hypercall_buffer_free(h, ops);
	return rc;
}
