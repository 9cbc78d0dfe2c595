/* SPDX-License-Identifier: MIT */
/*
 * What the files of the event-channel room share. See dais/evtchn.h for locks.
 *
 *	evtchn.c       the port table and the operations on it
 *	evtchn_close.c close, reset, and the end of a domain
 *	evtchn_2l.c    delivery by two levels of bits
 *	evtchn_dump.c  what a debug key shows of all this
 *	evtchn_fifo.c  delivery by queues
 *	virq.c         virtual interrupts
 */
#ifndef DAIS_EVTCHN_INTERNAL_H
#define DAIS_EVTCHN_INTERNAL_H

#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/vcpu.h>

/* The channel of a port that anybody may have made up; NULL when there is none. */
static inline struct evtchn *evtchn_lookup(const struct domain *d, uint32_t port)
{
	uint32_t valid = atomic_read_acquire(&d->evtchn.valid);

	if (unlikely(port >= valid)) {
		return NULL;
	}
	port = array_index_nospec(port, valid);
	return &d->evtchn.bucket[port / EVTCHN_BUCKET][port % EVTCHN_BUCKET];
}

/* The channel of a port that was looked up when it was written down here: a peer's. */
static inline struct evtchn *evtchn_known(const struct domain *d, uint32_t port)
{
	return &d->evtchn.bucket[port / EVTCHN_BUCKET][port % EVTCHN_BUCKET];
}

static inline struct vcpu *evtchn_vcpu(const struct domain *d, uint32_t id)
{
	if (unlikely(id >= d->max_vcpus)) {
		return NULL;
	}
	return d->vcpu[array_index_nospec(id, d->max_vcpus)];
}

/* Raise a bound channel of d. The caller holds its lock, or its peer's. Any context. */
void evtchn_set_pending(struct domain *d, struct evtchn *chn);

/* What the guest's own words say of a channel, whose lock, or d->evtchn.lock, is held. */
#define EVTCHN_FLAG_PENDING	1u
#define EVTCHN_FLAG_MASKED	2u
#define EVTCHN_FLAG_LINKED	4u	/* on a queue; delivery by queues only */
uint32_t evtchn_flags(struct domain *d, const struct evtchn *chn);
uint32_t evtchn_fifo_flags(struct domain *d, const struct evtchn *chn);

/* The channel is free again. Both its lock and d->evtchn.lock held. */
void evtchn_release(struct domain *d, struct evtchn *chn);

/* Two locks of a kind, by address; the same one twice is allowed. */
static inline void evtchn_lock_two(spinlock_t *a, spinlock_t *b)
{
	spin_lock(a < b ? a : b);
	if (a != b) {
		spin_lock(a < b ? b : a);
	}
}

static inline void evtchn_unlock_two(spinlock_t *a, spinlock_t *b)
{
	spin_unlock(a);
	if (a != b) {
		spin_unlock(b);
	}
}

void evtchn_2l_set_pending(struct domain *d, struct vcpu *v, uint32_t port);
void evtchn_2l_unmask(struct domain *d, struct vcpu *v, uint32_t port);

void evtchn_fifo_set_pending(struct domain *d, struct vcpu *v, struct evtchn *chn);
void evtchn_fifo_clear_pending(struct domain *d, struct evtchn *chn);
void evtchn_fifo_unmask(struct domain *d, struct vcpu *v, struct evtchn *chn);
void evtchn_fifo_free(struct domain *d);

/* After a port of d became pending: wake those who poll it. */
void evtchn_wake_pollers_slow(struct domain *d, uint32_t port);
static inline void evtchn_wake_pollers(struct domain *d, uint32_t port)
{
	if (unlikely(atomic_read(&d->evtchn.pollers))) {
		evtchn_wake_pollers_slow(d, port);
	}
}

#endif
