/* SPDX-License-Identifier: MIT */
/*
 * Starting and stopping vcpus, by their own domain or by the tools; see vcpu_ops.h. d->lock guards
 * v->initialised, who is up (so that the last one to go is noticed), and where v->info points.
 */
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/frame.h>
#include <dais/pagetype.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_state.h>
#include <dais/sched.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/vcpu_ops.h>
#include <dais/vm_assist.h>
#include <dais/vtime.h>
#include <xen/errno.h>
#include <xen/sched.h>

/* d->lock held. True when v is up now and was not. */
static bool online_set(struct vcpu *v, bool up)
{
	if (!up) {
		atomic_or(&v->pause_flags, VCPU_DOWN);
		return false;
	}
	return atomic_fetch_and(&v->pause_flags, ~VCPU_DOWN) & VCPU_DOWN;
}

/* d->lock held. The first context of the first vcpu brings the domain's own switches along. */
static int context_set_locked(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct domain *d = v->domain;
	bool first = !v->initialised;
	int rc = d->dying == DOMAIN_ALIVE ? pv_context_set(v, c) : -XEN_EINVAL;

	if (rc || !first) {
		return rc;
	}
	v->initialised = true;
	vtime_vcpu_up(v);
	if (v->id == 0) {
		atomic_set(&d->vm_assist, c->vm_assist & VM_ASSIST_VALID);
	}
	return 0;
}

/* again: also one that has a context. */
static int context_set(struct vcpu *v, const struct vcpu_guest_context *c, bool again)
{
	struct domain *d = v->domain;
	bool wake = false;
	int rc = -XEN_EEXIST;

	spin_lock(&d->lock);
	if (again || !v->initialised) {
		rc = context_set_locked(v, c);
	}
	if (rc == 0) {
		wake = online_set(v, c->flags & VGCF_online);
	}
	spin_unlock(&d->lock);
	if (wake) {
		sched_vcpu_wake(v);	/* once the domain is no longer paused, too */
	}
	return rc;
}

int vcpu_initialise(struct vcpu *v, const struct vcpu_guest_context *c)
{
	return context_set(v, c, false);
}

int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
	return context_set(v, c, true);
}

void vcpu_reset(struct vcpu *v)
{
	struct domain *d = v->domain;

	spin_lock(&d->lock);
	online_set(v, false);
	pv_vcpu_reset(v);
	v->initialised = false;
	spin_unlock(&d->lock);
	sched_vcpu_unblock(v);	/* what it waited for is nothing to who comes up next */
	vtime_stop_periodic(v);
	timer_stop(&v->singleshot);
}

int vcpu_up(struct vcpu *v)
{
	struct domain *d = v->domain;
	bool wake = false;
	int rc = 0;

	spin_lock(&d->lock);
	if (v->initialised) {
		wake = online_set(v, true);
	} else {
		rc = -XEN_EINVAL;
	}
	spin_unlock(&d->lock);
	if (wake) {
		sched_vcpu_wake(v);
	}
	return rc;
}

void vcpu_down(struct vcpu *v)
{
	struct domain *d = v->domain;
	struct vcpu *o;
	unsigned int i;
	bool others = false;

	spin_lock(&d->lock);
	domain_for_each_vcpu(d, o, i) {
		others |= o != v && vcpu_is_up(o);
	}
	if (others) {
		online_set(v, false);
	}
	spin_unlock(&d->lock);
	if (others) {
		sched_vcpu_sleep_nosync(v);
	} else {
		domain_shutdown(d, SHUTDOWN_poweroff);
	}
}

/*
 * A sender that read v->info before the change may set bits in the old block after it was copied:
 * so everything counts as pending in the new one, and the guest looks for itself.
 */
static void info_switch(struct vcpu *v, struct vcpu_info *to)
{
	memcpy(to, v->info, sizeof(*to));
	smp_wmb();
	atomic_set(&v->info, to);
	smp_mb();
	atomic_set(&to->evtchn_pending_sel, ~0UL);
	atomic_set(&to->evtchn_upcall_pending, 0);
	vcpu_mark_events_pending(v);
}

int vcpu_register_info(struct vcpu *v, mfn_t mfn, uint32_t offset)
{
	struct frame *f = frame_lookup(mfn);
	struct domain *d = v->domain;
	int rc = -XEN_EINVAL;

	if (offset > PAGE_SIZE - sizeof(struct vcpu_info) ||
	    offset % __alignof__(struct vcpu_info)) {
		return -XEN_ENXIO;
	}
	if (!f || frame_get_writable(f, d)) {
		return -XEN_EINVAL;
	}
	spin_lock(&d->lock);
	if (!v->info_frame && (v == current_vcpu() || !vcpu_is_up(v)) &&
	    d->dying == DOMAIN_ALIVE) {
		v->info_frame = f;
		info_switch(v, (struct vcpu_info *)((char *)frame_address(f) + offset));
		rc = 0;
	}
	spin_unlock(&d->lock);
	if (rc) {
		frame_put_writable(f);
	}
	return rc;
}

void vcpu_send_nmi(struct vcpu *v)
{
	atomic_or(&v->exit_work, VCPU_WORK_NMI);
	vcpu_kick(v);
}

int vcpu_physid(struct vcpu *v, uint64_t *id)
{
	const struct cpu *c;
	cpumask_t hard, soft;

	sched_get_affinity(v, &hard, &soft);
	if (!v->domain->is_hardware || cpumask_weight(&hard) != 1) {
		return -XEN_EINVAL;
	}
	c = cpu_ptr(cpumask_first(&hard));
	*id = c->apic_id | (uint64_t)c->acpi_id << 32;
	return 0;
}

bool vcpu_pause_try(struct vcpu *v)
{
	vcpu_pause_nosync(v);
	while (atomic_read_acquire(&v->running)) {
		if (preempt_check()) {
			vcpu_unpause(v);
			return false;
		}
		cpu_relax();
	}
	return true;
}
