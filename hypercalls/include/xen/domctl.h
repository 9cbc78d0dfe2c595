/* SPDX-License-Identifier: MIT */
/*
 * domctl(struct xen_domctl *): how the toolstack makes, inspects, changes and destroys domains.
 * Privileged, but for getdomaininfo of a xenstore domain.
 *
 * The structure is copied in, acted on, and copied back when a field is marked "out". Common
 * errors: -EACCES (interface_version differs), -ESRCH (no such domain), -EPERM, -EINVAL, -EFAULT;
 * -ENOSYS for a command that is not offered, which libxl relies on for the ones it can do without.
 */
#ifndef XEN_DOMCTL_H
#define XEN_DOMCTL_H

#include <xen/types.h>
#include <xen/xen.h>

#define XEN_DOMCTL_INTERFACE_VERSION	0x00000015

/* Commands. The comment names the member of u; "-" takes none. */
#define XEN_DOMCTL_createdomain			1	/* createdomain */
#define XEN_DOMCTL_destroydomain		2	/* -; long, restarts itself */
#define XEN_DOMCTL_pausedomain			3	/* -; counted */
#define XEN_DOMCTL_unpausedomain		4	/* - */
#define XEN_DOMCTL_getdomaininfo		5	/* getdomaininfo */
#define XEN_DOMCTL_setvcpuaffinity		9	/* vcpuaffinity */
#define XEN_DOMCTL_shadow_op			10	/* shadow_op */
#define XEN_DOMCTL_max_mem			11	/* max_mem */
#define XEN_DOMCTL_setvcpucontext		12	/* vcpucontext */
#define XEN_DOMCTL_getvcpucontext		13	/* vcpucontext */
#define XEN_DOMCTL_getvcpuinfo			14	/* getvcpuinfo */
#define XEN_DOMCTL_max_vcpus			15	/* max_vcpus */
#define XEN_DOMCTL_scheduler_op			16	/* scheduler_op */
#define XEN_DOMCTL_setdomainhandle		17	/* setdomainhandle */
#define XEN_DOMCTL_setdebugging			18	/* setdebugging */
#define XEN_DOMCTL_irq_permission		19	/* irq_permission */
#define XEN_DOMCTL_iomem_permission		20	/* iomem_permission */
#define XEN_DOMCTL_ioport_permission		21	/* ioport_permission */
#define XEN_DOMCTL_hypercall_init		22	/* hypercall_init */
#define XEN_DOMCTL_settimeoffset		24	/* settimeoffset */
#define XEN_DOMCTL_getvcpuaffinity		25	/* vcpuaffinity */
#define XEN_DOMCTL_real_mode_area		26	/* not offered */
#define XEN_DOMCTL_resumedomain			27	/* -; undo a shutdown */
#define XEN_DOMCTL_sendtrigger			28	/* sendtrigger */
#define XEN_DOMCTL_subscribe			29	/* subscribe */
#define XEN_DOMCTL_gethvmcontext		33	/* HVM */
#define XEN_DOMCTL_sethvmcontext		34	/* HVM */
#define XEN_DOMCTL_set_address_size		35	/* address_size */
#define XEN_DOMCTL_get_address_size		36	/* address_size */
#define XEN_DOMCTL_assign_device		37	/* assign_device */
#define XEN_DOMCTL_bind_pt_irq			38	/* HVM */
#define XEN_DOMCTL_memory_mapping		39	/* memory_mapping */
#define XEN_DOMCTL_ioport_mapping		40	/* HVM */
#define XEN_DOMCTL_set_ext_vcpucontext		42	/* ext_vcpucontext */
#define XEN_DOMCTL_get_ext_vcpucontext		43	/* ext_vcpucontext */
#define XEN_DOMCTL_set_opt_feature		44	/* not offered */
#define XEN_DOMCTL_test_assign_device		45	/* assign_device */
#define XEN_DOMCTL_set_target			46	/* set_target */
#define XEN_DOMCTL_deassign_device		47	/* assign_device */
#define XEN_DOMCTL_unbind_pt_irq		48	/* HVM */
#define XEN_DOMCTL_get_device_group		50	/* get_device_group */
#define XEN_DOMCTL_debug_op			54	/* not offered */
#define XEN_DOMCTL_gethvmcontext_partial	55	/* HVM */
#define XEN_DOMCTL_vm_event_op			56	/* not offered */
#define XEN_DOMCTL_mem_sharing_op		57	/* not offered */
#define XEN_DOMCTL_gettscinfo			59	/* tsc_info */
#define XEN_DOMCTL_settscinfo			60	/* tsc_info */
#define XEN_DOMCTL_getpageframeinfo3		61	/* getpageframeinfo3 */
#define XEN_DOMCTL_setvcpuextstate		62	/* vcpuextstate */
#define XEN_DOMCTL_getvcpuextstate		63	/* vcpuextstate */
#define XEN_DOMCTL_set_access_required		64	/* not offered */
#define XEN_DOMCTL_audit_p2m			65	/* not offered */
#define XEN_DOMCTL_set_virq_handler		66	/* set_virq_handler */
#define XEN_DOMCTL_set_broken_page_p2m		67	/* not offered */
#define XEN_DOMCTL_setnodeaffinity		68	/* nodeaffinity */
#define XEN_DOMCTL_getnodeaffinity		69	/* nodeaffinity */
#define XEN_DOMCTL_cacheflush			71	/* not offered */
#define XEN_DOMCTL_get_vcpu_msrs		72	/* vcpu_msrs */
#define XEN_DOMCTL_set_vcpu_msrs		73	/* vcpu_msrs */
#define XEN_DOMCTL_setvnumainfo			74	/* not offered */
#define XEN_DOMCTL_psr_cmt_op			75	/* not offered */
#define XEN_DOMCTL_monitor_op			77	/* not offered */
#define XEN_DOMCTL_psr_alloc			78	/* not offered */
#define XEN_DOMCTL_soft_reset			79	/* not offered */
#define XEN_DOMCTL_vuart_op			81	/* not offered */
#define XEN_DOMCTL_get_cpu_policy		82	/* cpu_policy */
#define XEN_DOMCTL_set_cpu_policy		83	/* cpu_policy */
#define XEN_DOMCTL_vmtrace_op			84	/* not offered */
#define XEN_DOMCTL_get_paging_mempool_size	85	/* not offered */
#define XEN_DOMCTL_set_paging_mempool_size	86	/* not offered */
#define XEN_DOMCTL_gdbsx_guestmemio		1000	/* not offered */
#define XEN_DOMCTL_gdbsx_pausevcpu		1001	/* not offered */
#define XEN_DOMCTL_gdbsx_unpausevcpu		1002	/* not offered */
#define XEN_DOMCTL_gdbsx_domstatus		1003	/* not offered */

