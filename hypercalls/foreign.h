/* SPDX-License-Identifier: MIT */
/*
 * The domain argument of the page-table calls: the caller itself, a domain it has rights over, or one of the
 * roles DOMID_IO (device memory) and DOMID_XEN (what the hypervisor shares).
 */
#ifndef HYPERCALLS_FOREIGN_H
#define HYPERCALLS_FOREIGN_H

#include <stdint.h>
#include <dais/cpumask.h>

struct domain;

int foreign_get(uint16_t domid, struct domain **out);	/* 0, -ESRCH, -EPERM; a reference is held */

/* The CPUs on which the vcpus named by a bitmap in the guest's memory run now. 0 or -EFAULT. */
int mmu_vcpumask_read(struct domain *d, unsigned long mask_va, cpumask_t *out);

#endif
