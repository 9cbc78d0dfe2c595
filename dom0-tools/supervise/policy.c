/* SPDX-License-Identifier: MIT */
/*
 * What to do when a guest has ended: see policy.h. Pure.
 */
#include "supervise/policy.h"

#include <stddef.h>

static const struct {
	bool dump, destroy, rename, restart;
} policy_actions[ACTION_COUNT] = {
	[ACTION_DESTROY] = { .destroy = true },
	[ACTION_RESTART] = { .destroy = true, .restart = true },
	[ACTION_RENAME_RESTART] = { .rename = true, .restart = true },
	[ACTION_PRESERVE] = { 0 },
	[ACTION_COREDUMP_DESTROY] = { .dump = true, .destroy = true },
	[ACTION_COREDUMP_RESTART] = { .dump = true, .destroy = true, .restart = true },
	/* Only HVM guests can be reset in place. */
	[ACTION_SOFT_RESET] = { .destroy = true, .restart = true },
};

/* 0 for the first, then 1, 2, 4 ... seconds. A reboot is wanted, so it is let off once more. */
static unsigned int policy_delay(unsigned int reason, unsigned int soon)
{
	unsigned int free_starts = reason == END_REBOOT ? 2 : 1, delay = 1;

	if (soon < free_starts) {
		return 0;
	}
	for (; soon > free_starts && delay < POLICY_DELAY_MAX; soon--) {
		delay *= 2;
	}
	return delay < POLICY_DELAY_MAX ? delay : POLICY_DELAY_MAX;
}

struct policy_out policy_decide(const struct policy_in *in)
{
	enum guest_action a = in->action < ACTION_COUNT ? in->action : ACTION_DESTROY;
	struct policy_out out = {
		.dump = policy_actions[a].dump,
		.destroy = policy_actions[a].destroy,
		.rename = policy_actions[a].rename,
		.restart = policy_actions[a].restart,
	};

	if (!out.restart) {
		return out;
	}
	out.soon = in->uptime >= POLICY_SOON ? 0 : in->soon < 1000 ? in->soon + 1 : in->soon;
	out.delay = out.soon ? policy_delay(in->reason, out.soon) : 0;
	return out;
}
