/* SPDX-License-Identifier: MIT */
/*
 * Doors of the page-table calls: mmu_update and update_va_mapping. They resolve the domains named, read the
 * requests a batch at a time, and hand each to mm/pagetype, which does all checking of entries.
 */
#include <dais/domain.h>
#include <dais/m2p.h>
#include <dais/percpu.h>
#include <dais/pv_walk.h>
#include <dais/tlb.h>
#include <dais/vcpu.h>
#include <dais/x86.h>
#include <hypercall_table.h>
#include "foreign.h"
#include "listcall.h"

#define BATCH		32

/* The two role domains live for ever; references on them cost nothing but are kept balanced. */
int foreign_get(uint16_t domid, struct domain **out)
{
	if (domid == DOMID_XEN && !current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	if (domid != DOMID_IO && domid != DOMID_XEN) {
		return domain_target(domid, true, out);
	}
	*out = domid == DOMID_IO ? dom_io : dom_xen;
	domain_get(*out);
	return 0;
}

static int mmu_update_one(struct pt_cursor *c, const struct mmu_update *req)
{
	unsigned int cmd = req->ptr & 7;
	uint64_t ptr = req->ptr & ~7UL;

	switch (cmd) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_NO_TRANSLATE:
	case MMU_PT_UPDATE_PRESERVE_AD:
		return pt_set_entry(c, paddr_to_mfn(ptr), (unsigned int)(ptr & (PAGE_SIZE - 1)) / 8, req->val,
				    cmd == MMU_PT_UPDATE_PRESERVE_AD ? PT_PRESERVE_AD : 0);
	case MMU_MACHPHYS_UPDATE:
		return m2p_update(c->pg_owner, paddr_to_mfn(ptr), req->val);
	default:
		return -XEN_ENOSYS;
	}
}

/*
 * Do requests [*done, count) from `list`. -ERESTART when other work is due, an error of the first request that
 * was refused, 0 when all are done.
 */
static int mmu_update_list(struct domain *pt_owner, struct domain *pg_owner, unsigned long list,
			   unsigned int count, unsigned int *done)
{
	struct mmu_update req[BATCH];
	struct pt_cursor c;
	int rc = 0;

	while (rc == 0 && *done < count) {
		unsigned int n = min(count - *done, (unsigned int)BATCH), i;

		if (copy_from_guest(req, list + (unsigned long)*done * sizeof(req[0]), n * sizeof(req[0])) != 0) {
			return -XEN_EFAULT;
		}
		pt_begin(&c, pt_owner, pg_owner);
		for (i = 0; i < n; i++) {
			rc = mmu_update_one(&c, &req[i]);
			if (rc != 0) {
				break;
			}
		}
		pt_end(&c);
		*done += i;
		if (rc == 0 && *done < count && preempt_check()) {
			rc = -ERESTART;
		}
	}
	return rc;
}

long do_mmu_update(unsigned long req, unsigned int count, unsigned long pdone, unsigned int domid)
{
	struct listcall l = {
		.nr = __HYPERVISOR_mmu_update, .size = sizeof(struct mmu_update),
		.list = req, .count = count, .pdone = pdone, .domid = domid,
	};
	struct domain *pt_owner, *pg_owner;	/* of the tables, and of what they map */
	unsigned int pt_dom = domid >> 16;
	int rc = listcall_begin(&l);

	if (rc == 0) {
		/*
		 * The table owner is given as domid + 1; only a privileged caller may name
		 * another.
		 */
		rc = domain_target(pt_dom ? (uint16_t)(pt_dom - 1) : DOMID_SELF, true, &pt_owner);
	}
	if (rc != 0) {
		return rc;
	}
	rc = foreign_get((uint16_t)domid, &pg_owner);
	if (rc != 0) {
		domain_put(pt_owner);
		return rc;
	}
	rc = mmu_update_list(pt_owner, pg_owner, req, l.count, &l.done);
	rc = listcall_settle(pt_owner, rc);
	domain_put(pg_owner);
	domain_put(pt_owner);
	return listcall_end(&l, rc);
}

