/* SPDX-License-Identifier: MIT */
/*
 * What a guest shall be: the meaning of an xl.cfg file, checked and with defaults filled in. Pure
 * data; no file is opened and no device looked at, so a configuration can be checked anywhere.
 *
 * Texts are owned by the struct; NULL means that nothing was said. Release with guest_free().
 */
#ifndef CONFIG_GUEST_H
#define CONFIG_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/syntax.h"
#include "lib/domctl.h"
#include "lib/failure.h"

#define GUEST_VCPUS_MAX   512
#define GUEST_NAME_MAX    80
#define GUEST_CMDLINE_MAX 1023
/* GRUB for PV guests, as Debian packages it (grub-xen-host). */
#define GUEST_PVGRUB "/usr/lib/grub-xen/grub-x86_64-xen.bin"

/* What to do when a guest has ended, by why it ended. */
enum guest_action {
	ACTION_DESTROY,
	ACTION_RESTART,
	ACTION_RENAME_RESTART,
	ACTION_PRESERVE,
	ACTION_COREDUMP_DESTROY,
	ACTION_COREDUMP_RESTART,
	ACTION_SOFT_RESET,
	ACTION_COUNT
};

/* In the numbering of SHUTDOWN_* (<xen/sched.h>). */
enum guest_end {
	END_POWEROFF,
	END_REBOOT,
	END_SUSPEND,
	END_CRASH,
	END_WATCHDOG,
	END_SOFT_RESET,
	END_COUNT
};

const char *guest_action_name(enum guest_action a);
const char *guest_end_name(unsigned int reason); /* "unknown" for others */

/*
 * target    block device or image file; NULL: an empty drive
 * device    the kernel's number of the virtual device, as in the store
 */
struct guest_disk {
	char *target;
	char *vdev; /* "xvda" */
	uint32_t device;
	bool writable, removable, cdrom;
	bool discard;
	bool direct_io_safe;
};

struct guest_nic {
	uint8_t mac[6];
	bool mac_set;
	char *bridge; /* default "xenbr0" */
	char *ifname; /* of the backend's interface; NULL: vifDOMID.N */
	char *ip;
	int devid;           /* -1: the next free one */
	uint32_t mtu;        /* 0: the bridge's */
	uint64_t rate_bytes; /* in each interval; 0: no limit */
	uint32_t rate_us;
	bool untrusted;
};

struct guest_range {
	uint64_t first, count;
};

struct guest_config {
	char *name;
	uint8_t uuid[16];
	bool uuid_set;
	uint64_t memory_kib, maxmem_kib;
	uint32_t vcpus, maxvcpus;
	char *kernel, *ramdisk;
	char *cmdline;   /* never NULL */
	bool boots_grub; /* asked for instead of a kernel; `kernel` is GUEST_PVGRUB then */

	/*
	 * Affinity. Count 0: anywhere; 1: the same for all vCPUs; else one each, and vCPUs past the
	 * last run anywhere.
	 */
	struct cpu_set *cpus, *cpus_soft;
	size_t cpus_count, cpus_soft_count;
	uint32_t weight, cap;
	bool weight_set, cap_set;
	char *pool;

	enum guest_action on[END_COUNT];

	struct guest_disk *disks;
	size_t disk_count;
	struct guest_nic *nics;
	size_t nic_count;

	char **cpuid; /* as written, in order */
	size_t cpuid_count;
	uint32_t tsc_mode; /* 0 default, 1 emulated, 2 native */
	bool msr_relaxed;
	bool localtime;
	int64_t time_offset;                           /* seconds */
	int32_t max_grant_frames, max_maptrack_frames; /* -1: default */
	uint32_t max_grant_version;                    /* 0: default */
	uint32_t max_event_channels;

	struct guest_range *ioports, *irqs, *iomem;
	size_t ioport_count, irq_count, iomem_count;
};

/* Messages about what works, but perhaps not as meant. */
struct config_notes {
	char **text;
	size_t count;
};

void config_note(struct config_notes *n, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void config_notes_free(struct config_notes *n);

/*
 * Reads a whole configuration: `text` (from the file `where`), then `overrides` (NAME=VALUE lines
 * of the command line; may be NULL), which win.
 */
int guest_parse(struct guest_config *g, const char *where, const char *text, size_t len,
		const char *overrides, struct config_notes *notes, struct failure *f);
void guest_free(struct guest_config *g);

/* The parts of which block-attach and network-attach give only one. */
int guest_parse_disk(struct guest_disk *d, const char *spec, struct config_notes *notes,
		     struct failure *f);
void guest_disk_free(struct guest_disk *d);
int guest_parse_nic(struct guest_nic *n, const char *spec, struct config_notes *notes,
		    struct failure *f);
void guest_nic_free(struct guest_nic *n);

/*
 * "0-3,5,^2", "all", "none", "node:0": a set of CPUs. The machine counts as one node, which has
 * all CPUs. 0 or -EINVAL.
 */
int guest_parse_cpus(struct cpu_set *set, const char *spec, struct failure *f);
/* xvda, sda1, hdc, d3p1, 51712 or 0xca00 to the number of a virtual device; -EINVAL. */
int guest_vdev_number(const char *vdev, uint32_t *number);
/* And back: "xvda" (and "xvda1") for the numbers that have such a name, else the number. */
void guest_vdev_name(uint32_t number, char name[24]);
/* A valid name: printable, no slash, not a number, at most GUEST_NAME_MAX bytes. */
int guest_check_name(const char *name, struct failure *f);

#endif