/* xen_domctl_createdomain.flags. A PV domain may have xs_domain, iommu and vpmu. */
#define _XEN_DOMCTL_CDF_hvm		0
#define XEN_DOMCTL_CDF_hvm		(1U << _XEN_DOMCTL_CDF_hvm)
#define _XEN_DOMCTL_CDF_hap		1
#define XEN_DOMCTL_CDF_hap		(1U << _XEN_DOMCTL_CDF_hap)
#define _XEN_DOMCTL_CDF_s3_integrity	2
#define XEN_DOMCTL_CDF_s3_integrity	(1U << _XEN_DOMCTL_CDF_s3_integrity)
#define _XEN_DOMCTL_CDF_oos_off		3
#define XEN_DOMCTL_CDF_oos_off		(1U << _XEN_DOMCTL_CDF_oos_off)
#define _XEN_DOMCTL_CDF_xs_domain	4	/* runs xenstored */
#define XEN_DOMCTL_CDF_xs_domain	(1U << _XEN_DOMCTL_CDF_xs_domain)
#define _XEN_DOMCTL_CDF_iommu		5
#define XEN_DOMCTL_CDF_iommu		(1U << _XEN_DOMCTL_CDF_iommu)
#define _XEN_DOMCTL_CDF_nested_virt	6
#define XEN_DOMCTL_CDF_nested_virt	(1U << _XEN_DOMCTL_CDF_nested_virt)
#define XEN_DOMCTL_CDF_vpmu		(1U << 7)
#define XEN_DOMCTL_CDF_MAX		XEN_DOMCTL_CDF_vpmu

