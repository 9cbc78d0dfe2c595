/* SPDX-License-Identifier: MIT */
/*
 * Door of vcpu_op: each command acts on one vcpu of the caller's own domain, which may be another
 * than the one calling. Guests also learn from it how many vcpus they have.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_switch.h>
#include <dais/vcpu_ops.h>
#include <dais/vtime.h>
#include <hypercall_table.h>
#include <xen/errno.h>

#include "vcpu.h"

/* What a command takes or gives, as its row says; else the address, or what stands in its place. */
union vcpu_arg {
	unsigned long va;
	struct vcpu_runstate_info runstate;
	struct vcpu_register_runstate_memory_area area;
	struct vcpu_register_time_memory_area time;
	struct vcpu_set_periodic_timer periodic;
	struct vcpu_set_singleshot_timer singleshot;
	struct vcpu_register_vcpu_info info;
	struct vcpu_get_physid physid;
};

/* The context is too large for a stack. */
long vcpu_context_load(struct vcpu *v, unsigned long va, bool again)
{
	struct vcpu_guest_context *c;
	int rc = -XEN_EFAULT;

	c = hv_alloc(sizeof(*c));
	if (!c) {
		return -XEN_ENOMEM;
	}
	if (copy_from_guest(c, va, sizeof(*c)) == 0) {
		rc = vcpu_set_context(v, c, again);
	}
	hv_free(c);
	return rc;
}

static long vcpu_op_initialise(struct vcpu *v, union vcpu_arg *a)
{
	return vcpu_context_load(v, a->va, false);
}

static long vcpu_op_up(struct vcpu *v, union vcpu_arg *a)
{
	return vcpu_up(v);
}

static long vcpu_op_down(struct vcpu *v, union vcpu_arg *a)
{
	vcpu_down(v);
	return 0;
}

static long vcpu_op_is_up(struct vcpu *v, union vcpu_arg *a)
{
	return vcpu_is_up(v);
}

static long vcpu_op_get_runstate(struct vcpu *v, union vcpu_arg *a)
{
	runstate_get(v, &a->runstate);
	return 0;
}

/*
 * The area is written at once if it can be; a guest may also register it before it has mapped it.
 */
static long vcpu_op_runstate_area(struct vcpu *v, union vcpu_arg *a)
{
	unsigned long va = a->area.addr.v;
	struct vcpu_runstate_info info;

	if (!guest_range_ok(va, sizeof(info))) {
		return -XEN_EFAULT;
	}
	atomic_set(&v->runstate_va, va);
	if (v == current_vcpu()) {
		pv_areas_update(v);
	} else if (va) {
		runstate_get(v, &info);
		(void)copy_to_guest(va, &info, sizeof(info));
	}
	return 0;
}

static long vcpu_op_time_area(struct vcpu *v, union vcpu_arg *a)
{
	if (!guest_range_ok(a->time.addr.v, sizeof(struct vcpu_time_info))) {
		return -XEN_EFAULT;
	}
	atomic_set(&v->time_va, a->time.addr.v);
	if (v == current_vcpu()) {
		vtime_update(v, true);
		pv_areas_update(v);
	}
	return 0;
}

static long vcpu_op_set_periodic(struct vcpu *v, union vcpu_arg *a)
{
	return vtime_set_periodic(v, a->periodic.period_ns);
}

static long vcpu_op_stop_periodic(struct vcpu *v, union vcpu_arg *a)
{
	vtime_stop_periodic(v);
	return 0;
}

/* Flags are ignored: a time that has passed fires at once, whoever asks. */
static long vcpu_op_singleshot(struct vcpu *v, union vcpu_arg *a)
{
	return vtime_set_singleshot(v, a->singleshot.timeout_abs_ns);
}

static long vcpu_op_stop_singleshot(struct vcpu *v, union vcpu_arg *a)
{
	timer_stop(&v->singleshot);
	return 0;
}

static long vcpu_op_register_info(struct vcpu *v, union vcpu_arg *a)
{
	return vcpu_register_info(v, a->info.mfn, a->info.offset);
}

static long vcpu_op_send_nmi(struct vcpu *v, union vcpu_arg *a)
{
	if (a->va) {
		return -XEN_EINVAL;
	}
	vcpu_send_nmi(v);
	return 0;
}

