/* SPDX-License-Identifier: MIT */
/*
 * Two-level delivery: a pending and a mask bit for each port in shared_info, and in the vcpu's
 * vcpu_info one selector bit for each word of 64 pending bits. No lock: all is atomic bits, in
 * memory the guest writes too, and nothing read from there is used as more than a bit.
 */
#include "evtchn_internal.h"

#define BITS_PER_WORD	64u

/* Set the selector of a port that is pending and not masked. */
static __always_inline void select_word(struct vcpu *v, uint32_t port)
{
	if (!atomic_test_and_set_bit(port / BITS_PER_WORD, &v->info->evtchn_pending_sel)) {
		vcpu_mark_events_pending(v);
	}
}

/* v is NULL in a domain that has no vcpus yet: they start with everything masked, and look when
 * they unmask. */
void evtchn_2l_set_pending(struct domain *d, struct vcpu *v, uint32_t port)
{
	struct shared_info *s = d->shared_info;

	if (atomic_test_and_set_bit(port, s->evtchn_pending)) {
		return;
	}
	evtchn_wake_pollers(d, port);
	if (likely(v) && !atomic_test_bit(port, s->evtchn_mask)) {
		select_word(v, port);
	}
}

void evtchn_2l_unmask(struct domain *d, struct vcpu *v, uint32_t port)
{
	struct shared_info *s = d->shared_info;

	if (atomic_test_and_clear_bit(port, s->evtchn_mask)
	    && atomic_test_bit(port, s->evtchn_pending)) {
		select_word(v, port);
	}
}
