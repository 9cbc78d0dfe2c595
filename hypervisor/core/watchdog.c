/* SPDX-License-Identifier: MIT */
/* See watchdog.h. A watchdog is in use while its timer is armed. */
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

static int watchdog_set_locked(struct domain *d, uint32_t id, uint32_t seconds)
{
	unsigned long i = 0;
	struct timer *t;

	if (d->dying != DOMAIN_ALIVE || id > ARRAY_SIZE(d->watchdog) || (id == 0 && seconds == 0)) {
		return -XEN_EINVAL;
	}
	while (id == 0 && timer_armed(&d->watchdog[i])) {
		if (++i == ARRAY_SIZE(d->watchdog)) {
			return -XEN_EEXIST;
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