/* Of a vcpu of the hardware domain that may run on one CPU only: that. */
static long vcpu_op_get_physid(struct vcpu *v, union vcpu_arg *a)
{
	const struct cpu *c;
	cpumask_t hard, soft;

	sched_get_affinity(v, &hard, &soft);
	if (!v->domain->is_hardware || cpumask_weight(&hard) != 1) {
		return -XEN_EINVAL;
	}
	c = cpu_ptr(cpumask_first(&hard));
	a->physid.phys_id = c->apic_id | (uint64_t)c->acpi_id << 32;
	return 0;
}

/* --- the door --- */

/* Timers belong to the CPU their vcpu runs on: another's may be touched only while it stands. */
enum vcpu_op_other { RUNNING, STOPPED, REFUSED };

struct vcpu_op {
	long (*fn)(struct vcpu *v, union vcpu_arg *a);
	uint8_t in, out;		/* bytes to copy before the call, and after success */
	uint8_t other;			/* how a vcpu must be that is not the caller */
};

#define SIZE(member)	sizeof(((union vcpu_arg *)0)->member)

static const struct vcpu_op vcpu_table[] = {
	[VCPUOP_initialise] = { .fn = vcpu_op_initialise },
	[VCPUOP_up] = { .fn = vcpu_op_up },
	[VCPUOP_down] = { .fn = vcpu_op_down },
	[VCPUOP_is_up] = { .fn = vcpu_op_is_up },
	[VCPUOP_get_runstate_info] = { .fn = vcpu_op_get_runstate, .out = SIZE(runstate) },
	[VCPUOP_register_runstate_memory_area] = { .fn = vcpu_op_runstate_area, .in = SIZE(area) },
	[VCPUOP_set_periodic_timer] = { .fn = vcpu_op_set_periodic,
					.in = SIZE(periodic), .other = STOPPED },
	[VCPUOP_stop_periodic_timer] = { .fn = vcpu_op_stop_periodic, .other = STOPPED },
	[VCPUOP_set_singleshot_timer] = { .fn = vcpu_op_singleshot,
					  .in = SIZE(singleshot), .other = REFUSED },
	[VCPUOP_stop_singleshot_timer] = { .fn = vcpu_op_stop_singleshot, .other = REFUSED },
	[VCPUOP_register_vcpu_info] = { .fn = vcpu_op_register_info, .in = SIZE(info) },
	[VCPUOP_send_nmi] = { .fn = vcpu_op_send_nmi },
	[VCPUOP_get_physid] = { .fn = vcpu_op_get_physid, .out = SIZE(physid) },
	[VCPUOP_register_vcpu_time_memory_area] = { .fn = vcpu_op_time_area, .in = SIZE(time) },
};

static long vcpu_op_run(const struct vcpu_op *op, struct vcpu *v, unsigned long arg)
{
	unsigned int how = v != current_vcpu() ? op->other : RUNNING;
	union vcpu_arg a;
	long rc;

	if (how == REFUSED) {
		return -XEN_EINVAL;
	}
	a.va = arg;
	if (op->in && copy_from_guest(&a, arg, op->in)) {
		return -XEN_EFAULT;
	}
	if (how == STOPPED && !vcpu_pause_try(v)) {
		return -ERESTART;
	}
	rc = op->fn(v, &a);
	if (how == STOPPED) {
		vcpu_unpause(v);
	}
	return rc == 0 && op->out && copy_to_guest(arg, &a, op->out) ? -XEN_EFAULT : rc;
}

long do_vcpu_op(unsigned int cmd, unsigned int vcpu, unsigned long arg)
{
	struct domain *d = current_vcpu()->domain;
	struct vcpu *v = NULL;
	long rc;

	if (vcpu < d->max_vcpus) {
		v = d->vcpu[array_index_nospec((unsigned long)vcpu, (unsigned long)d->max_vcpus)];
	}
	if (!v) {
		return -XEN_ENOENT;
	}
	if (cmd >= ARRAY_SIZE(vcpu_table)) {
		return -XEN_ENOSYS;
	}
	cmd = array_index_nospec(cmd, ARRAY_SIZE(vcpu_table));
	rc = vcpu_op_run(&vcpu_table[cmd], v, arg);
	if (rc == -ERESTART) {
		return hypercall_continue(__HYPERVISOR_vcpu_op, 3, (unsigned long)cmd,
					  (unsigned long)vcpu, arg);
	}
	return rc;
}
