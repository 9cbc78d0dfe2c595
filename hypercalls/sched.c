/* SPDX-License-Identifier: MIT */
/*
 * Door of sched_op: giving up the CPU, waiting, and ending domains. The waiting itself is the
 * scheduler's: the calls return at once and the vcpu is descheduled on the way out.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/watchdog.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/sched.h>

#include "subop.h"

#define POLL_PORTS_MAX	128

static long sched_op_yield(void *arg)
{
	return sched_yield();
}

static long sched_op_block(void *arg)
{
	return sched_block();
}

/* The reason travels through 8 bits of the domain's status word. */
static long sched_op_shutdown(void *arg)
{
	const struct sched_shutdown *a = arg;

	domain_shutdown(current_vcpu()->domain, (uint8_t)a->reason);
	return 0;
}

static long sched_op_poll(void *arg)
{
	const struct sched_poll *a = arg;
	uint32_t ports[POLL_PORTS_MAX];

	if (a->nr_ports > POLL_PORTS_MAX) {
		return -XEN_EINVAL;
	}
	if (copy_from_guest(ports, a->ports, a->nr_ports * sizeof(ports[0]))) {
		return -XEN_EFAULT;
	}
	return sched_poll(ports, a->nr_ports, a->timeout);
}

static long sched_op_remote_shutdown(void *arg)
{
	const struct sched_remote_shutdown *a = arg;
	struct domain *d = domain_get_by_id(a->domain_id);
	int rc = -XEN_EPERM;

	if (!d) {
		return -XEN_ESRCH;
	}
	if (current_vcpu()->domain->is_privileged) {
		domain_shutdown(d, (uint8_t)a->reason);
		rc = 0;
	}
	domain_put(d);
	return rc;
}

static long sched_op_shutdown_code(void *arg)
{
	const struct sched_shutdown *a = arg;
	struct domain *d = current_vcpu()->domain;

	spin_lock(&d->lock);
	if (d->shutdown_code == ~0U) {
		d->shutdown_code = (uint8_t)a->reason;
	}
	spin_unlock(&d->lock);
	return 0;
}

static long sched_op_watchdog(void *arg)
{
	const struct sched_watchdog *a = arg;

	return watchdog_set(current_vcpu()->domain, a->id, a->timeout);
}

static long sched_op_pin_override(void *arg)
{
	const struct sched_pin_override *a = arg;

	if (!current_vcpu()->domain->is_hardware) {
		return -XEN_EPERM;
	}
	return sched_pin_override(current_vcpu(), a->pcpu);
}

static const struct subop sched_table[] = {
	[SCHEDOP_yield] = SUBOP_NOARG(0, sched_op_yield),
	[SCHEDOP_block] = SUBOP_NOARG(0, sched_op_block),
	[SCHEDOP_shutdown] = SUBOP(struct sched_shutdown, SUBOP_IN, sched_op_shutdown),
	[SCHEDOP_poll] = SUBOP(struct sched_poll, SUBOP_IN, sched_op_poll),
	[SCHEDOP_remote_shutdown] = SUBOP(struct sched_remote_shutdown, SUBOP_IN,
					  sched_op_remote_shutdown),
	[SCHEDOP_shutdown_code] = SUBOP(struct sched_shutdown, SUBOP_IN, sched_op_shutdown_code),
	[SCHEDOP_watchdog] = SUBOP(struct sched_watchdog, SUBOP_IN, sched_op_watchdog),
	[SCHEDOP_pin_override] = SUBOP(struct sched_pin_override, SUBOP_IN, sched_op_pin_override),
};

long do_sched_op(unsigned int cmd, unsigned long arg)
{
	return subop_dispatch(sched_table, ARRAY_SIZE(sched_table), cmd, arg);
}
