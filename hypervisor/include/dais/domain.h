/* SPDX-License-Identifier: MIT */
/*
 * A domain: identity, memory accounting, vcpus, and the per-domain state of each room.
 *
 * Lifetime: domain_get()/domain_put() count references; a domain is found by domid until it is dead and freed
 * when the last reference goes. d->lock guards what is tagged [d]; d->page_lock the page lists and counts [p];
 * d->pt_lock page-table changes (mm/pagetype). Order: domain_list_lock, d->lock, d->pt_lock, d->page_lock, then
 * the locks of single rooms (evtchn, grant; see there). [I] fixed at creation, [a] atomic.
 */
#ifndef DAIS_DOMAIN_H
#define DAIS_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/cpumask.h>
#include <dais/evtchn.h>
#include <dais/frame.h>
#include <dais/grant.h>
#include <dais/pagetype.h>
#include <dais/pv.h>
#include <dais/rangeset.h>
#include <dais/spinlock.h>
#include <dais/vcpu.h>
#include <xen/xen.h>

#define NR_PIRQS	1024		/* pirq numbers a domain may use */

enum domain_dying { DOMAIN_ALIVE, DOMAIN_DYING, DOMAIN_DEAD };

struct domain {
	uint16_t domid;			/* [I] */
	bool is_privileged;		/* [I] may call control hypercalls: dom0 */
	bool is_hardware;		/* [I] owns the hardware: dom0 */
	bool is_xenstore;		/* [I] */
	bool msr_relaxed;		/* MSRs that are not offered read as 0 [I] */
	uint8_t handle[16];		/* UUID [d] */
	struct domain *next;		/* list in order of domid; domain_list_lock */
	uint32_t refs;			/* [a] */
	enum domain_dying dying;	/* [d] */
	uint32_t pause_count;		/* [a] */
	bool creation_paused;		/* paused since creation until the first unpause [d] */
	uint32_t controller_pause_count; /* [d] */
	bool shutting_down, shut_down;	/* [d] */
	uint32_t shutdown_code;		/* SHUTDOWN_*, ~0 = none [d] */
	bool debugger_attached;
	spinlock_t lock;

	unsigned int max_vcpus;		/* [I] after domctl max_vcpus */
	struct vcpu **vcpu;		/* [I] max_vcpus entries, NULL until allocated */

	spinlock_t page_lock;
	struct frame_list pages;	/* [p] ordinary memory */
	struct frame_list xenpages;	/* [p] shared_info, grant frames: not counted */
	uint32_t tot_pages, max_pages;	/* [p] */
	uint32_t outstanding_pages;	/* claim [p] */
	uint32_t relinquish_step;	/* progress of destruction; whoever set killing */
	bool killing;			/* somebody is in domain_kill() [d] */

	spinlock_t pt_lock;
	struct pt_domain pt;		/* mm/pagetype's own state */
	cpumask_t dirty_cpus;		/* CPUs whose TLB may hold our translations [a] */

	struct shared_info *shared_info; /* [I] */
	unsigned long shared_info_mfn;	/* [I] */

	struct evtchn_domain evtchn;
	struct grant_table *grant;
	struct sched_domain sched;
	struct timer watchdog[2];
	unsigned long vm_assist;	/* bits 1 << VMASST_TYPE_* [a] */
	int64_t time_offset_seconds;
	uint8_t tsc_mode;
	uint32_t tsc_incarnation;

	struct rangeset iomem, ioports;	/* mfns and ports it may use */
	unsigned long irq_caps[NR_PIRQS / 64];	/* GSIs it may map */
	struct pirq *pirqs;		/* hypervisor/x86/pirq.c; NULL: none mapped yet */
	uint32_t pci_cf8;		/* what it wrote to port 0xcf8 */
	uint8_t cmos_index;		/* what it wrote to port 0x70 */
	unsigned long pirq_eoi_mfn;
	unsigned long *pirq_eoi_map;
	bool pirq_eoi_auto_unmask;

	struct pv_domain pv;
	unsigned int cpupool;		/* id */
	struct memory_map *memory_map;	/* e820 its tools gave it, or NULL [d] */
};

extern struct domain *dom0;		/* NULL until built */
extern struct domain *dom_xen;		/* owner of frames shared by the hypervisor itself */
extern struct domain *dom_io;		/* owner named for MMIO */

struct domain *domain_get_by_id(uint16_t domid);	/* takes a reference; NULL when unknown */
struct domain *domain_get_from(uint32_t domid);		/* likewise: the first numbered at least so */
struct domain *domain_next(struct domain *d);		/* iterate: takes next, drops d; NULL starts */
bool domain_get(struct domain *d);			/* false when it is already being freed */
void domain_put(struct domain *d);

/* One more reference where there is one that stays: the caller's own, or its running vcpu's. */
static inline void domain_get_known(struct domain *d)
{
	(void)atomic_add(&d->refs, 1);
}

/* Has it device memory or ports of its own, so that it may need to flush caches? */
static inline bool domain_has_io(const struct domain *d)
{
	return d->iomem.count != 0 || d->ioports.count != 0;
}

/* Domain named by a hypercall argument: DOMID_SELF or an id the caller may act on. 0, -ESRCH or -EPERM. */
int domain_target(uint16_t domid, bool may_be_other, struct domain **out);

struct domain_create_params;
int domain_create(const struct domain_create_params *p, struct domain **out);
int domain_alloc_vcpus(struct domain *d, unsigned int n);
int domain_kill(struct domain *d);			/* -ERESTART: call again */
void domain_pause(struct domain *d);
void domain_pause_nosync(struct domain *d);
void domain_unpause(struct domain *d);
void domain_shutdown(struct domain *d, uint32_t reason);
void domain_resume(struct domain *d);
void domain_crash(struct domain *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define domain_for_each_vcpu(d, v, i) \
	for ((i) = 0; (i) < (d)->max_vcpus; (i)++) \
		if (((v) = (d)->vcpu[i]) != NULL)

#endif