/* xen_domctl_createdomain.iommu_opts */
#define _XEN_DOMCTL_IOMMU_no_sharept	0
#define XEN_DOMCTL_IOMMU_no_sharept	(1U << _XEN_DOMCTL_IOMMU_no_sharept)
#define XEN_DOMCTL_IOMMU_MAX		XEN_DOMCTL_IOMMU_no_sharept

/* xen_domctl_createdomain.grant_opts: highest grant table version, 1 or 2. */
#define XEN_DOMCTL_GRANT_version_mask	0xf
#define XEN_DOMCTL_GRANT_version(v)	((v) & XEN_DOMCTL_GRANT_version_mask)

/* xen_domctl_getdomaininfo.flags; the shutdown reason is in the bits from shutdownshift on. */
#define _XEN_DOMINF_dying		0
#define XEN_DOMINF_dying		(1U << _XEN_DOMINF_dying)
#define _XEN_DOMINF_hvm_guest		1
#define XEN_DOMINF_hvm_guest		(1U << _XEN_DOMINF_hvm_guest)
#define _XEN_DOMINF_shutdown		2
#define XEN_DOMINF_shutdown		(1U << _XEN_DOMINF_shutdown)
#define _XEN_DOMINF_paused		3	/* by the tools */
#define XEN_DOMINF_paused		(1U << _XEN_DOMINF_paused)
#define _XEN_DOMINF_blocked		4	/* every vCPU waits for an event */
#define XEN_DOMINF_blocked		(1U << _XEN_DOMINF_blocked)
#define _XEN_DOMINF_running		5	/* some vCPU is on a CPU */
#define XEN_DOMINF_running		(1U << _XEN_DOMINF_running)
#define _XEN_DOMINF_debugged		6
#define XEN_DOMINF_debugged		(1U << _XEN_DOMINF_debugged)
#define _XEN_DOMINF_xs_domain		7
#define XEN_DOMINF_xs_domain		(1U << _XEN_DOMINF_xs_domain)
#define _XEN_DOMINF_hap			8
#define XEN_DOMINF_hap			(1U << _XEN_DOMINF_hap)
#define XEN_DOMINF_shutdownmask		255
#define XEN_DOMINF_shutdownshift	16

#define XEN_INVALID_MAX_VCPU_ID		(~0U)	/* max_vcpu_id of a domain without vCPUs */

/* xen_domctl_getpageframeinfo3: type of a frame, in the top four bits. */
#define XEN_DOMCTL_PFINFO_LTAB_SHIFT	28
#define XEN_DOMCTL_PFINFO_NOTAB		(0x0U << 28)
#define XEN_DOMCTL_PFINFO_L1TAB		(0x1U << 28)
#define XEN_DOMCTL_PFINFO_L2TAB		(0x2U << 28)
#define XEN_DOMCTL_PFINFO_L3TAB		(0x3U << 28)
#define XEN_DOMCTL_PFINFO_L4TAB		(0x4U << 28)
#define XEN_DOMCTL_PFINFO_LTABTYPE_MASK	(0x7U << 28)
#define XEN_DOMCTL_PFINFO_LPINTAB	(0x1U << 31)	/* pinned */
#define XEN_DOMCTL_PFINFO_XTAB		(0xfU << 28)	/* not a page of the domain */
#define XEN_DOMCTL_PFINFO_XALLOC	(0xeU << 28)	/* allocate, without contents */
#define XEN_DOMCTL_PFINFO_BROKEN	(0xdU << 28)	/* memory error */
#define XEN_DOMCTL_PFINFO_LTAB_MASK	(0xfU << 28)

/* xen_domctl_shadow_op.op; PV has the log-dirty ones. */
#define XEN_DOMCTL_SHADOW_OP_OFF		0
#define XEN_DOMCTL_SHADOW_OP_ENABLE_TEST	1
#define XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY	2
#define XEN_DOMCTL_SHADOW_OP_CLEAN		11	/* read the bitmap and clear it */
#define XEN_DOMCTL_SHADOW_OP_PEEK		12	/* read it only */
#define XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION	30
#define XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION	31
#define XEN_DOMCTL_SHADOW_OP_ENABLE		32

