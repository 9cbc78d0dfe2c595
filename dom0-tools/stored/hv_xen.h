/* SPDX-License-Identifier: MIT */
/*
 * The real hypervisor behind struct hv: ring pages by grant, event channels, domain lists.
 */
#ifndef STORED_HV_XEN_H
#define STORED_HV_XEN_H

#include <stdbool.h>
#include <stdint.h>

#include "stored/hv.h"

struct hv_xen;

extern const struct hv hv_xen_ops; /* takes a struct hv_xen as arg */

/* NULL when this is not a dom0; what is missing has been logged. */
struct hv_xen *hv_xen_open(void);
void hv_xen_close(struct hv_xen *x);

/* dom0's own event channel for its store ring, or -errno. */
int hv_xen_dom0_port(void);

/* Event channels: the descriptor to wait on, and the next pending port (-1: none). */
int hv_xen_fd(const struct hv_xen *x);
int hv_xen_pending(struct hv_xen *x);
/* Whether the port is that of "a domain died or shut down". */
bool hv_xen_is_domain_event(const struct hv_xen *x, int port);

#endif