/* The CPUs a guest's vcpu bitmap stands for: those its vcpus run on now. Bits beyond its vcpus are ignored. */
int mmu_vcpumask_read(struct domain *d, unsigned long mask_va, cpumask_t *out)
{
	cpumask_clear(out);
	for (unsigned int base = 0; base < d->max_vcpus; base += 64) {
		unsigned int left = d->max_vcpus - base;
		uint64_t bits = 0;

		/* Read no more bytes than the vcpus need: the mask may end at a page boundary. */
		if (copy_from_guest(&bits, mask_va + base / 8, min((left + 7) / 8, 8U)) != 0) {
			return -XEN_EFAULT;
		}
		if (left < 64) {
			bits &= (1UL << left) - 1;
		}
		for (; bits; bits &= bits - 1) {
			struct vcpu *v = d->vcpu[base + (unsigned int)__builtin_ctzl(bits)];

			if (v != NULL && atomic_read(&v->running)) {
				cpumask_set(out, atomic_read(&v->cpu));
			}
		}
	}
	cpumask_and(out, out, &d->dirty_cpus);
	return 0;
}

/* What UVMF_* asks for after the entry has changed. */
static int va_mapping_flush(struct domain *d, unsigned long va, unsigned long flags)
{
	unsigned long mask_va = flags & ~(unsigned long)UVMF_FLUSHTYPE_MASK;
	unsigned int type = flags & UVMF_FLUSHTYPE_MASK;
	cpumask_t mask;
	int rc = 0;

	if (type == UVMF_NONE || type == UVMF_FLUSHTYPE_MASK) {
		return 0;
	}
	if (mask_va == UVMF_LOCAL) {
		if (type == UVMF_INVLPG) {
			invlpg(va);
		} else {
			tlb_flush_local();
		}
		return 0;
	}
	if (mask_va == UVMF_ALL) {
		mask = d->dirty_cpus;
	} else {
		rc = mmu_vcpumask_read(d, mask_va, &mask);
	}
	if (rc == 0 && type == UVMF_INVLPG) {
		tlb_invlpg_mask(&mask, va);
	} else if (rc == 0) {
		tlb_flush_mask(&mask);
	}
	return rc;
}

static int va_mapping_set(struct domain *pg_owner, unsigned long va, uint64_t pte, unsigned long flags)
{
	struct vcpu *v = current_vcpu();
	struct pv_walk w;
	int rc;

	if (pv_walk_l1(v, va, &w) != 0) {
		return -XEN_EINVAL;
	}
	rc = pt_set_entry_one(v->domain, pg_owner, w.table, w.index, pte, 0);
	return rc == 0 ? va_mapping_flush(v->domain, va, flags) : rc;
}

long do_update_va_mapping(unsigned long va, uint64_t pte, unsigned long flags)
{
	int rc = va_mapping_set(current_vcpu()->domain, va, pte, flags);

	if (unlikely(rc == -ERESTART)) {
		return hypercall_continue(__HYPERVISOR_update_va_mapping, 3, va, (unsigned long)pte, flags);
	}
	return rc;
}

long do_update_va_mapping_otherdomain(unsigned long va, uint64_t pte, unsigned long flags, unsigned int domid)
{
	struct domain *pg_owner;
	int rc = foreign_get((uint16_t)domid, &pg_owner);

	if (rc != 0) {
		return rc;
	}
	rc = va_mapping_set(pg_owner, va, pte, flags);
	domain_put(pg_owner);
	if (unlikely(rc == -ERESTART)) {
		return hypercall_continue(__HYPERVISOR_update_va_mapping_otherdomain, 4, va, (unsigned long)pte, flags,
					  (unsigned long)domid);
	}
	return rc;
}
