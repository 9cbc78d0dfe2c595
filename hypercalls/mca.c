/* SPDX-License-Identifier: MIT */
/*
 * The door of mca: machine-check telemetry for dom0. A machine check that reaches Dais is fatal and printed, so
 * the logs that can be fetched are always empty; what is said of the processors is real.
 */
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/string.h>
#include <hypercall_table.h>
#include <xen/arch-x86/xen-mca.h>
#include <xen/errno.h>

static long mca_fetch(struct xen_mc *op)
{
	struct xen_mc_fetch *f = &op->u.mc_fetch;
	uint32_t which = f->flags & (XEN_MC_NONURGENT | XEN_MC_URGENT);

	if (which != XEN_MC_NONURGENT && which != XEN_MC_URGENT) {
		return -XEN_EINVAL;
	}
	if (!(f->flags & XEN_MC_ACK)) {
		f->flags = XEN_MC_NODATA;
		f->fetch_id = 0;
	}
	return 0;
}

static void mca_describe(unsigned int cpu, struct mcinfo_logical_cpu *m)
{
	struct cpuid_regs id = cpuid(0), sig = cpuid(1);
	struct cpuid_signature s = cpuid_signature(sig.eax);
	uint32_t vendor[3] = { id.ebx, id.edx, id.ecx };

	memset(m, 0, sizeof(*m));
	m->mc_cpunr = cpu;
	m->mc_apicid = cpu_ptr(cpu)->apic_id;
	m->mc_ncores = m->mc_ncores_active = m->mc_nthreads = 1;
	m->mc_cpuid_level = (int32_t)id.eax;
	m->mc_family = s.family;
	m->mc_model = s.model;
	m->mc_step = s.stepping;
	memcpy(m->mc_vendorid, vendor, sizeof(vendor));
	m->mc_cpu_caps[MC_CAPS_STD_EDX] = sig.edx;
	m->mc_cpu_caps[MC_CAPS_STD_ECX] = sig.ecx;
}

static long mca_physcpuinfo(struct xen_mc *op)
{
	struct xen_mc_physcpuinfo *p = &op->u.mc_physcpuinfo;
	uint32_t n = min(p->ncpus, nr_cpus);

	for (uint32_t i = 0; p->info != 0 && i < n; i++) {
		struct mcinfo_logical_cpu m;

		mca_describe(i, &m);
		if (copy_elem_to_guest(p->info, i, &m, sizeof(m)) != 0) {
			return -XEN_EFAULT;
		}
	}
	p->ncpus = nr_cpus;
	return 0;
}

long do_mca(unsigned long va)
{
	struct xen_mc op;
	long rc = -XEN_EINVAL;

	if (copy_from_guest(&op, va, sizeof(op)) != 0) {
		return -XEN_EFAULT;
	}
	if (op.interface_version != XEN_MCA_INTERFACE_VERSION) {
		return -XEN_EACCES;
	}
	if (op.cmd == XEN_MC_fetch) {
		rc = mca_fetch(&op);
	} else if (op.cmd == XEN_MC_physcpuinfo) {
		rc = mca_physcpuinfo(&op);
	}
	if (rc == 0 && copy_to_guest(va, &op, sizeof(op)) != 0) {
		return -XEN_EFAULT;
	}
	return rc;
}
