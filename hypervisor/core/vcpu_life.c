/* SPDX-License-Identifier: MIT */
/*
 * Making and freeing vcpus. A vcpu appears in its domain's table once it is complete and stays until the domain is
 * freed, so whoever holds a domain reference may use the pointer.
 */
#include <dais/domain.h>
#include <dais/evtchn.h>
#include <dais/hv_alloc.h>
#include <dais/percpu.h>
#include <dais/pv_state.h>
#include <dais/sched.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/vcpu_life.h>
#include <dais/vtime.h>
#include <xen/errno.h>

/* Those without a slot in shared_info start on this private page, with events masked, until they register one. */
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
	const cpumask_t *pool = cpupool_cpus(d);
	unsigned int n = cpumask_weight(pool), skip = n ? (id + d->domid) % n : 0, cpu;

	cpumask_for_each(cpu, pool) {
		if (skip-- == 0) {
			return cpu;
		}
	}
	return 0;
}

int vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v = hv_alloc(sizeof(*v));
	int rc = -XEN_ENOMEM;

	if (v == NULL) {
		return rc;
	}
	v->domain = d;
	v->id = id;
	v->pause_flags = VCPU_DOWN;
	v->pause_count = atomic_read(&d->pause_count);	/* it shares the fate of its domain */
	rc = vcpu_info_init(v);
	if (rc != 0) {
		goto free;
	}
	rc = pv_vcpu_init(v);
	if (rc != 0) {
		goto free;
	}
	sched_vcpu_init(v, vcpu_first_cpu(d, id));
	vtime_vcpu_init(v);
	vtime_update(v, true);
	d->vcpu[id] = v;
	return 0;
free:
	hv_free(v->info_private);
	hv_free(v);
	return rc;
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
	if (vcpu_info_init(v) != 0) {
		hv_free(v);
		return NULL;
	}
	return v;
}

int domain_alloc_vcpus(struct domain *d, unsigned int n)
{
	if (n != d->max_vcpus) {
		return -XEN_EINVAL;
	}
	for (unsigned int i = 0; i < n; i++) {
		int rc = d->vcpu[i] == NULL ? vcpu_create(d, i) : 0;

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

/* Everything that refers to other rooms; the vcpu does not run any more. The struct itself goes with the domain. */
void vcpu_relinquish(struct vcpu *v)
{
	vtime_vcpu_destroy(v);
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
	v->info = v->info_private != NULL ? v->info_private : &v->domain->shared_info->vcpu_info[v->id];
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
