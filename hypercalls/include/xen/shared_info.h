/* SPDX-License-Identifier: MIT */
/*
 * The page a domain shares with the hypervisor, and the per-vCPU block inside it (or wherever the
 * guest moved it with VCPUOP_register_vcpu_info): pending events, masks, time.
 *
 * Both sides write concurrently and without locks, so every field is accessed with single atomic
 * or word-sized operations; times are read under a version that is odd while being updated.
 */
#ifndef XEN_SHARED_INFO_H
#define XEN_SHARED_INFO_H

#include <xen/arch-x86/xen.h>
#include <xen/types.h>

/* vcpu_time_info.flags */
#define XEN_PVCLOCK_TSC_STABLE_BIT	(1 << 0)	/* readings never go back between CPUs */
#define XEN_PVCLOCK_GUEST_STOPPED	(1 << 1)	/* the domain was paused for long */

#ifndef __ASSEMBLER__

/*
 * How to turn the TSC into system time (nanoseconds since the hypervisor booted):
 *
 *   delta = rdtsc - tsc_timestamp;  shift left by tsc_shift (right when negative)
 *   now   = system_time + ((delta * tsc_to_system_mul) >> 32)
 *
 * Read version, the fields, version again; retry when it was odd or has changed.
 */
struct vcpu_time_info {
	uint32_t version;
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags;
	uint8_t pad1[2];
};

/*
 * Event state and time of one vCPU; 64 bytes.
 *
 * evtchn_upcall_pending  nonzero: some selected port is pending. The guest clears it first.
 * evtchn_upcall_mask     nonzero: do not enter the event callback. Set on entry to it.
 * evtchn_pending_sel     bit i: look at word i of shared_info.evtchn_pending (two-level ports)
 */
struct vcpu_info {
	uint8_t evtchn_upcall_pending;
	uint8_t evtchn_upcall_mask;
	xen_ulong_t evtchn_pending_sel;
	struct arch_vcpu_info arch;
	struct vcpu_time_info time;
};

/*
 * The shared page.
 *
 * evtchn_pending, evtchn_mask  one bit per two-level port
 * wc_version  odd while the wallclock is updated; wc_sec:wc_sec_hi and wc_nsec give the UTC time
 *             at which system time was 0, so that now = wc + system time
 */
struct shared_info {
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
	xen_ulong_t evtchn_pending[sizeof(xen_ulong_t) * 8];
	xen_ulong_t evtchn_mask[sizeof(xen_ulong_t) * 8];
	uint32_t wc_version;
	uint32_t wc_sec;
	uint32_t wc_nsec;
	uint32_t wc_sec_hi;
	struct arch_shared_info arch;
};

#endif
#endif
