/* SPDX-License-Identifier: MIT */
#ifndef X86_NMI_H
#define X86_NMI_H

struct regs;

/* An NMI arrived: stop this CPU if somebody asked for it, else pass it on to dom0. */
void nmi_handle(struct regs *r);

#endif