/* xen_domctl_shadow_op.mode, with ENABLE ... */
#define XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT	(1 << 1)
#define XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY	(1 << 2)
#define XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE	(1 << 3)
#define XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL	(1 << 4)
/* ... and with CLEAN: the domain does not run any more. */
#define XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL	(1 << 0)

/* xen_domctl_vcpuaffinity.flags: which maps are meant; force overrides a temporary pin. */
#define _XEN_VCPUAFFINITY_HARD		0
#define XEN_VCPUAFFINITY_HARD		(1U << _XEN_VCPUAFFINITY_HARD)
#define _XEN_VCPUAFFINITY_SOFT		1
#define XEN_VCPUAFFINITY_SOFT		(1U << _XEN_VCPUAFFINITY_SOFT)
#define _XEN_VCPUAFFINITY_FORCE		2
#define XEN_VCPUAFFINITY_FORCE		(1U << _XEN_VCPUAFFINITY_FORCE)

/* Schedulers by number; tools show ours under the number whose parameters it has. */
#define XEN_SCHEDULER_CREDIT		5
#define XEN_SCHEDULER_CREDIT2		6
#define XEN_SCHEDULER_ARINC653		7
#define XEN_SCHEDULER_RTDS		8
#define XEN_SCHEDULER_NULL		9

/* xen_domctl_scheduler_op.cmd; a put with weight 0 or cap 0xffff leaves that one as it is. */
#define XEN_DOMCTL_SCHEDOP_putinfo	0
#define XEN_DOMCTL_SCHEDOP_getinfo	1
#define XEN_DOMCTL_SCHEDOP_putvcpuinfo	2
#define XEN_DOMCTL_SCHEDOP_getvcpuinfo	3

#define _XEN_DOMCTL_SCHEDRT_extra	0
#define XEN_DOMCTL_SCHEDRT_extra	(1U << _XEN_DOMCTL_SCHEDRT_extra)

/* xen_domctl_sendtrigger.trigger; PV has NMI. */
#define XEN_DOMCTL_SENDTRIGGER_NMI	0
#define XEN_DOMCTL_SENDTRIGGER_RESET	1
#define XEN_DOMCTL_SENDTRIGGER_INIT	2
#define XEN_DOMCTL_SENDTRIGGER_POWER	3
#define XEN_DOMCTL_SENDTRIGGER_SLEEP	4

/* xen_domctl_assign_device.dev and flags */
#define XEN_DOMCTL_DEV_PCI		0
#define XEN_DOMCTL_DEV_DT		1
#define XEN_DOMCTL_DEV_RDM_RELAXED	1

/* xen_domctl_memory_mapping.add_mapping */
#define DPCI_ADD_MAPPING		1
#define DPCI_REMOVE_MAPPING		0

/* Subleaf of a CPUID leaf without subleaves, in the older calls. */
#define XEN_CPUID_INPUT_UNUSED		0xFFFFFFFF

#ifndef __ASSEMBLER__

/*
 * Make an empty domain. xen_domctl.domain: the number wanted, or 0 to have one chosen (out).
 *
 * ssidref             security label, 0
 * handle              UUID
 * flags, iommu_opts   XEN_DOMCTL_CDF_*, XEN_DOMCTL_IOMMU_*
 * max_vcpus           at least 1; XEN_DOMCTL_max_vcpus must later name the same number
 * max_evtchn_port     highest port it may use
 * max_grant_frames, max_maptrack_frames  pages; negative: the default
 * grant_opts          XEN_DOMCTL_GRANT_version
 * vmtrace_size        0
 * cpupool_id          pool it runs in
 */
struct xen_domctl_createdomain {
	uint32_t ssidref;
	xen_domain_handle_t handle;
	uint32_t flags;
	uint32_t iommu_opts;
	uint32_t max_vcpus;
	uint32_t max_evtchn_port;
	int32_t max_grant_frames;
	int32_t max_maptrack_frames;
	uint32_t grant_opts;
	uint32_t vmtrace_size;
	uint32_t cpupool_id;
	struct xen_arch_domainconfig arch;
};

