/*
 * SPDX-License-Identifier: MIT
 *
 * The start and the end of a guest. Owns the guest's name.
 */
#include "kit.h"

const char guest_name[] = GUEST_NAME;

void guest_done(void);

void kit_init(void)
{
	event_init();
	trap_init();
}

bool kit_is_dom0(void)
{
	return (start_info->flags & SIF_INITDOMAIN) != 0;
}

void guest_done(void)
{
	verdict_fail("guest_main returned without a verdict");
}
