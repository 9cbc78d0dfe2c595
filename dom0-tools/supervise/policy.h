/* SPDX-License-Identifier: MIT */
/*
 * What to do when a guest has ended: the policy of its configuration, and the brake on guests
 * that end again and again. Pure.
 */
#ifndef SUPERVISE_POLICY_H
#define SUPERVISE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "config/guest.h"

#define POLICY_SOON      60  /* seconds of life that count as "ended soon" */
#define POLICY_DELAY_MAX 300 /* longest wait before another start */

/*
 * action    what the configuration says for this reason
 * uptime    seconds the guest ran
 * soon      how many times in a row it ended soon before this time
 */
struct policy_in {
	enum guest_action action;
	unsigned int reason; /* END_* */
	uint64_t uptime;
	unsigned int soon;
};

/*
 * In this order: dump its memory; destroy it, or keep it (under another name when `rename`);
 * start it anew after `delay` seconds. `soon` is the new count.
 */
struct policy_out {
	bool dump, destroy, rename, restart;
	unsigned int delay, soon;
};

struct policy_out policy_decide(const struct policy_in *in);

#endif
