/* SPDX-License-Identifier: MIT */
/*
 * FPU and vector state of vcpus: switched eagerly, so that no vcpu can see another's by speculation. A CPU keeps
 * the state of the last vcpu through idling; fpu_load() does nothing when it is still there.
 */
#ifndef DAIS_FPU_H
#define DAIS_FPU_H

#include <stdbool.h>

struct vcpu;

void fpu_reset(struct vcpu *v);		/* as after power-on; XCR0 is not part of it */
void fpu_set_legacy(struct vcpu *v, const void *fxsave);	/* 512 bytes; v is not running */
void fpu_save(struct vcpu *v);		/* v was running on this CPU */
void fpu_load(struct vcpu *v);		/* v is about to run here; sets CR0.TS as the guest has it */
void fpu_set_ts(bool ts);

#endif
