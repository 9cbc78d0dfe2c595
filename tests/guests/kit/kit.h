/* SPDX-License-Identifier: MIT */
/*
 * Everything a one-question kernel needs in one include. A guest supplies guest_main(), calls
 * kit_init() unless it asks about the state before any hypercall, makes checks, and ends with
 * verdict().
 */
#ifndef KIT_KIT_H
#define KIT_KIT_H

#include "base.h"
#include "clock.h"
#include "console.h"
#include "event.h"
#include "hypercall.h"
#include "paging.h"
#include "smp.h"
#include "string.h"
#include "trap.h"
#include "user.h"
#include "verdict.h"

/* Shared info mapped, all trap vectors and callbacks registered, upcalls masked. */
void kit_init(void);

/* Did start_info say that this is the hardware domain? */
bool kit_is_dom0(void);

/* This domain's number. A domain is not told; its event channels know. */
domid_t kit_domid(void);

#endif
