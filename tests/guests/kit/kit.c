/* SPDX-License-Identifier: MIT */
/*
 * The start and the end of a guest. Owns the guest's name.
 */
#include "kit.h"

#include <xen/event_channel.h>

const char guest_name[] = GUEST_NAME;

void guest_done(void);

void kit_init(void)
{
	event_init();
	trap_init();
}

domid_t kit_domid(void)
{
	long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
	struct evtchn_status st = { .dom = DOMID_SELF, .port = (u32)port };

	if (port < 0 || HC(event_channel_op, EVTCHNOP_status, &st) != 0) {
		verdict_fail("cannot find out the domain's number: %ld", port);
	}
	event_close((unsigned int)port);
	return st.u.unbound.dom;
}

bool kit_is_dom0(void)
{
	return (start_info->flags & SIF_INITDOMAIN) != 0;
}

void guest_done(void)
{
	verdict_fail("guest_main returned without a verdict");
}
