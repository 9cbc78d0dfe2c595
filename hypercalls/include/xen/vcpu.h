/* SPDX-License-Identifier: MIT */
/*
 * vcpu_op(cmd, vcpu, arg): start and stop vCPUs, register the memory where the hypervisor keeps
 * their state, and per-vCPU timers. All times are system time in nanoseconds.
 *
 * Common errors: -ENOENT (no such vCPU: also how a guest counts its vCPUs), -EINVAL, -EFAULT.
 */
#ifndef XEN_VCPU_H
#define XEN_VCPU_H

#include <xen/types.h>

/* initialise: struct vcpu_guest_context, -EEXIST when done before. up, down, is_up: no argument. */
#define VCPUOP_initialise			0
#define VCPUOP_up				1
#define VCPUOP_down				2
#define VCPUOP_is_up				3	/* 1 or 0 */
#define VCPUOP_get_runstate_info		4	/* struct vcpu_runstate_info, out */
#define VCPUOP_register_runstate_memory_area	5
#define VCPUOP_set_periodic_timer		6
#define VCPUOP_stop_periodic_timer		7	/* no argument */
#define VCPUOP_set_singleshot_timer		8
#define VCPUOP_stop_singleshot_timer		9	/* no argument */
#define VCPUOP_register_vcpu_info		10
#define VCPUOP_send_nmi				11	/* no argument */
#define VCPUOP_get_physid			12
#define VCPUOP_register_vcpu_time_memory_area	13

/* vcpu_runstate_info.state */
#define RUNSTATE_running	0	/* on a CPU */
#define RUNSTATE_runnable	1	/* waiting for one */
#define RUNSTATE_blocked	2	/* waiting for an event */
#define RUNSTATE_offline	3	/* paused or down */

/* Set in state_entry_time while the area changes (VMASST_TYPE_runstate_update_flag). */
#define XEN_RUNSTATE_UPDATE	(1ULL << 63)

/* vcpu_set_singleshot_timer.flags: refuse (-ETIME) a time that has passed. */
#define _VCPU_SSHOTTMR_future	0
#define VCPU_SSHOTTMR_future	(1U << _VCPU_SSHOTTMR_future)

#ifndef __ASSEMBLER__

/* What the vCPU is doing since when, and the ns it has spent in each state. 48 bytes. */
struct vcpu_runstate_info {
	int32_t state;			/* RUNSTATE_* */
	uint64_t state_entry_time;
	uint64_t time[4];
};

/*
 * Keep a vcpu_runstate_info up to date at this virtual address of the guest kernel. The three
 * names are one address: h and v for guests that think in pointers.
 */
struct vcpu_register_runstate_memory_area {
	union {
		uint64_t h;		/* guest ptr: struct vcpu_runstate_info */
		uint64_t v;		/* guest ptr: struct vcpu_runstate_info */
		uint64_t p;
	} addr;
};

/* Raise VIRQ_TIMER every period while the vCPU runs; at least 1 ms. */
struct vcpu_set_periodic_timer {
	uint64_t period_ns;
};

/* Raise VIRQ_TIMER once, at once when the time has passed. Only on the calling vCPU. */
struct vcpu_set_singleshot_timer {
	uint64_t timeout_abs_ns;
	uint32_t flags;			/* VCPU_SSHOTTMR_* */
};

/* Move the vCPU's vcpu_info to this frame and byte offset (within the page). Once per vCPU. */
struct vcpu_register_vcpu_info {
	uint64_t mfn;
	uint32_t offset;
	uint32_t rsvd;
};

/* The physical CPU of a pinned vCPU: APIC id in the low half, ACPI id in the high one. */
struct vcpu_get_physid {
	uint64_t phys_id;		/* out */
};

#define xen_vcpu_physid_to_x86_apicid(physid)	((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid)	((uint32_t)((physid) >> 32))

/* Keep a copy of the vcpu_time_info at this address too, for user mode; 0 stops. */
struct vcpu_register_time_memory_area {
	union {
		uint64_t h;		/* guest ptr: struct vcpu_time_info */
		uint64_t v;		/* guest ptr: struct vcpu_time_info */
		uint64_t p;
	} addr;
};

#endif
#endif
