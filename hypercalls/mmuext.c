/* SPDX-License-Identifier: MIT */
/*
 * The door of mmuext_op: pinning, page-table roots, TLB and cache flushes, LDT, page clear and copy. A table with
 * one small function for each command; the list is read one operation at a time.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/guest_access.h>
#include <dais/pagetype.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_state.h>
#include <dais/smp.h>
#include <dais/string.h>
#include <dais/tlb.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/xen.h>
#include "foreign.h"
#include "listcall.h"

typedef int (*mmuext_fn)(struct domain *pg_owner, const struct mmuext_op *op);

static int ext_pin(struct domain *d, const struct mmuext_op *op)
{
	return pt_pin(d, op->arg1.mfn, op->cmd - MMUEXT_PIN_L1_TABLE + 1);
}

static int ext_unpin(struct domain *d, const struct mmuext_op *op)
{
	return pt_unpin(d, op->arg1.mfn);
}

static int ext_new_root(struct domain *d, const struct mmuext_op *op)
{
	return d == current_vcpu()->domain ? pv_set_kernel_root(current_vcpu(), op->arg1.mfn) : -XEN_EPERM;
}

static int ext_new_user_root(struct domain *d, const struct mmuext_op *op)
{
	return d == current_vcpu()->domain ? pv_set_user_root(current_vcpu(), op->arg1.mfn) : -XEN_EPERM;
}

static int ext_flush_local(struct domain *d, const struct mmuext_op *op)
{
	if (d != current_vcpu()->domain) {
		return -XEN_EPERM;
	}
	tlb_flush_local();
	return 0;
}

static int ext_invlpg_local(struct domain *d, const struct mmuext_op *op)
{
	if (d != current_vcpu()->domain) {
		return -XEN_EPERM;
	}
	if (guest_range_ok(op->arg1.linear_addr, 1)) {
		invlpg(op->arg1.linear_addr);
	}
	return 0;
}

/* An address in the hypervisor's hole must not be flushed for others; it has no guest mapping either. */
static void ext_flush(const cpumask_t *mask, const struct mmuext_op *op, bool one)
{
	if (!one) {
		tlb_flush_mask(mask);
	} else if (guest_range_ok(op->arg1.linear_addr, 1)) {
		tlb_invlpg_mask(mask, op->arg1.linear_addr);
	}
}

static int ext_flush_multi(struct domain *d, const struct mmuext_op *op)
{
	cpumask_t mask;
	int rc;

	if (d != current_vcpu()->domain) {
		return -XEN_EPERM;
	}
	rc = mmu_vcpumask_read(d, op->arg2.vcpumask, &mask);
	if (rc == 0) {
		ext_flush(&mask, op, op->cmd == MMUEXT_INVLPG_MULTI);
	}
	return rc;
}

static int ext_flush_all(struct domain *d, const struct mmuext_op *op)
{
	cpumask_t mask;

	if (d != current_vcpu()->domain) {
		return -XEN_EPERM;
	}
	mask = d->dirty_cpus;
	ext_flush(&mask, op, op->cmd == MMUEXT_INVLPG_ALL);
	return 0;
}

static void wbinvd(void *none)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

static int ext_flush_cache(struct domain *d, const struct mmuext_op *op)
{
	if (d != current_vcpu()->domain) {
		return -XEN_EPERM;
	}
	if (!domain_has_io(d)) {
		return -XEN_EACCES;
	}
	wbinvd(NULL);
	return 0;
}

/* A device may read what another CPU still holds. */
static int ext_flush_cache_global(struct domain *d, const struct mmuext_op *op)
{
	if (d != current_vcpu()->domain) {
		return -XEN_EPERM;
	}
	if (!domain_has_io(d)) {
		return -XEN_EINVAL;
	}
	smp_call_mask(&cpu_online_mask, wbinvd, NULL);
	return 0;
}

static int ext_set_ldt(struct domain *d, const struct mmuext_op *op)
{
	return d == current_vcpu()->domain ?
	       pv_ldt_set(current_vcpu(), op->arg1.linear_addr, op->arg2.nr_ents) : -XEN_EPERM;
}

static int ext_clear_page(struct domain *d, const struct mmuext_op *op)
{
	struct frame *f = frame_lookup(op->arg1.mfn);

	if (f == NULL || frame_get_writable(f, d) != 0) {
		return -XEN_EINVAL;
	}
	memset(frame_address(f), 0, PAGE_SIZE);
	frame_put_writable(f);
	return 0;
}

