/* SPDX-License-Identifier: MIT */
/*
 * mca(struct xen_mc *): machine-check telemetry for dom0. Only what its kernel asks at boot is
 * described: fetching a (here always empty) log, and who the CPUs are. interface_version must
 * match, or the result is -EACCES.
 */
#ifndef XEN_ARCH_X86_MCA_H
#define XEN_ARCH_X86_MCA_H

#include <xen/types.h>
#include <xen/xen.h>

#define __HYPERVISOR_mca		__HYPERVISOR_arch_0
#define VIRQ_MCA			VIRQ_ARCH_0

#define XEN_MCA_INTERFACE_VERSION	0x01ecc003

#define XEN_MC_fetch			1
#define XEN_MC_notifydomain		2	/* not offered */
#define XEN_MC_physcpuinfo		3
#define XEN_MC_msrinject		4	/* not offered */
#define XEN_MC_mceinject		5	/* not offered */
#define XEN_MC_inject_v2		6	/* not offered */

/* xen_mc_fetch.flags: which log, in; with ACK fetch_id's record is dropped. */
#define XEN_MC_NONURGENT		0x0001
#define XEN_MC_URGENT			0x0002
#define XEN_MC_ACK			0x0004

/* xen_mc_fetch.flags, out. */
#define XEN_MC_OK			0x0
#define XEN_MC_FETCHFAILED		0x1
#define XEN_MC_NODATA			0x2
#define XEN_MC_NOMATCH			0x4

#define MCINFO_MAXSIZE			768
#define MC_NCAPS			7

/* Rows of mc_cpu_caps: which CPUID word. */
#define MC_CAPS_STD_EDX			0
#define MC_CAPS_AMD_EDX			1
#define MC_CAPS_TM			2
#define MC_CAPS_LINUX			3
#define MC_CAPS_STD_ECX			4
#define MC_CAPS_VIA			5
#define MC_CAPS_AMD_ECX			6

#ifndef __ASSEMBLER__

/* A record: mi_nentries variable-size entries in mi_data. */
struct mc_info {
	uint32_t mi_nentries;
	uint32_t flags;
	uint64_t mi_data[(MCINFO_MAXSIZE - 1) / 8];
};

struct xen_mc_fetch {
	uint32_t flags;			/* in, out */
	uint32_t _pad0;
	uint64_t fetch_id;		/* in, out */
	uint64_t data;			/* guest ptr: struct mc_info, filled in */
};

struct mcinfo_msr {
	uint64_t reg;
	uint64_t value;
};

/* One logical CPU. mc_msrvalues has mc_nmsrvals entries, the first MCG_CAP. */
struct mcinfo_logical_cpu {
	uint32_t mc_cpunr;
	uint32_t mc_chipid;
	uint16_t mc_coreid;
	uint16_t mc_threadid;
	uint32_t mc_apicid;
	uint32_t mc_clusterid;
	uint32_t mc_ncores;
	uint32_t mc_ncores_active;
	uint32_t mc_nthreads;
	int32_t mc_cpuid_level;
	uint32_t mc_family;
	uint32_t mc_vendor;
	uint32_t mc_model;
	uint32_t mc_step;
	char mc_vendorid[16];
	char mc_brandid[64];
	uint32_t mc_cpu_caps[MC_NCAPS];
	uint32_t mc_cache_size;
	uint32_t mc_cache_alignment;
	int32_t mc_nmsrvals;
	struct mcinfo_msr mc_msrvalues[8];
};

/* With info 0 only the number of CPUs is returned. */
struct xen_mc_physcpuinfo {
	uint32_t ncpus;			/* in: room; out: CPUs */
	uint32_t _pad0;
	uint64_t info;			/* guest ptr: struct mcinfo_logical_cpu[ncpus] */
};

/* 152 bytes: the largest command is one that is not described here. */
struct xen_mc {
	uint32_t cmd;			/* XEN_MC_* */
	uint32_t interface_version;
	union {
		struct xen_mc_fetch mc_fetch;
		struct xen_mc_physcpuinfo mc_physcpuinfo;
		uint64_t _size[18];
	} u;
};

#endif
#endif
