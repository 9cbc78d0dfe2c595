/* SPDX-License-Identifier: MIT */
/*
 * FIFO delivery: each port has an event word in array pages the guest gave us; pending ports are
 * linked, through the LINK bits of their words, into one of 16 queues per vcpu, whose heads are in
 * the vcpu's control block.
 *
 * The guest takes words off at the head (clearing LINKED and LINK) while we append at the tail. We
 * never follow a link: the tail of each queue and the queue a port was last put on are our own. A
 * word is only changed by atomic bit operations or compare-and-swap, tried a fixed number of times:
 * a guest that fights over a word loses that event, and nothing else.
 *
 * Locks: a queue's lock guards its tail, and last_vcpu and last_priority of the channels last
 * linked on it. To move a channel to another queue both are held, lower address first. They nest
 * inside channel locks; the control block and array pages appear under d->evtchn.lock, and go only
 * when no port is bound any more.
 */
#include "evtchn_internal.h"
#include <dais/hv_alloc.h>
#include <dais/pagetype.h>
#include <dais/printk.h>
#include <dais/x86.h>
#include <xen/errno.h>

#define WORDS_PER_PAGE	(PAGE_SIZE / sizeof(uint32_t))
#define TRIES		4

#define BIT_PENDING	(1u << EVTCHN_FIFO_PENDING)
#define BIT_MASKED	(1u << EVTCHN_FIFO_MASKED)
#define BIT_LINKED	(1u << EVTCHN_FIFO_LINKED)
#define BIT_BUSY	(1u << EVTCHN_FIFO_BUSY)

struct fifo_queue {
	spinlock_t lock;
	uint32_t tail;		/* port last appended, 0 = queue known to be empty */
};

struct fifo_vcpu {
	struct evtchn_fifo_control_block *block;	/* in a frame of the guest's, held */
	struct fifo_queue queue[EVTCHN_FIFO_MAX_QUEUES];
};

/* A port's event word, NULL while its array page does not exist. */
static uint32_t *fifo_word(const struct domain *d, uint32_t port)
{
	const struct evtchn_fifo *f = d->evtchn.fifo;
	uint32_t page = port / WORDS_PER_PAGE, pages = atomic_read_acquire(&f->nr_pages);

	if (unlikely(page >= pages)) {
		return NULL;
	}
	return f->page[array_index_nospec(page, pages)] + port % WORDS_PER_PAGE;
}

/* --- linking --- */

/* True when the tail, whose word this is, now links to port (or the guest fights over the word);
 * false when the guest has unlinked it: the queue is empty. */
static bool set_link(uint32_t *word, uint32_t port)
{
	uint32_t w = atomic_read(word);
	unsigned int i;

	for (i = 0; (w & BIT_LINKED) && i <= TRIES; i++) {
		if (atomic_cas(word, &w, (w & ~(BIT_BUSY | EVTCHN_FIFO_LINK_MASK)) | port)) {
			return true;
		}
		/* BUSY keeps a well-meaning guest from changing MASKED meanwhile. */
		w = atomic_fetch_or(word, BIT_BUSY) | BIT_BUSY;
	}
	if (i) {
		atomic_and(word, ~BIT_BUSY);
	}
	return w & BIT_LINKED;
}

/*
 * Lock q and the queue chn was last on, which is returned; NULL (nothing locked) when others move
 * chn about faster than we can follow.
 */
static struct fifo_queue *lock_for_link(struct domain *d, struct evtchn *chn, struct fifo_queue *q,
					unsigned long *flags)
{
	unsigned int i;

	*flags = irq_save();
	for (i = 0; i < TRIES; i++) {
		uint16_t vcpu = atomic_read(&chn->last_vcpu);
		uint8_t prio = atomic_read(&chn->last_priority);
		struct fifo_vcpu *fv = atomic_read_acquire(&d->vcpu[vcpu]->fifo);
		struct fifo_queue *old = fv ? &fv->queue[prio] : q;

		evtchn_lock_two(&q->lock, &old->lock);
		if (chn->last_vcpu == vcpu && chn->last_priority == prio) {
			return old;
		}
		evtchn_unlock_two(&q->lock, &old->lock);
	}
	irq_restore(*flags);
	return NULL;
}

static void unlock_link(struct fifo_queue *q, struct fifo_queue *old, unsigned long flags)
{
	evtchn_unlock_two(&q->lock, &old->lock);
	irq_restore(flags);
}

/* Append chn to its queue on v, unless it is linked. True when the queue was empty before. */
static bool fifo_link(struct domain *d, struct vcpu *v, struct evtchn *chn, uint32_t *word,
		      struct fifo_vcpu *fv, uint8_t prio)
{
	struct fifo_queue *q = &fv->queue[prio], *old;
	unsigned long flags;
	bool linked = false;

