/* SPDX-License-Identifier: MIT */
/*
 * Delivery of exceptions and upcalls into a PV guest, and its two modes. All act on the current vcpu.
 */
#ifndef DAIS_PV_TRAP_H
#define DAIS_PV_TRAP_H

#include <dais/regs.h>
#include <dais/types.h>

struct vcpu;

/* Go from user to kernel mode of the guest or back: page tables, GS base, flag. */
void pv_toggle_mode(struct vcpu *v);

/* Bounce an exception to the guest's handler; a guest that cannot take it is crashed. */
void pv_inject(struct vcpu *v, unsigned int vector);
void pv_inject_error(struct vcpu *v, unsigned int vector, uint32_t error_code);
void pv_inject_page_fault(struct vcpu *v, unsigned long cr2, uint32_t error_code);
void pv_inject_failsafe(struct vcpu *v);	/* a data selector could not be loaded and is null */
bool pv_deliver_upcall(struct vcpu *v);	/* false: it could not, and the domain crashed */

/* Entries from guest user mode, called from entry.S. */
void pv_syscall_from_user(struct regs *regs);
void pv_syscall32_from_user(struct regs *regs);
void pv_sysenter_from_user(struct regs *regs);

/* INT n from the guest: true when the guest's table lets its mode raise it and it was bounced. */
bool pv_int_n(struct vcpu *v, unsigned int vector, unsigned int insn_len);

void pv_hypercall(struct regs *regs);
void pv_iret(struct regs *regs);		/* pv_hypercall() of the iret hypercall */

/* Emulation: each true when the instruction was dealt with (done or faulted as it should be). */
bool pv_emulate_privileged(struct vcpu *v);		/* #GP with error code 0 */
bool pv_emulate_int(struct vcpu *v);			/* #GP of INT n through a gate that is not for it */
bool pv_emulate_cpuid_prefix(struct vcpu *v);		/* #UD at the marker of an enlightened CPUID */
bool pv_emulate_write(struct vcpu *v, unsigned long va);	/* write fault: table, PT_MMIO_RO */
bool pv_ldt_fault(struct vcpu *v, unsigned long offset);	/* first touch of a page of the LDT window */

#endif
