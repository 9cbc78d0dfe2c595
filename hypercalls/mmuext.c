/* SPDX-License-Identifier: MIT */
/*
 * The door of mmuext_op: pinning, page-table roots, TLB and cache flushes, LDT, page clear and copy. A table with
 * one small function for each command; the list is read one operation at a time.
 */
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/pv_state.h>
#include <dais/smp.h>
#include <dais/string.h>
#include <dais/tlb.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <hypercall_table.h>
#include "foreign.h"
#include "listcall.h"

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
	return op->cmd == MMUEXT_NEW_BASEPTR ? pv_set_kernel_root(current_vcpu(), op->arg1.mfn) :
					       pv_set_user_root(current_vcpu(), op->arg1.mfn);
}

static int ext_flush_local(struct domain *d, const struct mmuext_op *op)
{
	if (op->cmd == MMUEXT_TLB_FLUSH_LOCAL) {
		tlb_flush_local();
	} else if (guest_range_ok(op->arg1.linear_addr, 1)) {
		invlpg(op->arg1.linear_addr);
	}
	return 0;
}

/* An address in the hypervisor's hole must not be flushed for others; it has no guest mapping either. */
static int ext_flush(struct domain *d, const struct mmuext_op *op)
{
	bool multi = op->cmd == MMUEXT_TLB_FLUSH_MULTI || op->cmd == MMUEXT_INVLPG_MULTI;
	cpumask_t mask = d->dirty_cpus;

	if (multi && mmu_vcpumask_read(d, op->arg2.vcpumask, &mask) != 0) {
		return -XEN_EINVAL;
	}
	if (op->cmd == MMUEXT_TLB_FLUSH_MULTI || op->cmd == MMUEXT_TLB_FLUSH_ALL) {
		tlb_flush_mask(&mask);
	} else if (guest_range_ok(op->arg1.linear_addr, 1)) {
		tlb_invlpg_mask(&mask, op->arg1.linear_addr);
	}
	return 0;
}

static void wbinvd(void *none)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

static int ext_flush_cache(struct domain *d, const struct mmuext_op *op)
{
	bool global = op->cmd == MMUEXT_FLUSH_CACHE_GLOBAL;

	if (!domain_has_io(d)) {
		return global ? -XEN_EINVAL : -XEN_EACCES;
	}
	if (global) {
		/* A device may read what another CPU still holds. */
		smp_call_mask(&cpu_online_mask, wbinvd, NULL);
	} else {
		wbinvd(NULL);
	}
	return 0;
}

static int ext_set_ldt(struct domain *d, const struct mmuext_op *op)
{
	return pv_ldt_set(current_vcpu(), op->arg1.linear_addr, op->arg2.nr_ents);
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

struct mmuext_row {
	int (*fn)(struct domain *pg_owner, const struct mmuext_op *op);
	bool own;	/* only for the caller itself */
};

static const struct mmuext_row mmuext_table[] = {
	[MMUEXT_PIN_L1_TABLE] = { ext_pin, false },
	[MMUEXT_PIN_L2_TABLE] = { ext_pin, false },
	[MMUEXT_PIN_L3_TABLE] = { ext_pin, false },
	[MMUEXT_PIN_L4_TABLE] = { ext_pin, false },
	[MMUEXT_UNPIN_TABLE] = { ext_unpin, false },
	[MMUEXT_NEW_BASEPTR] = { ext_new_root, true },
	[MMUEXT_TLB_FLUSH_LOCAL] = { ext_flush_local, true },
	[MMUEXT_INVLPG_LOCAL] = { ext_flush_local, true },
	[MMUEXT_TLB_FLUSH_MULTI] = { ext_flush, true },
	[MMUEXT_INVLPG_MULTI] = { ext_flush, true },
	[MMUEXT_TLB_FLUSH_ALL] = { ext_flush, true },
	[MMUEXT_INVLPG_ALL] = { ext_flush, true },
	[MMUEXT_FLUSH_CACHE] = { ext_flush_cache, true },
	[MMUEXT_SET_LDT] = { ext_set_ldt, true },
	[MMUEXT_NEW_USER_BASEPTR] = { ext_new_root, true },
	[MMUEXT_CLEAR_PAGE] = { ext_clear_page, false },
	[MMUEXT_COPY_PAGE] = { ext_copy_page, false },
	[MMUEXT_FLUSH_CACHE_GLOBAL] = { ext_flush_cache, true },
	[MMUEXT_MARK_SUPER] = { ext_super, false },
	[MMUEXT_UNMARK_SUPER] = { ext_super, false },
};

static int mmuext_list(struct domain *d, unsigned long list, unsigned int count, unsigned int *done)
{
	for (; *done < count; (*done)++) {
		const struct mmuext_row *row;
		struct mmuext_op op;
		int rc;

		if (*done && preempt_check()) {
			return -ERESTART;
		}
		if (copy_from_guest(&op, list + (unsigned long)*done * sizeof(op), sizeof(op)) != 0) {
			return -XEN_EFAULT;
		}
		if (op.cmd >= ARRAY_SIZE(mmuext_table)) {
			return -XEN_ENOSYS;
		}
		row = &mmuext_table[array_index_nospec((unsigned long)op.cmd,
						       ARRAY_SIZE(mmuext_table))];
		if (row->fn == NULL) {
			return -XEN_ENOSYS;
		}
		rc = row->own && d != current_vcpu()->domain ? -XEN_EPERM : row->fn(d, &op);
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

long do_mmuext_op(unsigned long ops, unsigned int count, unsigned long pdone, unsigned int domid)
{
	struct listcall l = {
		.nr = __HYPERVISOR_mmuext_op, .size = sizeof(struct mmuext_op),
		.list = ops, .count = count, .pdone = pdone, .domid = domid,
	};
	struct domain *d;
	int rc = listcall_begin(&l);

	if (rc == 0 && (uint16_t)domid == DOMID_IO && !current_vcpu()->domain->is_privileged) {
		rc = -XEN_EPERM; /* every domain may map what is DOMID_IO's, but not act for it */
	}
	if (rc == 0) {
		rc = foreign_get((uint16_t)domid, &d);
	}
	if (rc != 0) {
		return rc;
	}
	rc = mmuext_list(d, ops, l.count, &l.done);
	rc = listcall_settle(d, rc);
	domain_put(d);
	return listcall_end(&l, rc);
}
