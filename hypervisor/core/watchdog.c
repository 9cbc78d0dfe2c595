/* SPDX-License-Identifier: MIT */
/* See watchdog.h. A watchdog is in use while its timer is armed. */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/percpu.h>
#include <dais/time.h>
#include <dais/watchdog.h>
#include <xen/errno.h>
#include <xen/sched.h>

static void watchdog_expired(void *data)
{
	domain_shutdown(data, SHUTDOWN_watchdog);
}

static void watchdog_arm(struct domain *d, struct timer *t, uint32_t seconds)
{
	if (!t->fn) {
		timer_init(t, watchdog_expired, d, cpu_id());
	}
	timer_set(t, time_now_ns() + seconds * NSEC_PER_SEC);
}

static int watchdog_start(struct domain *d, uint32_t seconds)
{
	if (seconds == 0) {
		return -XEN_EINVAL;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++) {
		if (!timer_armed(&d->watchdog[i])) {
			watchdog_arm(d, &d->watchdog[i], seconds);
			return (int)i + 1;
		}
	}
	return -XEN_EEXIST;
}

static int watchdog_change(struct domain *d, uint32_t id, uint32_t seconds)
{
	struct timer *t;

	if (id > ARRAY_SIZE(d->watchdog)) {
		return -XEN_EINVAL;
	}
	t = &d->watchdog[array_index_nospec((unsigned long)id - 1, ARRAY_SIZE(d->watchdog))];
	if (!timer_armed(t)) {
		return -XEN_EINVAL;
	}
	if (seconds == 0) {
		timer_stop(t);
	} else {
		watchdog_arm(d, t, seconds);
	}
	return 0;
}

int watchdog_set(struct domain *d, uint32_t id, uint32_t seconds)
{
	int rc;

	spin_lock(&d->lock);
	if (d->dying != DOMAIN_ALIVE) {
		rc = -XEN_EINVAL;
	} else if (id == 0) {
		rc = watchdog_start(d, seconds);
	} else {
		rc = watchdog_change(d, id, seconds);
	}
	spin_unlock(&d->lock);
	return rc;
}

void watchdog_destroy(struct domain *d)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++) {
		if (d->watchdog[i].fn) {
			timer_kill(&d->watchdog[i]);
		}
	}
}
