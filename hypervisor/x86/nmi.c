/* SPDX-License-Identifier: MIT */
/*
 * NMIs: the stop signal between our own CPUs, and everything else, which is dom0's to judge (the reason is in
 * port 0x61, as on bare hardware). Runs on its own stack at any point: only atomic accesses.
 */
#include <dais/domain.h>
#include <dais/io.h>
#include <dais/smp.h>
#include <dais/vcpu.h>
#include <xen/nmi.h>
#include "nmi.h"

#define PORT_NMI_STATUS	0x61
#define NMI_SERR	0x80
#define NMI_IOCHK	0x40

void nmi_handle(struct regs *r)
{
	struct domain *d = dom0;
	unsigned long bits;
	uint8_t reason;

	if (smp_nmi_stop() || d == NULL || d->vcpu == NULL || d->vcpu[0] == NULL) {
		return;
	}
	reason = inb(PORT_NMI_STATUS);
	bits = reason & NMI_SERR ? XEN_NMIREASON_pci_serr :
	       reason & NMI_IOCHK ? XEN_NMIREASON_io_error : XEN_NMIREASON_unknown;
	atomic_or(&d->shared_info->arch.nmi_reason, bits);
	atomic_or(&d->vcpu[0]->exit_work, VCPU_WORK_NMI);
}
