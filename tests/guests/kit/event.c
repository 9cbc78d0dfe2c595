/* SPDX-License-Identifier: MIT */
/*
 * Owns the mapping of the shared info page and the counts of events seen. The upcall handler is
 * the only writer of the counts; tests read them with upcalls off or tolerate a late count.
 */
#include "event.h"

#include <xen/event_channel.h>
#include <xen/version.h>

#include "hypercall.h"
#include "paging.h"
#include "verdict.h"

volatile unsigned int event_upcalls;
volatile unsigned int event_count[4096];

static char shared_page[PAGE_SIZE] PAGE_ALIGNED;
static struct vcpu_info *current_info = &((struct shared_info *)shared_page)->vcpu_info[0];

void event_init(void)
{
	long err = paging_set(shared_page, start_info->shared_info | PTE_FLAGS_RW);

	if (err != 0) {
		verdict_fail("cannot map shared info: %ld", err);
	}
}

struct shared_info *event_shared(void)
{
	return (struct shared_info *)shared_page;
}

struct vcpu_info *event_vcpu_info(void)
{
	return current_info;
}

void event_set_vcpu_info(struct vcpu_info *info)
{
	current_info = info;
}

static bool bit_test(const volatile xen_ulong_t *map, unsigned int bit)
{
	return (map[bit / 64] >> (bit % 64)) & 1;
}

static void bit_clear(volatile xen_ulong_t *map, unsigned int bit)
{
	__asm__ volatile("lock btrq %1, %0" : "+m"(map[bit / 64]) : "r"((u64)bit % 64));
}

static void bit_set(volatile xen_ulong_t *map, unsigned int bit)
{
	__asm__ volatile("lock btsq %1, %0" : "+m"(map[bit / 64]) : "r"((u64)bit % 64));
}

bool event_pending(unsigned int port)
{
	return bit_test(event_shared()->evtchn_pending, port);
}

void event_clear(unsigned int port)
{
	bit_clear(event_shared()->evtchn_pending, port);
}

void event_mask(unsigned int port)
{
	bit_set(event_shared()->evtchn_mask, port);
}

bool event_masked(unsigned int port)
{
	return bit_test(event_shared()->evtchn_mask, port);
}

long event_unmask(unsigned int port)
{
	struct evtchn_unmask op = { .port = port };

	return HC(event_channel_op, EVTCHNOP_unmask, &op);
}

void event_upcall(struct trap_frame *frame)
{
	struct vcpu_info *vi = event_vcpu_info();
	struct shared_info *s = event_shared();
	u64 selector = 0;

	(void)frame;
	event_upcalls++;
	vi->evtchn_upcall_pending = 0;
	__asm__ volatile("xchgq %0, %1" : "+r"(selector), "+m"(vi->evtchn_pending_sel));
	for (unsigned int w = 0; w < 64; w++) {
		u64 bits = 0;

		if ((selector >> w) & 1) {
			bits = s->evtchn_pending[w] & ~s->evtchn_mask[w];
		}
		for (; bits != 0; bits &= bits - 1) {
			unsigned int port = w * 64 + (unsigned int)__builtin_ctzl(bits);

			event_clear(port);
			event_count[port]++;
		}
	}
}

void event_enable(void)
{
	volatile struct vcpu_info *vi = event_vcpu_info();

	barrier();
	vi->evtchn_upcall_mask = 0;
	barrier();
	if (vi->evtchn_upcall_pending) {
		HC(xen_version, XENVER_version, 0);
	}
}

void event_disable(void)
{
	((volatile struct vcpu_info *)event_vcpu_info())->evtchn_upcall_mask = 1;
	barrier();
}

long event_alloc_unbound(domid_t dom, domid_t remote)
{
	struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote };
	long err = HC(event_channel_op, EVTCHNOP_alloc_unbound, &op);

	return err ? err : (long)op.port;
}

long event_bind_interdomain(domid_t remote, unsigned int remote_port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = remote_port };
	long err = HC(event_channel_op, EVTCHNOP_bind_interdomain, &op);

	return err ? err : (long)op.local_port;
}

long event_bind_virq(unsigned int virq, unsigned int vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
	long err = HC(event_channel_op, EVTCHNOP_bind_virq, &op);

	return err ? err : (long)op.port;
}

long event_bind_ipi(unsigned int vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };
	long err = HC(event_channel_op, EVTCHNOP_bind_ipi, &op);

	return err ? err : (long)op.port;
}

long event_send(unsigned int port)
{
	struct evtchn_send op = { .port = port };

	return HC(event_channel_op, EVTCHNOP_send, &op);
}

long event_close(unsigned int port)
{
	struct evtchn_close op = { .port = port };

	return HC(event_channel_op, EVTCHNOP_close, &op);
}