	old = lock_for_link(d, chn, q, &flags);
	if (!old) {
		gpr_warn("d%uv%u: event %u lost: it changes queues too fast", d->domid, v->id,
			 chn->port);
		return false;
	}
	if (__atomic_fetch_or(word, BIT_LINKED, __ATOMIC_SEQ_CST) & BIT_LINKED) {
		unlock_link(q, old, flags);
		return false;
	}
	if (old->tail == chn->port) {
		old->tail = 0;		/* the guest took it off: that queue has become empty */
	}
	atomic_set(&chn->last_vcpu, (uint16_t)v->id);
	atomic_set(&chn->last_priority, prio);
	if (q->tail) {
		linked = set_link(fifo_word(d, q->tail), chn->port);
	}
	if (!linked) {
		atomic_set(&fv->block->head[prio], chn->port);
	}
	q->tail = chn->port;
	unlock_link(q, old, flags);
	return !linked;
}

/* --- delivery --- */

void evtchn_fifo_set_pending(struct domain *d, struct vcpu *v, struct evtchn *chn)
{
	uint32_t *word = fifo_word(d, chn->port), old;
	struct fifo_vcpu *fv = atomic_read_acquire(&v->fifo);
	uint8_t prio = atomic_read(&chn->priority);

	if (unlikely(!word)) {
		/* evtchn_expand_array() will look, or has looked just now: then the word is there. */
		(void)atomic_xchg(&chn->pending, true);
		word = fifo_word(d, chn->port);
		if (!word || !atomic_xchg(&chn->pending, false)) {
			evtchn_wake_pollers(d, chn->port);
			return;
		}
	}
	old = __atomic_fetch_or(word, BIT_PENDING, __ATOMIC_SEQ_CST);
	if (!(old & (BIT_MASKED | BIT_LINKED)) && fv && fifo_link(d, v, chn, word, fv, prio)
	    && !(__atomic_fetch_or(&fv->block->ready, 1u << prio, __ATOMIC_SEQ_CST)
		 & (1u << prio))) {
		vcpu_mark_events_pending(v);
	}
	if (!(old & BIT_PENDING)) {
		evtchn_wake_pollers(d, chn->port);
	}
}

void evtchn_fifo_clear_pending(struct domain *d, struct evtchn *chn)
{
	uint32_t *word = fifo_word(d, chn->port);

	chn->pending = false;
	/* It may stay linked: a port is not given out again before the guest has taken it off its
	 * queue. */
	if (word) {
		atomic_and(word, ~BIT_PENDING);
	}
}

void evtchn_fifo_unmask(struct domain *d, struct vcpu *v, struct evtchn *chn)
{
	uint32_t *word = fifo_word(d, chn->port);

	if (word && (__atomic_and_fetch(word, ~BIT_MASKED, __ATOMIC_SEQ_CST) & BIT_PENDING)) {
		evtchn_fifo_set_pending(d, v, chn);
	}
}

uint32_t evtchn_fifo_flags(struct domain *d, const struct evtchn *chn)
{
	uint32_t *word = fifo_word(d, chn->port), w;

	if (!word) {
		return atomic_read(&chn->pending) ? EVTCHN_FLAG_PENDING : 0;
	}
	w = atomic_read(word);
	return (w & BIT_PENDING ? EVTCHN_FLAG_PENDING : 0)
	       | (w & BIT_MASKED ? EVTCHN_FLAG_MASKED : 0)
	       | (w & BIT_LINKED ? EVTCHN_FLAG_LINKED : 0);
}

/* --- set-up --- */

/* Hold a frame the guest will share with us, as writable. NULL: it is not its, or cannot be. */
static struct frame *fifo_get_frame(struct domain *d, uint64_t gfn)
{
	struct frame *f = frame_lookup(gfn);

	return f && frame_get_writable(f, d) == 0 ? f : NULL;
}

/* From here on events of d go by queues. Pending two-level bits are kept in the channels. */
static bool fifo_start(struct domain *d)
{
	struct evtchn_fifo *f = hv_alloc(sizeof(*f));
	uint32_t port;

	if (!f) {
		return false;
	}
	atomic_set_release(&d->evtchn.fifo, f);
	for (port = 1; port < d->evtchn.valid && port < EVTCHN_2L_NR_CHANNELS; port++) {
		struct evtchn *chn = evtchn_lookup(d, port);
		unsigned long flags = spin_lock_irqsave(&chn->lock);

		chn->last_vcpu = 0;
		chn->last_priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		if (atomic_test_and_clear_bit(port, d->shared_info->evtchn_pending)) {
			atomic_set(&chn->pending, true);
		}
		spin_unlock_irqrestore(&chn->lock, flags);
	}
	return true;
}

