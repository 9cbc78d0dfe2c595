/* SPDX-License-Identifier: MIT */
/*
 * Making and freeing vcpus, and starting and stopping them, by their own domain or by the tools;
 * see vcpu_ops.h. d->lock guards v->initialised, who is up (so that the last one to go is noticed),
 * and where v->info points.
 *
 * A vcpu appears in its domain's table once it is complete and stays until the domain is freed, so
 * whoever holds a domain reference may use the pointer.
 */
#include <dais/barrier.h>
#include <dais/domain.h>
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/pv_state.h>
#include <dais/string.h>
#include <dais/vcpu_ops.h>
#include <dais/vm_assist.h>
#include <dais/vtime.h>
#include <xen/errno.h>
#include <xen/sched.h>

/* --- starting and stopping --- */

int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c, bool again)
{
	struct domain *d = v->domain;
	bool first;
	int rc = -XEN_EEXIST;

	spin_lock(&d->lock);
	first = !v->initialised;
	if (again || first) {
		rc = d->dying == DOMAIN_ALIVE ? pv_context_set(v, c) : -XEN_EINVAL;
	}
	if (rc == 0 && first) {
		vtime_set_periodic(v, VTIME_PERIOD_DEFAULT);
		if (v->id == 0) {	/* which brings the domain's own switches along */
			atomic_set(&d->vm_assist, c->vm_assist & VM_ASSIST_VALID);
		}
	}
	if (rc == 0 && c->flags & VGCF_online) {
		atomic_and(&v->pause_flags, ~VCPU_DOWN);
	} else if (rc == 0) {
		atomic_or(&v->pause_flags, VCPU_DOWN);
	}
	spin_unlock(&d->lock);
	if (rc == 0 && v->id == 0) {
		vtime_update_wallclock(d);	/* builders clear the shared info page, or fill in an old one */
	}
	sched_vcpu_wake(v);	/* once the domain is no longer paused, too */
	return rc;
}

void vcpu_reset(struct vcpu *v)
{
	struct domain *d = v->domain;

	spin_lock(&d->lock);
	atomic_or(&v->pause_flags, VCPU_DOWN);
	pv_vcpu_reset(v);
	spin_unlock(&d->lock);
	sched_vcpu_unblock(v);	/* what it waited for is nothing to who comes up next */
	vtime_stop_periodic(v);
	timer_stop(&v->singleshot);
}

int vcpu_up(struct vcpu *v)
{
	struct domain *d = v->domain;
	int rc = -XEN_EINVAL;

	spin_lock(&d->lock);
	if (v->initialised) {
		atomic_and(&v->pause_flags, ~VCPU_DOWN);
		rc = 0;
	}
	spin_unlock(&d->lock);
	sched_vcpu_wake(v);
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
		atomic_or(&v->pause_flags, VCPU_DOWN);
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

/* --- making and freeing --- */

/* Those without a slot in shared_info start on a private page until they register one. */
static int vcpu_info_init(struct vcpu *v)
{
	if (v->id < XEN_LEGACY_MAX_VCPUS && v->domain->shared_info != NULL) {
		v->info = &v->domain->shared_info->vcpu_info[v->id];
	} else {
		v->info_private = hv_alloc(sizeof(struct vcpu_info));
		v->info = v->info_private;
	}
	if (v->info == NULL) {
		return -XEN_ENOMEM;
	}
	v->info->evtchn_upcall_mask = 1;
	return 0;
}

static unsigned int vcpu_first_cpu(const struct domain *d, unsigned int id)
{
	const cpumask_t *pool = d->sched.pool_cpus;
	unsigned int n = cpumask_weight(pool), skip = n ? (id + d->domid) % n : 0, cpu;

	cpumask_for_each(cpu, pool) {
		if (skip-- == 0) {
			return cpu;
		}
	}
	return 0;
}

static int vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v = hv_alloc(sizeof(*v));
	int rc;

	if (v == NULL) {
		return -XEN_ENOMEM;
	}
	v->domain = d;
	v->id = id;
	v->pause_flags = VCPU_DOWN;
	v->pause_count = atomic_read(&d->pause_count);	/* it shares the fate of its domain */
	rc = vcpu_info_init(v);
	rc = rc ? rc : pv_vcpu_init(v);
	if (rc != 0) {
		hv_free(v->info_private);
		hv_free(v);
		return rc;
	}
	sched_vcpu_init(v, vcpu_first_cpu(d, id));
	vtime_vcpu_init(v);
	vtime_update(v, true);
	d->vcpu[id] = v;
	return 0;
}

struct vcpu *vcpu_create_idle(unsigned int cpu, struct domain *idle)
{
	struct vcpu *v = hv_alloc(sizeof(*v));

	if (v == NULL) {
		return NULL;
	}
	v->domain = idle;
	v->id = cpu;
	v->kernel_mode = 1;
	return vcpu_info_init(v) == 0 ? v : NULL;	/* without it, nothing goes on */
}

int domain_alloc_vcpus(struct domain *d, unsigned int n)
{
	int rc = n == d->max_vcpus ? 0 : -XEN_EINVAL;

	for (unsigned int i = 0; rc == 0 && i < n; i++) {
		rc = d->vcpu[i] == NULL ? vcpu_create(d, i) : 0;
	}
	return rc;
}

/* All that refers to other rooms; it does not run any more. The struct goes with the domain. */
void vcpu_relinquish(struct vcpu *v)
{
	timer_kill(&v->singleshot);
	timer_kill(&v->periodic);
	v->runstate_va = 0;
	v->time_va = 0;
	pv_vcpu_reset(v);
}

/* Back to the private or shared page: the registered one is the guest's and about to go. */
void vcpu_info_release(struct vcpu *v)
{
	struct frame *f = v->info_frame;

	if (f == NULL) {
		return;
	}
	v->info = v->info_private != NULL ? v->info_private
					  : &v->domain->shared_info->vcpu_info[v->id];
	v->info_frame = NULL;
	frame_put_writable(f);
}

void vcpu_free(struct vcpu *v)
{
	sched_vcpu_destroy(v);
	pv_vcpu_destroy(v);
	hv_free(v->info_private);
	hv_free(v);
}