/*
 * All out. xen_domctl.domain n asks for the first domain whose number is at least n, whose number
 * is given back in domain and in xen_domctl.domain; -ESRCH when there is none.
 *
 * *_pages             pages of 4 KiB: owned, limit, claimed but not allocated, shared, paged out
 * shared_info_frame   mfn of the shared page
 * cpu_time            ns, over all vCPUs
 * gpaddr_bits         width of guest-physical addresses
 */
struct xen_domctl_getdomaininfo {
	domid_t domain;
	uint16_t pad1;
	uint32_t flags;			/* XEN_DOMINF_* */
	uint64_t tot_pages;
	uint64_t max_pages;
	uint64_t outstanding_pages;
	uint64_t shr_pages;
	uint64_t paged_pages;
	uint64_t shared_info_frame;
	uint64_t cpu_time;
	uint32_t nr_online_vcpus;
	uint32_t max_vcpu_id;
	uint32_t ssidref;
	xen_domain_handle_t handle;
	uint32_t cpupool;
	uint8_t gpaddr_bits;
	uint8_t pad2[7];
	struct xen_arch_domainconfig arch_config;
};

/* Types of up to 1024 frames: mfns in, XEN_DOMCTL_PFINFO_* out, in the same array. */
struct xen_domctl_getpageframeinfo3 {
	uint64_t num;
	uint64_t array;			/* guest ptr: xen_pfn_t[num], in and out */
};

struct xen_domctl_shadow_op_stats {
	uint32_t fault_count;
	uint32_t dirty_count;
};

/* Track the pages a domain writes. pages: bits wanted in, bits written out. */
struct xen_domctl_shadow_op {
	uint32_t op;			/* XEN_DOMCTL_SHADOW_OP_* */
	uint32_t mode;
	uint32_t mb;
	uint64_t dirty_bitmap;		/* guest ptr: uint8_t[(pages + 7) / 8], filled in */
	uint64_t pages;			/* in, out */
	struct xen_domctl_shadow_op_stats stats;	/* out */
};

/* Most memory the domain may own, in KiB. */
struct xen_domctl_max_mem {
	uint64_t max_memkb;
};

/* Read or write a vCPU's registers. set with ctxt 0 puts the vCPU back to uninitialised. */
struct xen_domctl_vcpucontext {
	uint32_t vcpu;
	uint64_t ctxt;			/* guest ptr: struct vcpu_guest_context */
};

/* All out but vcpu. cpu_time in ns; cpu is where it runs or last ran. */
struct xen_domctl_getvcpuinfo {
	uint32_t vcpu;
	uint8_t online;
	uint8_t blocked;
	uint8_t running;
	uint64_t cpu_time;
	uint32_t cpu;
};

struct xen_domctl_nodeaffinity {
	struct xenctl_bitmap nodemap;
};

/* CPUs a vCPU may run on (hard) and should (soft). On set, the effective maps are returned. */
struct xen_domctl_vcpuaffinity {
	uint32_t vcpu;
	uint32_t flags;			/* XEN_VCPUAFFINITY_* */
	struct xenctl_bitmap cpumap_hard;
	struct xenctl_bitmap cpumap_soft;
};

/* Allocate the vCPUs. -EINVAL unless max is what createdomain said. */
struct xen_domctl_max_vcpus {
	uint32_t max;
};

/* weight: share relative to others (256 is usual). cap: percent of one CPU, 0 for none. */
struct xen_domctl_sched_credit {
	uint16_t weight;
	uint16_t cap;
};

struct xen_domctl_sched_credit2 {
	uint16_t weight;
	uint16_t cap;
};

/* Microseconds. */
struct xen_domctl_sched_rtds {
	uint32_t period;
	uint32_t budget;
	uint32_t flags;			/* XEN_DOMCTL_SCHEDRT_* */
};

struct xen_domctl_schedparam_vcpu {
	union {
		struct xen_domctl_sched_credit credit;
		struct xen_domctl_sched_credit2 credit2;
		struct xen_domctl_sched_rtds rtds;
	} u;
	uint32_t vcpuid;
};