static int ext_copy_page(struct domain *d, const struct mmuext_op *op)
{
	struct frame *src = frame_lookup(op->arg2.src_mfn), *dst = frame_lookup(op->arg1.mfn);
	int rc = -XEN_EINVAL;

	if (src == NULL || dst == NULL || !frame_get(src, d)) {
		return rc;
	}
	if (frame_get_writable(dst, d) == 0) {
		memcpy(frame_address(dst), frame_address(src), PAGE_SIZE);
		frame_put_writable(dst);
		rc = 0;
	}
	frame_put(src);
	return rc;
}

static int ext_super(struct domain *d, const struct mmuext_op *op)
{
	return -XEN_EOPNOTSUPP;
}

static const mmuext_fn mmuext_table[] = {
	[MMUEXT_PIN_L1_TABLE] = ext_pin,
	[MMUEXT_PIN_L2_TABLE] = ext_pin,
	[MMUEXT_PIN_L3_TABLE] = ext_pin,
	[MMUEXT_PIN_L4_TABLE] = ext_pin,
	[MMUEXT_UNPIN_TABLE] = ext_unpin,
	[MMUEXT_NEW_BASEPTR] = ext_new_root,
	[MMUEXT_TLB_FLUSH_LOCAL] = ext_flush_local,
	[MMUEXT_INVLPG_LOCAL] = ext_invlpg_local,
	[MMUEXT_TLB_FLUSH_MULTI] = ext_flush_multi,
	[MMUEXT_INVLPG_MULTI] = ext_flush_multi,
	[MMUEXT_TLB_FLUSH_ALL] = ext_flush_all,
	[MMUEXT_INVLPG_ALL] = ext_flush_all,
	[MMUEXT_FLUSH_CACHE] = ext_flush_cache,
	[MMUEXT_SET_LDT] = ext_set_ldt,
	[MMUEXT_NEW_USER_BASEPTR] = ext_new_user_root,
	[MMUEXT_CLEAR_PAGE] = ext_clear_page,
	[MMUEXT_COPY_PAGE] = ext_copy_page,
	[MMUEXT_FLUSH_CACHE_GLOBAL] = ext_flush_cache_global,
	[MMUEXT_MARK_SUPER] = ext_super,
	[MMUEXT_UNMARK_SUPER] = ext_super,
};

static int mmuext_one(struct domain *d, const struct mmuext_op *op)
{
	unsigned long cmd = op->cmd;

	if (cmd >= ARRAY_SIZE(mmuext_table)) {
		return -XEN_ENOSYS;
	}
	cmd = array_index_nospec(cmd, ARRAY_SIZE(mmuext_table));
	return mmuext_table[cmd] ? mmuext_table[cmd](d, op) : -XEN_ENOSYS;
}

static int mmuext_list(struct domain *d, unsigned long list, unsigned int count, unsigned int *done)
{
	int rc = 0;

	while (rc == 0 && *done < count) {
		struct mmuext_op op;

		if (*done && preempt_check()) {
			return -ERESTART;
		}
		if (copy_from_guest(&op, list + (unsigned long)*done * sizeof(op), sizeof(op)) != 0) {
			return -XEN_EFAULT;
		}
		rc = mmuext_one(d, &op);
		if (rc == 0) {
			(*done)++;
		}
	}
	return rc;
}

/* Every domain may map what is DOMID_IO's, but only a privileged one may act for it. */
static int ext_owner_get(uint16_t domid, struct domain **d)
{
	if (domid == DOMID_IO && !current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	return foreign_get(domid, d);
}

long do_mmuext_op(unsigned long ops, unsigned int count, unsigned long pdone, unsigned int domid)
{
	struct listcall l = {
		.nr = __HYPERVISOR_mmuext_op, .size = sizeof(struct mmuext_op),
		.list = ops, .count = count, .pdone = pdone, .domid = domid,
	};
	struct domain *d;
	int rc = listcall_begin(&l);

	if (rc == 0) {
		rc = ext_owner_get((uint16_t)domid, &d);
	}
	if (rc != 0) {
		return rc;
	}
	rc = mmuext_list(d, ops, l.count, &l.done);
	rc = listcall_settle(d, rc);
	foreign_put(d);
	return listcall_end(&l, rc);
}
