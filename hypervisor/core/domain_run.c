/* SPDX-License-Identifier: MIT */
/*
 * Running and stopping whole domains: pause counts, shutdown with a reason, crash, resume. A domain's pause count
 * is folded into that of each vcpu. d->lock guards the shutdown fields.
 */
#include <dais/crash.h>
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/printf.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/softirq.h>
#include <xen/sched.h>

void domain_pause_nosync(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	atomic_inc(&d->pause_count);
	domain_for_each_vcpu(d, v, i) {
		vcpu_pause_nosync(v);
	}
}

/* All are told first and waited for afterwards, so that they stop side by side. */
void domain_pause(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	domain_pause_nosync(d);
	domain_for_each_vcpu(d, v, i) {
		vcpu_wait_stopped(v);
	}
}

void domain_unpause(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;

	atomic_dec(&d->pause_count);
	domain_for_each_vcpu(d, v, i) {
		vcpu_unpause(v);
	}
}

/* What dom0's own end means for the machine. */
static void hardware_domain_shutdown(uint32_t reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		pr_info("dom0 has powered off: powering the machine off\n");
		machine_poweroff();
	case SHUTDOWN_crash:
		pr_err("dom0 has crashed: see the messages above\n");
		machine_crash_end();
	default:
		pr_info("dom0 asked for a restart (reason %u): restarting the machine\n", reason);
		machine_restart();
	}
}

void domain_shutdown(struct domain *d, uint32_t reason)
{
	struct vcpu *v;
	unsigned int i;

	spin_lock(&d->lock);
	if (d->shutting_down) {
		spin_unlock(&d->lock);
		return;
	}
	d->shutting_down = true;
	if (d->shutdown_code == ~0U) {
		d->shutdown_code = reason;	/* else it has said what it would be (SCHEDOP_shutdown_code) */
	}
	reason = d->shutdown_code;
	spin_unlock(&d->lock);
	if (d->is_hardware) {
		hardware_domain_shutdown(reason);
	}
	domain_for_each_vcpu(d, v, i) {
		vcpu_pause_nosync(v);
	}
	spin_lock(&d->lock);
	d->shut_down = true;
	spin_unlock(&d->lock);
	virq_send_global(VIRQ_DOM_EXC);
}

void domain_resume(struct domain *d)
{
	struct vcpu *v;
	unsigned int i;
	bool was;

	domain_pause(d);
	spin_lock(&d->lock);
	was = d->shutting_down;
	d->shutting_down = d->shut_down = false;
	d->shutdown_code = ~0U;
	spin_unlock(&d->lock);
	domain_for_each_vcpu(d, v, i) {
		if (was) {
			vcpu_unpause(v);
		}
	}
	domain_unpause(d);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
	struct vcpu *v = current_vcpu();
	char text[160];
	va_list ap;

	if (d->shutting_down) {
		softirq_raise(SOFTIRQ_SCHEDULE);
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pr_err("dais: domain %u crashed: %s\n", d->domid, text);
	if (v != NULL && v->domain == d) {
		crash_show_vcpu(v);
	}
	domain_shutdown(d, SHUTDOWN_crash);
	softirq_raise(SOFTIRQ_SCHEDULE);
}