/* Scheduling parameters of a domain, or with the vcpuinfo commands of each of its vCPUs. */
struct xen_domctl_scheduler_op {
	uint32_t sched_id;		/* XEN_SCHEDULER_*, of the domain's pool */
	uint32_t cmd;			/* XEN_DOMCTL_SCHEDOP_* */
	union {
		struct xen_domctl_sched_credit credit;
		struct xen_domctl_sched_credit2 credit2;
		struct xen_domctl_sched_rtds rtds;
		struct {
			uint64_t vcpus;	/* guest ptr: struct xen_domctl_schedparam_vcpu[nr_vcpus] */
			uint32_t nr_vcpus;
			uint32_t padding;
		} v;
	} u;
};

struct xen_domctl_setdomainhandle {
	xen_domain_handle_t handle;
};

/* A debugger is attached: breakpoints pause the domain. */
struct xen_domctl_setdebugging {
	uint8_t enable;
};

struct xen_domctl_irq_permission {
	uint32_t pirq;
	uint8_t allow_access;
	uint8_t pad[3];
};

struct xen_domctl_iomem_permission {
	uint64_t first_mfn;
	uint64_t nr_mfns;
	uint8_t allow_access;
};

struct xen_domctl_ioport_permission {
	uint32_t first_port;
	uint32_t nr_ports;
	uint8_t allow_access;
};

/* Fill the page with hypercall stubs. */
struct xen_domctl_hypercall_init {
	uint64_t gmfn;
};

/* Offset of the domain's wallclock from ours. */
struct xen_domctl_settimeoffset {
	int64_t time_offset_seconds;
};

/* 64 (or 32, not offered): bits of the guest's words. */
struct xen_domctl_address_size {
	uint32_t size;			/* in or out */
};

struct xen_domctl_sendtrigger {
	uint32_t trigger;		/* XEN_DOMCTL_SENDTRIGGER_* */
	uint32_t vcpu;
};

/* Without an IOMMU these give -ENOSYS, which is the one error libxl accepts for PV. */
struct xen_domctl_assign_device {
	uint32_t dev;			/* XEN_DOMCTL_DEV_* */
	uint32_t flags;
	union {
		struct {
			uint32_t machine_sbdf;	/* segment << 16 | bus << 8 | devfn */
		} pci;
		struct {
			uint32_t size;
			uint64_t path;	/* guest ptr: const char[size] */
		} dt;
	} u;
};

struct xen_domctl_get_device_group {
	uint32_t machine_sbdf;
	uint32_t max_sdevs;
	uint32_t num_sdevs;		/* out */
	uint64_t sdev_array;		/* guest ptr: uint32_t[max_sdevs], filled in */
};

/* For PV: give or take access to device memory; gfn must equal mfn. */
struct xen_domctl_memory_mapping {
	uint64_t first_gfn;
	uint64_t first_mfn;
	uint64_t nr_mfns;
	uint32_t add_mapping;		/* DPCI_* */
	uint32_t padding;
};

/* Virtual machine-check banks, carried along in a saved vCPU. */
struct hvm_vmce_vcpu {
	uint64_t caps;
	uint64_t mci_ctl2_bank0;
	uint64_t mci_ctl2_bank1;
	uint64_t mcg_ext_ctl;
};

/* What vcpu_guest_context has no room for. size: in on set, out on get: bytes from vcpu on. */
struct xen_domctl_ext_vcpucontext {
	uint32_t vcpu;
	uint32_t size;
	uint64_t syscall32_callback_eip;
	uint64_t sysenter_callback_eip;
	uint16_t syscall32_callback_cs;
	uint16_t sysenter_callback_cs;
	uint8_t syscall32_disables_events;
	uint8_t sysenter_disables_events;
	union {
		uint64_t mcg_cap;
		struct hvm_vmce_vcpu vmce;
	};
};

/* The domain may act on target as if privileged. */
struct xen_domctl_set_target {
	domid_t target;
};

