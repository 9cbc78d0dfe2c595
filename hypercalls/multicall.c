/* SPDX-License-Identifier: MIT */
/*
 * The door of multicall: a list of hypercalls in the guest's memory, run in order, each result stored in its
 * entry. It may stop between entries, and inside one that wants to be continued; the entry then holds what is
 * left to do, and the multicall is issued again from there. An iret ends the list, whichever mode it goes to.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hypercall.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/xen.h>

#define ENTRY_SIZE	sizeof(struct multicall_entry)

enum step { STEP_NEXT, STEP_AGAIN, STEP_RETURNED };

/* Run one entry; its arguments, changed ones included, are in mc->args. */
static enum step multicall_run(struct vcpu *v, struct multicall_entry *e)
{
	struct multicall_state *mc = &v->multicall;

	for (unsigned int i = 0; i < 6; i++) {
		mc->args[i] = e->args[i];
	}
	mc->active = true;
	mc->again = false;
	e->result = (xen_ulong_t)hypercall_call(e->op, mc->args);
	mc->active = false;
	if (e->op == __HYPERVISOR_iret) {
		return STEP_RETURNED;
	}
	return mc->again ? STEP_AGAIN : STEP_NEXT;
}

/* The entry is to be repeated: put what is left of it back. */
static int multicall_rewrite(unsigned long va, const struct multicall_state *mc)
{
	struct multicall_entry e = { .op = mc->op };

	for (unsigned int i = 0; i < 6; i++) {
		e.args[i] = mc->args[i];
	}
	return copy_to_guest(va, &e, sizeof(e));
}

long do_multicall(unsigned long list, unsigned int count)
{
	struct vcpu *v = current_vcpu();

	if (v->multicall.active) {
		return -XEN_EINVAL;	/* a multicall inside a multicall */
	}
	if (!guest_range_ok(list, (unsigned long)count * ENTRY_SIZE)) {
		return -XEN_EFAULT;
	}
	for (unsigned int i = 0; i < count; i++, list += ENTRY_SIZE) {
		struct multicall_entry e;
		enum step step;

		if (i && preempt_check()) {
			return hypercall_continue(__HYPERVISOR_multicall, 2, list, (unsigned long)(count - i));
		}
		if (copy_from_guest(&e, list, sizeof(e)) != 0) {
			return -XEN_EFAULT;
		}
		step = multicall_run(v, &e);
		if (step == STEP_RETURNED) {
			return (long)e.result;	/* RAX of the frame that iret took */
		}
		if (step == STEP_AGAIN) {
			if (multicall_rewrite(list, &v->multicall) != 0) {
				return -XEN_EFAULT;
			}
			return hypercall_continue(__HYPERVISOR_multicall, 2, list, (unsigned long)(count - i));
		}
		if (copy_to_guest(list + offsetof(struct multicall_entry, result), &e.result, 8) != 0) {
			return -XEN_EFAULT;
		}
	}
	return 0;
}
