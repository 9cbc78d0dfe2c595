/* SPDX-License-Identifier: MIT */
/*
 * Door of vcpu_op: each command acts on one vcpu of the caller's own domain, which may be another
 * than the one calling. Guests also learn from it how many vcpus they have.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_switch.h>
#include <dais/sched.h>
#include <dais/vcpu.h>
#include <dais/vcpu_ops.h>
#include <dais/vtime.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/shared_info.h>
#include <xen/vcpu.h>
#include <xen/xen.h>

/* The context is too large for a stack. */
static long vcpu_op_initialise(struct vcpu *v, unsigned long arg)
{
	struct vcpu_guest_context *c;
	int rc = -XEN_EFAULT;

	c = hv_alloc(sizeof(*c));
	if (!c) {
		return -XEN_ENOMEM;
	}
	if (copy_from_guest(c, arg, sizeof(*c)) == 0) {
		rc = vcpu_initialise(v, c);
	}
	hv_free(c);
	return rc;
}

static long vcpu_op_up(struct vcpu *v, unsigned long arg)
{
	return vcpu_up(v);
}

static long vcpu_op_down(struct vcpu *v, unsigned long arg)
{
	vcpu_down(v);
	return 0;
}

static long vcpu_op_is_up(struct vcpu *v, unsigned long arg)
{
	return vcpu_is_up(v);
}

static long vcpu_op_get_runstate(struct vcpu *v, unsigned long arg)
{
	struct vcpu_runstate_info info;

	runstate_get(v, &info);
	return copy_to_guest(arg, &info, sizeof(info)) ? -XEN_EFAULT : 0;
}

/*
 * The area is written at once if it can be; a guest may also register it before it has mapped it.
 */
static long vcpu_op_runstate_area(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_runstate_memory_area a;
	struct vcpu_runstate_info info;

	if (copy_from_guest(&a, arg, sizeof(a)) || !guest_range_ok(a.addr.v, sizeof(info))) {
		return -XEN_EFAULT;
	}
	atomic_set(&v->runstate_va, a.addr.v);
	if (v == current_vcpu()) {
		pv_areas_update(v);
	} else if (a.addr.v) {
		runstate_get(v, &info);
		(void)copy_to_guest(a.addr.v, &info, sizeof(info));
	}
	return 0;
}

static long vcpu_op_time_area(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_time_memory_area a;

	if (copy_from_guest(&a, arg, sizeof(a)) ||
	    !guest_range_ok(a.addr.v, sizeof(struct vcpu_time_info))) {
		return -XEN_EFAULT;
	}
	atomic_set(&v->time_va, a.addr.v);
	if (v == current_vcpu()) {
		vtime_update(v, true);
		pv_areas_update(v);
	}
	return 0;
}

/*
 * Timers belong to the CPU their vcpu runs on: another's may be touched only while it does not run.
 */
static long vcpu_op_set_periodic(struct vcpu *v, unsigned long arg)
{
	struct vcpu_set_periodic_timer t;
	bool other = v != current_vcpu();
	int rc;

	if (copy_from_guest(&t, arg, sizeof(t))) {
		return -XEN_EFAULT;
	}
	if (other && !vcpu_pause_try(v)) {
		return -ERESTART;
	}
	rc = vtime_set_periodic(v, t.period_ns);
	if (other) {
		vcpu_unpause(v);
	}
	return rc;
}

static long vcpu_op_stop_periodic(struct vcpu *v, unsigned long arg)
{
	bool other = v != current_vcpu();

	if (other && !vcpu_pause_try(v)) {
		return -ERESTART;
	}
	vtime_stop_periodic(v);
	if (other) {
		vcpu_unpause(v);
	}
	return 0;
}

static long vcpu_op_set_singleshot(struct vcpu *v, unsigned long arg)
{
	struct vcpu_set_singleshot_timer t;

	if (v != current_vcpu()) {
		return -XEN_EINVAL;
	}
	if (copy_from_guest(&t, arg, sizeof(t))) {
		return -XEN_EFAULT;
	}
	/* Flags are ignored: a time that has passed fires at once, whoever asks. */
	return vtime_set_singleshot(v, t.timeout_abs_ns);
}

static long vcpu_op_stop_singleshot(struct vcpu *v, unsigned long arg)
{
	if (v != current_vcpu()) {
		return -XEN_EINVAL;
	}
	timer_stop(&v->singleshot);
	return 0;
}

static long vcpu_op_register_info(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_vcpu_info r;

	if (copy_from_guest(&r, arg, sizeof(r))) {
		return -XEN_EFAULT;
	}
	return vcpu_register_info(v, r.mfn, r.offset);
}

static long vcpu_op_send_nmi(struct vcpu *v, unsigned long arg)
{
	if (arg) {
		return -XEN_EINVAL;
	}
	vcpu_send_nmi(v);
	return 0;
}

static long vcpu_op_get_physid(struct vcpu *v, unsigned long arg)
{
	struct vcpu_get_physid p;
	int rc = vcpu_physid(v, &p.phys_id);

	if (rc) {
		return rc;
	}
	return copy_to_guest(arg, &p, sizeof(p)) ? -XEN_EFAULT : 0;
}

static long (*const vcpu_table[])(struct vcpu *v, unsigned long arg) = {
	[VCPUOP_initialise] = vcpu_op_initialise,
	[VCPUOP_up] = vcpu_op_up,
	[VCPUOP_down] = vcpu_op_down,
	[VCPUOP_is_up] = vcpu_op_is_up,
	[VCPUOP_get_runstate_info] = vcpu_op_get_runstate,
	[VCPUOP_register_runstate_memory_area] = vcpu_op_runstate_area,
	[VCPUOP_set_periodic_timer] = vcpu_op_set_periodic,
	[VCPUOP_stop_periodic_timer] = vcpu_op_stop_periodic,
	[VCPUOP_set_singleshot_timer] = vcpu_op_set_singleshot,
	[VCPUOP_stop_singleshot_timer] = vcpu_op_stop_singleshot,
	[VCPUOP_register_vcpu_info] = vcpu_op_register_info,
	[VCPUOP_send_nmi] = vcpu_op_send_nmi,
	[VCPUOP_get_physid] = vcpu_op_get_physid,
	[VCPUOP_register_vcpu_time_memory_area] = vcpu_op_time_area,
};

long do_vcpu_op(unsigned int cmd, unsigned int vcpu, unsigned long arg)
{
	struct domain *d = current_vcpu()->domain;
	struct vcpu *v;
	long rc;

	if (vcpu >= d->max_vcpus) {
		return -XEN_ENOENT;
	}
	v = d->vcpu[array_index_nospec((unsigned long)vcpu, (unsigned long)d->max_vcpus)];
	if (!v) {
		return -XEN_ENOENT;
	}
	if (cmd >= ARRAY_SIZE(vcpu_table)) {
		return -XEN_ENOSYS;
	}
	rc = vcpu_table[array_index_nospec((unsigned long)cmd, ARRAY_SIZE(vcpu_table))](v, arg);
	if (rc == -ERESTART) {
		return hypercall_continue(__HYPERVISOR_vcpu_op, 3, (unsigned long)cmd,
					  (unsigned long)vcpu, arg);
	}
	return rc;
}
