/* SPDX-License-Identifier: MIT */
/*
 * sched_op(cmd, arg): giving up the CPU and ending the domain.
 *
 * yield            no argument
 * block            no argument: unmask events and wait until one is pending
 * shutdown         sched_shutdown; for SHUTDOWN_suspend a third argument is the mfn of the start
 *                  page. Returns 0 after resume in a new domain, 1 when the suspend was cancelled
 * poll             sched_poll
 * remote_shutdown  sched_remote_shutdown, privileged
 * shutdown_code    sched_shutdown: set the reason reported when the domain is next shut down
 * watchdog         sched_watchdog; returns the id when a new one is made
 * pin_override     sched_pin_override, privileged
 */
#ifndef XEN_SCHED_H
#define XEN_SCHED_H

#include <xen/event_channel.h>

#define SCHEDOP_yield		0
#define SCHEDOP_block		1
#define SCHEDOP_shutdown	2
#define SCHEDOP_poll		3
#define SCHEDOP_remote_shutdown	4
#define SCHEDOP_shutdown_code	5
#define SCHEDOP_watchdog	6
#define SCHEDOP_pin_override	7

/* Reasons for a shutdown. From dom0, poweroff and reboot act on the machine. */
#define SHUTDOWN_poweroff	0
#define SHUTDOWN_reboot		1
#define SHUTDOWN_suspend	2
#define SHUTDOWN_crash		3
#define SHUTDOWN_watchdog	4
#define SHUTDOWN_soft_reset	5
#define SHUTDOWN_MAX		5	/* highest reason */

#ifndef __ASSEMBLER__

struct sched_shutdown {
	uint32_t reason;	/* SHUTDOWN_* */
};

/* Wait until one of the ports is pending, masked or not, or until timeout; at most 128 ports. */
struct sched_poll {
	uint64_t ports;		/* guest ptr: const evtchn_port_t[nr_ports] */
	uint32_t nr_ports;
	uint64_t timeout;	/* absolute system time in ns; 0: no limit */
};

struct sched_remote_shutdown {
	domid_t domain_id;
	uint32_t reason;	/* SHUTDOWN_* */
};

/* Kill the domain unless poked again within timeout seconds. id 0: make one; timeout 0: stop. */
struct sched_watchdog {
	uint32_t id;
	uint32_t timeout;
};

/* Run the calling vCPU on one physical CPU whatever its affinity; negative: back to normal. */
struct sched_pin_override {
	int32_t pcpu;
};

#endif
#endif
