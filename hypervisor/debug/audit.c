// SPDX-License-Identifier: MIT
/*
 * Debug key A: stop every domain, count from scratch what each of their frames should have, and say
 * what differs (mm/pt_audit.c). A difference is a bug of the hypervisor.
 *
 * This file knows every holder of a reference that no page-table entry explains; a new one has to
 * be reported here too. audit_lock keeps two CPUs from auditing at once and guards the list of
 * domains. The other CPUs' vcpus are waited for only so long, because one of them may be waiting
 * for the vcpu that this key interrupted.
 */
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/grant.h>
#include <dais/keys.h>
#include <dais/pagetype.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/printk.h>
#include <dais/spinlock.h>
#include <dais/time.h>
#include <dais/vcpu.h>

#define AUDIT_DOMAINS 1024u
#define STOP_NS       1000000000ul
#define GDT_PER_PAGE  512u

static spinlock_t audit_lock = SPINLOCK_INIT;
static struct domain *stopped[AUDIT_DOMAINS]; /* paused and referenced */
static unsigned int nr_stopped;

/* ---- who holds what ---- */

static void hold_frame(void *audit, mfn_t mfn, bool writable)
{
	pt_audit_ref(audit, mfn, writable ? TYPE_WRITABLE : TYPE_NONE);
}

static void vcpu_holds(const struct vcpu *v, struct pt_audit *a)
{
	if (v->pv.kernel_cr3) {
		pt_audit_ref(a, paddr_to_mfn(v->pv.kernel_cr3), TYPE_L4);
	}
	if (v->pv.user_cr3) {
		pt_audit_ref(a, paddr_to_mfn(v->pv.user_cr3), TYPE_L4);
	}
	for (unsigned int i = 0; i < DIV_ROUND_UP(v->pv.gdt_entries, GDT_PER_PAGE); i++) {
		pt_audit_ref(a, v->pv.gdt_frames[i], TYPE_SEG_DESC);
	}
	for (unsigned int i = 0; i < PV_LDT_FRAMES; i++) {
		if (v->pv.ldt_shadowed & (1u << i)) {
			pt_audit_ref(a, v->pv.ldt_frames[i], TYPE_SEG_DESC);
		}
	}
	if (v->info_frame) {
		pt_audit_ref(a, frame_to_mfn(v->info_frame), TYPE_WRITABLE);
	}
}

static void domain_holds(struct domain *d, struct pt_audit *a, void *arg __maybe_unused)
{
	struct vcpu *v;
	unsigned int i;

	domain_for_each_vcpu(d, v, i) {
		vcpu_holds(v, a);
	}
	evtchn_fifo_each_frame(d, hold_frame, a);
	grant_each_hold(d, hold_frame, a);
	if (d->pirq_eoi_map) {
		pt_audit_ref(a, d->pirq_eoi_mfn, TYPE_WRITABLE);
	}
	for (i = 0; i < nr_stopped; i++) {
		pt_audit_foreign(a, stopped[i]);
	}
}

/* ---- stopping the world ---- */

static bool domain_is_still(const struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	domain_for_each_vcpu(d, v, i) {
		if (v != current_vcpu() && atomic_read_acquire(&v->running)) {
			return false;
		}
	}
	return true;
}

/* All stand still, and no domain has come into being meanwhile. */
static bool all_still(uint64_t until)
{
	struct domain *d = NULL;
	unsigned int i = 0;

	for (; i < nr_stopped; i++) {
		while (!domain_is_still(stopped[i])) {
			if (time_now_ns() > until) {
				return false;
			}
			cpu_relax();
		}
	}
	for (i = 0; (d = domain_next(d)) != NULL; i++) {
		if (i == nr_stopped || stopped[i] != d) {
			domain_put(d);
			return false;
		}
	}
	return i == nr_stopped;
}

static bool all_stop(void)
{
	struct domain *d = NULL;

	while ((d = domain_next(d)) != NULL) {
		if (nr_stopped == AUDIT_DOMAINS) {
			domain_put(d);
			return false;
		}
		(void)domain_get(d); /* cannot fail: the loop holds one */
		domain_pause_nosync(d);
		stopped[nr_stopped++] = d;
	}
	return all_still(time_now_ns() + STOP_NS);
}

/* ---- the audit ---- */

static void audit_all(void)
{
	unsigned long domains = 0, frames = 0, bad = 0;
	bool whole = true;

	for (unsigned int i = 0; i < nr_stopped; i++) {
		struct domain *d = stopped[i];
		long n;

		if (d->dying != DOMAIN_ALIVE) {
			pr_info("audit: d%u is being destroyed and left out\n", d->domid);
			continue;
		}
		/* Tables that wait to be dismantled still hold references. */
		while (pt_settle(d) == -ERESTART) {
			;
		}
		n = pt_audit(d, domain_holds, NULL);
		if (n < 0) {
			pr_err("audit: d%u: not enough free memory to count its frames\n", d->domid);
		}
		whole = whole && n >= 0;
		bad += n > 0 ? (unsigned long)n : 0;
		frames += d->pages.count + d->xenpages.count;
		domains++;
	}
	pr_info("audit: %lu domains, %lu frames, %lu differences%s\n", domains, frames, bad,
		whole ? "" : " in what could be counted");
}

static void key_audit(struct regs *regs __maybe_unused)
{
	if (!spin_trylock(&audit_lock)) {
		pr_info("audit: one is running already\n");
		return;
	}
	if (all_stop()) {
		audit_all();
	} else {
		pr_info("audit: could not stop every domain at once; try again\n");
	}
	while (nr_stopped > 0) {
		struct domain *d = stopped[--nr_stopped];

		domain_unpause(d);
		domain_put(d);
	}
	spin_unlock(&audit_lock);
}
DEBUG_KEY('A', key_audit, "audit the references of every domain's frames");