/*
 * What CPUID and MSRs show the domain. nr_*: room or entries in, entries out. On -EINVAL the
 * offending leaf, subleaf or MSR is in err_*, others ~0. With the pointers 0, get returns counts.
 */
struct xen_domctl_cpu_policy {
	uint32_t nr_leaves;
	uint32_t nr_msrs;
	uint64_t leaves;		/* guest ptr: struct xen_cpuid_leaf[nr_leaves] */
	uint64_t msrs;			/* guest ptr: struct xen_msr_entry[nr_msrs] */
	uint32_t err_leaf, err_subleaf, err_msr;	/* out */
};

/* Port of the domain to raise when it has suspended. */
struct xen_domctl_subscribe {
	uint32_t port;
};

/* tsc_mode 0 default, 1 always emulate, 2 never; frequency and time shown to the guest. */
struct xen_domctl_tsc_info {
	uint32_t tsc_mode;
	uint32_t gtsc_khz;
	uint32_t incarnation;
	uint32_t pad;
	uint64_t elapsed_nsec;
};

/* The domain gets this global virtual interrupt from now on. */
struct xen_domctl_set_virq_handler {
	uint32_t virq;
};

/* XSAVE state of a vCPU. With size 0, get returns size and mask only. */
struct xen_domctl_vcpuextstate {
	uint32_t vcpu;
	uint64_t xfeature_mask;		/* in, out */
	uint64_t size;			/* in, out: bytes */
	uint64_t buffer;		/* guest ptr: xcr0, xcr0_accum, XSAVE image */
};

struct xen_domctl_vcpu_msr {
	uint32_t index;
	uint32_t reserved;		/* must be 0 */
	uint64_t value;
};

/* MSRs to save with a vCPU. With msrs 0, get returns the count. */
struct xen_domctl_vcpu_msrs {
	uint32_t vcpu;
	uint32_t msr_count;		/* in, out */
	uint64_t msrs;			/* guest ptr: struct xen_domctl_vcpu_msr[msr_count] */
};

/* 144 bytes. */
struct xen_domctl {
	uint32_t cmd;			/* XEN_DOMCTL_* */
	uint32_t interface_version;	/* XEN_DOMCTL_INTERFACE_VERSION */
	domid_t domain;
	uint16_t _pad[3];
	union {
		struct xen_domctl_createdomain createdomain;
		struct xen_domctl_getdomaininfo getdomaininfo;
		struct xen_domctl_getpageframeinfo3 getpageframeinfo3;
		struct xen_domctl_nodeaffinity nodeaffinity;
		struct xen_domctl_vcpuaffinity vcpuaffinity;
		struct xen_domctl_shadow_op shadow_op;
		struct xen_domctl_max_mem max_mem;
		struct xen_domctl_vcpucontext vcpucontext;
		struct xen_domctl_getvcpuinfo getvcpuinfo;
		struct xen_domctl_max_vcpus max_vcpus;
		struct xen_domctl_scheduler_op scheduler_op;
		struct xen_domctl_setdomainhandle setdomainhandle;
		struct xen_domctl_setdebugging setdebugging;
		struct xen_domctl_irq_permission irq_permission;
		struct xen_domctl_iomem_permission iomem_permission;
		struct xen_domctl_ioport_permission ioport_permission;
		struct xen_domctl_hypercall_init hypercall_init;
		struct xen_domctl_settimeoffset settimeoffset;
		struct xen_domctl_tsc_info tsc_info;
		struct xen_domctl_address_size address_size;
		struct xen_domctl_sendtrigger sendtrigger;
		struct xen_domctl_get_device_group get_device_group;
		struct xen_domctl_assign_device assign_device;
		struct xen_domctl_memory_mapping memory_mapping;
		struct xen_domctl_ext_vcpucontext ext_vcpucontext;
		struct xen_domctl_set_target set_target;
		struct xen_domctl_subscribe subscribe;
		struct xen_domctl_cpu_policy cpu_policy;
		struct xen_domctl_vcpuextstate vcpuextstate;
		struct xen_domctl_vcpu_msrs vcpu_msrs;
		struct xen_domctl_set_virq_handler set_virq_handler;
		uint8_t pad[128];
	} u;
};

#endif
#endif
