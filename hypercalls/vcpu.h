/* SPDX-License-Identifier: MIT */
/* A vcpu's context on its way in, for vcpu_op and domctl. */
#ifndef HYPERCALLS_VCPU_H
#define HYPERCALLS_VCPU_H

#include <stdbool.h>

struct vcpu;

/* vcpu_set_context() with what is at this address; also -ENOMEM, -EFAULT. */
long vcpu_context_load(struct vcpu *v, unsigned long va, bool again);

#endif
