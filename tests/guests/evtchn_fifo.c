/* SPDX-License-Identifier: MIT */
/*
 * Event channels in FIFO form: words, queues, priorities.
 *
 * After init_control every port is a 32-bit word in pages the guest supplies with expand_array:
 * bits pending, masked, linked and a link to the next port of its queue. A send to an unmasked port
 * that is not linked yet appends it: to the control block's head if the queue was empty, else to
 * the link field of the last port. A bit in `ready` says which of the sixteen queues have work.
 * Pages handed over stay the guest's to read but their type is fixed; a second init fails.
 */
#include "kit.h"

#include <xen/event_channel.h>

#define BIT(n) (1U << (n))

static volatile struct evtchn_fifo_control_block *control;
static volatile u32 *words;

static long init_control(u64 gfn, u32 offset, u32 vcpu)
{
	struct evtchn_init_control op = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
	long err = HC(event_channel_op, EVTCHNOP_init_control, &op);

	return err ? err : op.link_bits;
}

static long expand(u64 gfn)
{
	struct evtchn_expand_array op = { .array_gfn = gfn };

	return HC(event_channel_op, EVTCHNOP_expand_array, &op);
}

static long priority(u32 port, u32 level)
{
	struct evtchn_set_priority op = { .port = port, .priority = level };

	return HC(event_channel_op, EVTCHNOP_set_priority, &op);
}

static void check_init(void)
{
	char *page = page_alloc();

	control = page_alloc();
	words = page_alloc();
	CHECK_EQ(expand(paging_mfn((void *)words)), -kEOPNOTSUPP); /* not FIFO yet */
	CHECK_EQ(priority(1, 3), -kENOSYS);
	CHECK_EQ(init_control(paging_mfn(page), 4096 - 8, 0), -kEINVAL); /* crosses the page */
	CHECK_EQ(init_control(paging_mfn(page), 3, 0), -kEINVAL);
	CHECK_EQ(init_control(0xffffffff, 0, 0), -kEINVAL);
	CHECK_EQ(init_control(paging_mfn(page), 0, 99), -kENOENT);
	CHECK_EQ(init_control(paging_mfn((void *)control), 0, 0), EVTCHN_FIFO_LINK_BITS);
	CHECK_EQ(init_control(paging_mfn(page), 0, 0), -kEINVAL); /* done already */
	CHECK_EQ(expand(0xffffffff), -kEINVAL);
	CHECK_EQ(expand(paging_mfn((void *)words)), 0);
}

static void check_queue(void)
{
	u32 a = (u32)event_bind_ipi(0), b = (u32)event_bind_ipi(0), c = (u32)event_bind_ipi(0);

	CHECK_EQ(words[a], 0);
	CHECK_EQ(event_send(a), 0);
	CHECK_EQ(words[a], BIT(EVTCHN_FIFO_PENDING) | BIT(EVTCHN_FIFO_LINKED));
	CHECK_EQ(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], a);
	CHECK_EQ(control->ready, BIT(EVTCHN_FIFO_PRIORITY_DEFAULT));
	CHECK_EQ(event_vcpu_info()->evtchn_upcall_pending, 1);
	CHECK_EQ(event_send(b), 0);
	CHECK_EQ(words[a] & EVTCHN_FIFO_LINK_MASK, b);
	CHECK_EQ(words[b], BIT(EVTCHN_FIFO_PENDING) | BIT(EVTCHN_FIFO_LINKED));
	CHECK_EQ(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], a);

	/* Another priority is another queue. */
	CHECK_EQ(priority(c, 0), 0);
	CHECK_EQ(event_send(c), 0);
	CHECK_EQ(control->head[0], c);
	CHECK_EQ(control->ready, BIT(EVTCHN_FIFO_PRIORITY_DEFAULT) | BIT(0));
	CHECK_EQ(priority(c, 16), -kEINVAL);
	CHECK_EQ(priority(0xffffffff, 1), -kEINVAL);

	/* Consume a: the guest clears linked and link, then pending. */
	control->head[EVTCHN_FIFO_PRIORITY_DEFAULT] = b;
	words[a] = 0;
	CHECK_EQ(event_send(a), 0);
	CHECK_EQ(words[b] & EVTCHN_FIFO_LINK_MASK, a);
	CHECK_EQ(event_send(a), 0); /* pending and linked: no change */
	CHECK_EQ(words[b] & EVTCHN_FIFO_LINK_MASK, a);
}

static void check_mask(void)
{
	u32 port = (u32)event_bind_ipi(0);

	event_vcpu_info()->evtchn_upcall_pending = 0;
	words[port] = BIT(EVTCHN_FIFO_MASKED);
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(words[port], BIT(EVTCHN_FIFO_MASKED) | BIT(EVTCHN_FIFO_PENDING));
	CHECK_EQ(event_unmask(port), 0);
	CHECK_EQ(words[port], BIT(EVTCHN_FIFO_LINKED) | BIT(EVTCHN_FIFO_PENDING));
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(words[port] & BIT(EVTCHN_FIFO_PENDING), 0);
}

/* A port beyond the array can be bound, but has no word until the guest gives another page. */
static void check_growth(void)
{
	volatile u32 *more = page_alloc();
	long port = 0;

	while (port >= 0 && port < 1030) {
		port = event_bind_ipi(0);
	}
	CHECK_EQ(port, 1030);
	CHECK_EQ(expand(paging_mfn((void *)more)), 0);
	CHECK_EQ(event_send((u32)port), 0);
	CHECK_EQ(more[6], BIT(EVTCHN_FIFO_PENDING) | BIT(EVTCHN_FIFO_LINKED));
	CHECK_EQ(event_send((u32)port - 6), 0);
	CHECK_EQ(more[6] & EVTCHN_FIFO_LINK_MASK, port - 6);
}

void guest_main(void)
{
	kit_init();
	check_init();
	check_queue();
	check_mask();
	check_growth();
	verdict();
}
