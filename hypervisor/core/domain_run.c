/* SPDX-License-Identifier: MIT */
/*
 * Running and stopping whole domains: pause counts, shutdown with a reason, crash, resume,
 * watchdogs. A domain's pause count is folded into that of each vcpu. d->lock guards the shutdown
 * fields and the watchdogs.
 */
#include <dais/crash.h>
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/printf.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/softirq.h>
#include <dais/time.h>
#include <dais/watchdog.h>
#include <xen/errno.h>
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
	was = d->shut_down;	/* not one that is only about to be: its vcpus are still to be paused */
	if (was) {
		d->shutting_down = d->shut_down = false;
		d->shutdown_code = ~0U;
	}
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

/* --- watchdogs; see watchdog.h. One is in use while its timer is armed --- */

static void watchdog_expired(void *data)
{
	domain_shutdown(data, SHUTDOWN_watchdog);
}

static int watchdog_set_locked(struct domain *d, uint32_t id, uint32_t seconds)
{
	unsigned long i = 0;
	struct timer *t;

	if (d->dying != DOMAIN_ALIVE || id > ARRAY_SIZE(d->watchdog) || (id == 0 && seconds == 0)) {
		return -XEN_EINVAL;
	}
	while (id == 0 && timer_armed(&d->watchdog[i])) {
		if (++i == ARRAY_SIZE(d->watchdog)) {
			return -XEN_ENOSPC;
		}
	}
	t = &d->watchdog[array_index_nospec(id ? id - 1UL : i, ARRAY_SIZE(d->watchdog))];
	if (id && !timer_armed(t)) {
		return -XEN_EINVAL;
	}
	if (seconds == 0) {
		timer_stop(t);
		return 0;
	}
	if (!t->fn) {
		timer_init(t, watchdog_expired, d, cpu_id());
	}
	timer_set(t, time_now_ns() + seconds * NSEC_PER_SEC);
	return id ? 0 : (int)i + 1;
}

int watchdog_set(struct domain *d, uint32_t id, uint32_t seconds)
{
	int rc;

	spin_lock(&d->lock);
	rc = watchdog_set_locked(d, id, seconds);
	spin_unlock(&d->lock);
	return rc;
}

void watchdog_destroy(struct domain *d)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++) {
		timer_kill(&d->watchdog[i]);
	}
}
