/* SPDX-License-Identifier: MIT */
/* Everything a new domain is made from. Zero means "the default" where a default exists. */
#ifndef DAIS_DOMAIN_CREATE_H
#define DAIS_DOMAIN_CREATE_H

#include <stdbool.h>
#include <stdint.h>

struct domain_create_params {
	bool choose_domid;		/* take the next free domid, else `domid` */
	uint16_t domid;
	uint8_t handle[16];		/* UUID */
	bool is_privileged, is_hardware, is_xenstore;
	bool msr_relaxed;
	unsigned int max_vcpus;		/* 1..DOMAIN_MAX_VCPUS */
	uint32_t max_evtchn_port;	/* highest port, 0 = ABI maximum */
	uint32_t max_grant_frames;	/* 0 = default */
	uint32_t max_maptrack_frames;	/* 0 = may not map */
	unsigned int grant_version;	/* highest it may use: 1 or 2 */
	uint32_t cpupool;
};

#define DOMAIN_MAX_VCPUS	128

#endif
