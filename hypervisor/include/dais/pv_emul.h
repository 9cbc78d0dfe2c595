/* SPDX-License-Identifier: MIT */
/*
 * What the emulators of x86/pv share: register access by number, fetching, and the rooms behind privileged
 * instructions. All act on the current vcpu.
 */
#ifndef DAIS_PV_EMUL_H
#define DAIS_PV_EMUL_H

#include <dais/cpuid.h>
#include <dais/insn.h>
#include <dais/regs.h>
#include <dais/types.h>

struct vcpu;

uint64_t *emul_reg(struct regs *r, unsigned int n);	/* n as encoded, 0..15; masked */
/* The instruction at the guest's RIP; false when it cannot be read, or is none of a known shape. */
bool emul_decode(const struct vcpu *v, struct insn *i);
void emul_done(struct vcpu *v, const struct insn *i);	/* go on behind it */

/* Ports: may the current mode of v touch [port, port + size)? Read and write of what it may. */
bool pv_port_allowed(struct vcpu *v, unsigned int port, unsigned int size);
uint32_t pv_port_read(struct vcpu *v, unsigned int port, unsigned int size);
void pv_port_write(struct vcpu *v, unsigned int port, unsigned int size, uint32_t val);

/* MSRs: 0, or -XEN_EINVAL for #GP. */
int pv_msr_read(struct vcpu *v, uint32_t msr, uint64_t *val);
int pv_msr_write(struct vcpu *v, uint32_t msr, uint64_t val);

/* CPUID as the domain's policy has it. */
struct cpuid_regs pv_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf);

#endif
