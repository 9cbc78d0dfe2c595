/* SPDX-License-Identifier: MIT */
/*
 * Writing what a suspended guest's vCPU has: registers, callbacks, vectors, MSRs.
 */
#ifndef DOMAIN_SAVE_VCPU_H
#define DOMAIN_SAVE_VCPU_H

#include <stdint.h>

#include "lib/failure.h"

struct frames;
struct hypercall;
struct stream_writer;

/* One that the guest never started has nothing, which is fine. */
int save_vcpu(struct hypercall *h, uint32_t domid, uint32_t vcpu, const struct frames *frames,
	      struct stream_writer *w, struct failure *f);

#endif
