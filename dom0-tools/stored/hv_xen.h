/* SPDX-License-Identifier: MIT */
/*
 * The real hypervisor behind struct hv: ring pages by grant, event channels, domain lists.
 */
#ifndef STORED_HV_XEN_H
#define STORED_HV_XEN_H

#include <stdint.h>

#include "stored/hv.h"

struct hv_xen;

extern const struct hv hv_xen_ops; /* takes a struct hv_xen as arg */

/* NULL when this is not a dom0; what is missing has been logged. */
struct hv_xen *hv_xen_open(void);
void hv_xen_close(struct hv_xen *x);

/* dom0's own event channel for its store ring, or -errno. */
int hv_xen_dom0_port(void);

/* The descriptor to wait on for event channels. */
int hv_xen_fd(const struct hv_xen *x);

#endif