int evtchn_init_control(struct domain *d, uint32_t vcpu, uint64_t gfn, uint32_t offset,
			uint8_t *link_bits)
{
	struct vcpu *v = evtchn_vcpu(d, vcpu);
	struct fifo_vcpu *fv = NULL;
	struct frame *frame;
	int rc = 0;

	*link_bits = EVTCHN_FIFO_LINK_BITS;
	if (!v) {
		return -XEN_ENOENT;
	}
	if (offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || offset % 8) {
		return -XEN_EINVAL;
	}
	frame = fifo_get_frame(d, gfn);
	if (!frame) {
		return -XEN_EINVAL;
	}
	spin_lock(&d->evtchn.lock);
	if (v->fifo || d->evtchn.dying) {
		rc = -XEN_EINVAL;
	} else {
		fv = hv_alloc(sizeof(*fv));
		rc = fv && (d->evtchn.fifo || fifo_start(d)) ? 0 : -XEN_ENOMEM;
	}
	if (rc == 0) {
		fv->block = (void *)((char *)frame_address(frame) + offset);
		for (unsigned int i = 0; i < EVTCHN_FIFO_MAX_QUEUES; i++) {
			fv->block->head[i] = 0;
		}
		fv->block->ready = 0;
		atomic_set_release(&v->fifo, fv);
	}
	spin_unlock(&d->evtchn.lock);
	if (rc) {
		hv_free(fv);
		frame_put_writable(frame);
	}
	return rc;
}

/* Events that were raised before their word existed. Under d->evtchn.lock. */
static void fifo_replay(struct domain *d, uint32_t from)
{
	uint32_t port;

	for (port = from; port < d->evtchn.valid && port < from + WORDS_PER_PAGE; port++) {
		struct evtchn *chn = evtchn_lookup(d, port);
		unsigned long flags = spin_lock_irqsave(&chn->lock);

		if (chn->state > EVTCHN_UNBOUND && atomic_xchg(&chn->pending, false)) {
			evtchn_set_pending(d, chn);
		}
		spin_unlock_irqrestore(&chn->lock, flags);
	}
}

int evtchn_expand_array(struct domain *d, uint64_t gfn)
{
	struct evtchn_fifo *f = atomic_read_acquire(&d->evtchn.fifo);
	struct frame *frame = f ? fifo_get_frame(d, gfn) : NULL;
	int rc = 0;

	if (!frame) {
		return f ? -XEN_EINVAL : -XEN_EOPNOTSUPP;
	}
	spin_lock(&d->evtchn.lock);
	f = d->evtchn.fifo;	/* a reset may have taken it */
	if (!f) {
		rc = -XEN_EOPNOTSUPP;
	} else if (d->evtchn.dying) {
		rc = -XEN_EINVAL;
	} else if (f->nr_pages == EVTCHN_FIFO_PAGES) {
		rc = -XEN_ENOSPC;
	} else {
		f->page[f->nr_pages] = frame_address(frame);
		atomic_set_release(&f->nr_pages, f->nr_pages + 1);
		fifo_replay(d, (f->nr_pages - 1) * (uint32_t)WORDS_PER_PAGE);
	}
	spin_unlock(&d->evtchn.lock);
	if (rc) {
		frame_put_writable(frame);
	}
	return rc;
}

int evtchn_set_priority(struct domain *d, uint32_t port, uint32_t priority)
{
	struct evtchn *chn = evtchn_lookup(d, port);
	unsigned long flags;
	int rc;

	if (!chn || priority > EVTCHN_FIFO_PRIORITY_MIN) {
		return -XEN_EINVAL;
	}
	flags = spin_lock_irqsave(&chn->lock);
	rc = d->evtchn.fifo ? 0 : -XEN_ENOSYS;
	if (!rc) {
		atomic_set(&chn->priority, (uint8_t)priority);	/* when it is linked next */
	}
	spin_unlock_irqrestore(&chn->lock, flags);
	return rc;
}

/* No port of d is bound, so nobody is on the way to a queue or a word. */
void evtchn_fifo_free(struct domain *d)
{
	struct evtchn_fifo *f = d->evtchn.fifo;
	struct vcpu *v;
	unsigned int i;

	d->evtchn.fifo = NULL;
	domain_for_each_vcpu(d, v, i) {
		struct fifo_vcpu *fv = v->fifo;

		v->fifo = NULL;
		if (fv) {
			frame_put_writable(mfn_to_frame(virt_to_mfn(fv->block)));
			hv_free(fv);
		}
	}
	for (i = 0; f && i < f->nr_pages; i++) {
		frame_put_writable(mfn_to_frame(virt_to_mfn(f->page[i])));
	}
	hv_free(f);
}

void evtchn_fifo_each_frame(struct domain *d, void (*fn)(void *arg, uint64_t mfn, bool writable),
			    void *arg)
{
	struct evtchn_fifo *f = d->evtchn.fifo;
	struct vcpu *v;
	unsigned int i;

	domain_for_each_vcpu(d, v, i) {
		if (v->fifo) {
			fn(arg, virt_to_mfn(v->fifo->block), true);
		}
	}
	for (i = 0; f && i < atomic_read_acquire(&f->nr_pages); i++) {
		fn(arg, virt_to_mfn(f->page[i]), true);
	}
}
