/* SPDX-License-Identifier: MIT */
/*
 * What mm/ needs from the processor side; hypervisor/x86 implements it, and tests/fake on the host.
 *
 * (The direct map is in <dais/directmap.h>, preempt_check() in <dais/preempt.h>, domain_get/put in
 * <dais/domain.h>.)
 */
#ifndef DAIS_PT_ENV_H
#define DAIS_PT_ENV_H

#include <stdbool.h>
#include <stdint.h>
#include <dais/cpumask.h>
#include <dais/types.h>

struct domain;

/*
 * The TLB clock: every full flush (global entries and paging-structure caches included) of any CPU
 * advances it, and the CPU remembers the new value. A stamp is the clock's value when a mapping was
 * last in force, or rather its low half: a guest can make the clock pass 2^32 within hours. The
 * clock is odd, so that no stamp is 0.
 */
uint64_t tlb_now(void);

/*
 * When a stamp was taken at the latest: it is some multiple of 2^32 older, or just that. Later is
 * safe, it costs a flush.
 */
static inline uint64_t tlb_stamp_time(uint32_t stamp, uint64_t now)
{
	return now - (uint32_t)((uint32_t)now - stamp);
}

/*
 * Flush every CPU of `cpus` (NULL: all) whose last full flush is not later than `stamp`; returns
 * when done. Called with d->pt_lock held and interrupts on. A CPU that keeps a descheduled vcpu's
 * tables loaded counts as using them.
 */
void tlb_flush_stale(const cpumask_t *cpus, uint32_t stamp);

/*
 * Flush this CPU's TLB if another waits for that: for loops that wait with interrupts off and so
 * cannot take the request.
 */
void tlb_answer(void);

/* Fill the hypervisor's slots (256 to 271) of an L4 table of d that is about to become valid. */
void pt_env_fill_hole(struct domain *d, uint64_t *l4);

/*
 * An entry of a validated L4 table has changed. What it named before may still be held, and CPUs that run on
 * copies of the table be flushed, only after this.
 */
void pt_env_root_changed(void);

/*
 * May d map this frame, which is not RAM? Negative: no (-EPERM; -EINVAL for an impossible address).
 * 0: yes, as asked. PT_MMIO_RO: yes, but not writable.
 */
#define PT_MMIO_RO	1
int pt_env_mmio_ok(struct domain *d, mfn_t mfn, bool write);

/* Does d own I/O memory, ports or devices, so that it may choose cache attributes? */
bool pt_env_has_io(const struct domain *d);

#endif
