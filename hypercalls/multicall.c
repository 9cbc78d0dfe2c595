/* SPDX-License-Identifier: MIT */
/*
 * The door of multicall: a list of hypercalls in the guest's memory, run in order, each result stored in its
 * entry. It may stop between entries, and inside one that wants to be continued; the entry then holds what is
 * left to do, and the multicall is issued again from there. An iret ends the list, whichever mode it goes to.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#define ENTRY_SIZE	sizeof(struct multicall_entry)

long do_multicall(unsigned long list, unsigned int count)
{
	struct multicall_state *mc = &current_vcpu()->multicall;
	struct multicall_entry e;
	unsigned int i;

	if (mc->active) {
		return -XEN_EINVAL;	/* a multicall inside a multicall */
	}
	if (!guest_range_ok(list, (unsigned long)count * ENTRY_SIZE)) {
		return -XEN_EFAULT;
	}
	mc->args = e.args;
	for (i = 0; i < count; i++, list += ENTRY_SIZE) {
		if (i && preempt_check()) {
			break;
		}
		if (copy_from_guest(&e, list, sizeof(e)) != 0) {
			return -XEN_EFAULT;
		}
		mc->active = true;
		mc->again = false;
		e.result = (xen_ulong_t)hypercall_call(e.op, e.args);
		mc->active = false;
		if (e.op == __HYPERVISOR_iret) {
			return (long)e.result;	/* RAX of the frame that iret took */
		}
		if (mc->again) {
			/* Put what is left of the entry back. */
			e.op = mc->op;
			e.result = 0;
			if (copy_to_guest(list, &e, sizeof(e)) != 0) {
				return -XEN_EFAULT;
			}
			break;
		}
		if (copy_to_guest(list + offsetof(struct multicall_entry, result), &e.result, 8) != 0) {
			return -XEN_EFAULT;
		}
	}
	return i == count ? 0 :
	       hypercall_continue(__HYPERVISOR_multicall, 2, list, (unsigned long)(count - i));
}
