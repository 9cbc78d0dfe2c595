/* SPDX-License-Identifier: MIT */
/*
 * platform_op(struct xen_platform_op *): what dom0's kernel tells and asks the owner of the
 * machine. Privileged. interface_version must match, or the result is -EACCES; a command that is
 * not offered gives -ENOSYS, which every caller tolerates.
 */
#ifndef XEN_PLATFORM_H
#define XEN_PLATFORM_H

#include <xen/types.h>

#define XENPF_INTERFACE_VERSION		0x03000001

#define XENPF_settime32			17
#define XENPF_add_memtype		31	/* not offered: MTRRs */
#define XENPF_del_memtype		32	/* not offered */
#define XENPF_read_memtype		33	/* not offered */
#define XENPF_microcode_update		35	/* not offered */
#define XENPF_platform_quirk		39	/* not offered */
#define XENPF_get_cpu_version		48
#define XENPF_efi_runtime_call		49
#define XENPF_firmware_info		50
#define XENPF_enter_acpi_sleep		51
#define XENPF_change_freq		52	/* not offered */
#define XENPF_getidletime		53	/* not offered: for frequencies set by dom0 */
#define XENPF_set_processor_pminfo	54
#define XENPF_get_cpuinfo		55
#define XENPF_cpu_online		56	/* xenpf_cpu_ol */
#define XENPF_cpu_offline		57	/* xenpf_cpu_ol */
#define XENPF_cpu_hotadd		58
#define XENPF_mem_hotadd		59
#define XENPF_core_parking		60
#define XENPF_resource_op		61	/* not offered */
#define XENPF_settime64			62
#define XENPF_get_symbol		63

/* xenpf_firmware_info.type: what is asked, index counting from 0. -ESRCH past the last one. */
#define XEN_FW_DISK_INFO		1	/* BIOS disk parameters */
#define XEN_FW_DISK_MBR_SIGNATURE	2
#define XEN_FW_VBEDDC_INFO		3	/* monitor identification */
#define XEN_FW_EFI_INFO			4	/* index is XEN_FW_EFI_*; must fail without EFI */
#define XEN_FW_KBD_SHIFT_FLAGS		5

#define XEN_FW_EFI_VERSION		0
#define XEN_FW_EFI_CONFIG_TABLE		1
#define XEN_FW_EFI_VENDOR		2
#define XEN_FW_EFI_MEM_INFO		3
#define XEN_FW_EFI_RT_VERSION		4
#define XEN_FW_EFI_PCI_ROM		5
#define XEN_FW_EFI_APPLE_PROPERTIES	6

/* xenpf_efi_runtime_call.function */
#define XEN_EFI_get_time		1
#define XEN_EFI_set_time		2
#define XEN_EFI_get_wakeup_time		3
#define XEN_EFI_set_wakeup_time		4
#define XEN_EFI_get_next_high_monotonic_count 5
#define XEN_EFI_get_variable		6
#define XEN_EFI_set_variable		7
#define XEN_EFI_get_next_variable_name	8
#define XEN_EFI_query_variable_info	9
#define XEN_EFI_query_capsule_capabilities 10	/* not offered: status "unsupported" */
#define XEN_EFI_update_capsule		11	/* not offered */

/* xenpf_efi_runtime_call.misc; no other bits may be set on the way in. */
#define XEN_EFI_GET_TIME_SET_CLEARS_NS	0x00000001	/* get_time, out */
#define XEN_EFI_GET_WAKEUP_TIME_ENABLED	0x00000001	/* get_wakeup_time, out */
#define XEN_EFI_GET_WAKEUP_TIME_PENDING	0x00000002
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE	0x00000001	/* set_wakeup_time, in */
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY 0x00000002	/* the time given is not meant */
#define XEN_EFI_VARIABLE_NON_VOLATILE	0x00000001	/* get_variable, out; set_variable, in */
#define XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS 0x00000002
#define XEN_EFI_VARIABLE_RUNTIME_ACCESS	0x00000004
#define XEN_EFI_VARINFO_BOOT_SNAPSHOT	0x00000001	/* query_variable_info, in; not offered */

/* xenpf_enter_acpi_sleep.flags: val_a and val_b are the ACPI 5 sleep registers' values. */
#define XENPF_ACPI_SLEEP_EXTENDED	0x00000001

/* Power management left to dom0, as bits 8 and up of start_info.flags. */
#define XEN_PROCESSOR_PM_CX		1
#define XEN_PROCESSOR_PM_PX		2
#define XEN_PROCESSOR_PM_TX		4

/* xenpf_set_processor_pminfo.type */
#define XEN_PM_CX			0
#define XEN_PM_PX			1
#define XEN_PM_TX			2
#define XEN_PM_PDC			3

/* xen_processor_performance.flags: which parts are filled in. */
#define XEN_PX_PCT			1
#define XEN_PX_PSS			2
#define XEN_PX_PPC			4
#define XEN_PX_PSD			8

#define XEN_CPUPERF_SHARED_TYPE_HW	1
#define XEN_CPUPERF_SHARED_TYPE_ALL	2
#define XEN_CPUPERF_SHARED_TYPE_ANY	3

/* xenpf_pcpuinfo.flags */
#define XEN_PCPU_FLAGS_ONLINE		1
#define XEN_PCPU_FLAGS_INVALID		2	/* no CPU has this number */

#define XEN_CORE_PARKING_SET		1
#define XEN_CORE_PARKING_GET		2

#ifndef __ASSEMBLER__

/* It was secs.nsecs UTC when system time was system_time (ns). */
struct xenpf_settime32 {
	uint32_t secs;
	uint32_t nsecs;
	uint64_t system_time;
};

struct xenpf_settime64 {
	uint64_t secs;
	uint32_t nsecs;
	uint32_t mbz;		/* must be 0 */
	uint64_t system_time;
};

/* Physical CPU xen_cpuid: its CPUID identity. max_present is the highest number in use. */
struct xenpf_pcpu_version {
	uint32_t xen_cpuid;
	uint32_t max_present;	/* out, as the rest */
	char vendor_id[12];
	uint32_t family;
	uint32_t model;
	uint32_t stepping;
};

/* EFI facts by index. Strings are UTF-16; bufsz in bytes, in and out. Addresses are physical. */
union xenpf_efi_info {
	uint32_t version;
	struct {
		uint64_t addr;
		uint32_t nent;
	} cfg;
	struct {
		uint32_t revision;
		uint32_t bufsz;
		uint64_t name;		/* guest ptr: uint16_t[bufsz / 2], filled in */
	} vendor;
	struct {
		uint64_t addr;		/* in, out: start of the region that holds it */
		uint64_t size;
		uint64_t attr;
		uint32_t type;
	} mem;
	struct {
		uint16_t segment;
		uint8_t bus;
		uint8_t devfn;
		uint16_t vendor;
		uint16_t devid;
		uint64_t address;
		xen_ulong_t size;
	} pci_rom;
	struct {
		uint64_t address;
		xen_ulong_t size;
	} apple_properties;
};

struct xenpf_firmware_info {
	uint32_t type;			/* XEN_FW_* */
	uint32_t index;
	union {
		struct {
			uint8_t device;
			uint8_t version;
			uint16_t interface_support;
			uint16_t legacy_max_cylinder;
			uint8_t legacy_max_head;
			uint8_t legacy_sectors_per_track;
			uint64_t edd_params;	/* guest ptr: BIOS EDD packet, in and out */
		} disk_info;
		struct {
			uint8_t device;
			uint32_t mbr_signature;
		} disk_mbr_signature;
		struct {
			uint8_t capabilities;
			uint8_t edid_transfer_time;
			uint64_t edid;		/* guest ptr: uint8_t[128], filled in */
		} vbeddc_info;
		union xenpf_efi_info efi_info;
		uint8_t kbd_shift_flags;
	} u;				/* out */
};

/* Date and time as UEFI has them: local time, tz minutes from UTC (2047: unknown). */
struct xenpf_efi_time {
	uint16_t year;
	uint8_t month;
	uint8_t day;
	uint8_t hour;
	uint8_t min;
	uint8_t sec;
	uint32_t ns;
	int16_t tz;
	uint8_t daylight;
};

struct xenpf_efi_guid {
	uint32_t data1;
	uint16_t data2;
	uint16_t data3;
	uint8_t data4[8];
};

/*
 * Call a runtime service of the UEFI firmware. The result of the hypercall says whether it was
 * called; status is what the firmware answered. Names are UTF-16, terminated.
 */
struct xenpf_efi_runtime_call {
	uint32_t function;		/* XEN_EFI_* */
	uint32_t misc;			/* flags; get_next_high_monotonic_count: out, the count */
	xen_ulong_t status;		/* out */
	union {
		struct {		/* out */
			struct xenpf_efi_time time;
			uint32_t resolution;	/* Hz */
			uint32_t accuracy;	/* 10^-12 */
		} get_time;
		struct xenpf_efi_time set_time;
		struct xenpf_efi_time get_wakeup_time;
		struct xenpf_efi_time set_wakeup_time;
		struct {
			uint64_t name;		/* guest ptr: const uint16_t[] */
			xen_ulong_t size;	/* bytes of data; out with get_variable: needed */
			uint64_t data;		/* guest ptr: uint8_t[size] */
			struct xenpf_efi_guid vendor_guid;
		} get_variable, set_variable;
		struct {
			xen_ulong_t size;	/* bytes of room for name; out: needed */
			uint64_t name;		/* guest ptr: uint16_t[], in and out */
			struct xenpf_efi_guid vendor_guid;	/* in and out */
		} get_next_variable_name;
		struct {
			uint32_t attr;		/* in: XEN_EFI_VARIABLE_* of the variables meant */
			uint64_t max_store_size;	/* bytes */
			uint64_t remain_store_size;
			uint64_t max_size;
		} query_variable_info;
		struct {
			uint64_t capsule_header_array;	/* guest ptr */
			xen_ulong_t capsule_count;
			uint64_t max_capsule_size;
			uint32_t reset_type;
		} query_capsule_capabilities;
		struct {
			uint64_t capsule_header_array;	/* guest ptr */
			xen_ulong_t capsule_count;
			uint64_t sg_list;	/* machine address */
		} update_capsule;
	} u;
};

/*
 * Enter an ACPI sleep state: the hypervisor writes val_a and val_b to the PM1 control (or
 * sleep control and status) registers. sleep_state 5 does not return.
 */
struct xenpf_enter_acpi_sleep {
	uint16_t val_a;
	uint16_t val_b;
	uint32_t sleep_state;
	uint32_t flags;			/* XENPF_ACPI_SLEEP_* */
};

struct xenpf_change_freq {
	uint32_t flags;			/* must be 0 */
	uint32_t cpu;
	uint64_t freq;			/* Hz */
};

/* ACPI generic address, as in _CST. */
struct xen_power_register {
	uint32_t space_id;
	uint32_t bit_width;
	uint32_t bit_offset;
	uint32_t access_size;
	uint64_t address;
};

/* C-state dependency domain. */
struct xen_processor_csd {
	uint32_t domain;
	uint32_t coord_type;
	uint32_t num;
};

/* One C-state; latency in us, power in mW. */
struct xen_processor_cx {
	struct xen_power_register reg;
	uint8_t type;
	uint32_t latency;
	uint32_t power;
	uint32_t dpcnt;
	uint64_t dp;			/* guest ptr: const struct xen_processor_csd[dpcnt] */
};

struct xen_processor_flags {
	uint32_t bm_control : 1;
	uint32_t bm_check : 1;
	uint32_t has_cst : 1;
	uint32_t power_setup_done : 1;
	uint32_t bm_rld_set : 1;
};

struct xen_processor_power {
	uint32_t count;
	struct xen_processor_flags flags;
	uint64_t states;		/* guest ptr: const struct xen_processor_cx[count] */
};

/* P-state register, as in _PCT. */
struct xen_pct_register {
	uint8_t descriptor;
	uint16_t length;
	uint8_t space_id;
	uint8_t bit_width;
	uint8_t bit_offset;
	uint8_t reserved;
	uint64_t address;
};

/* One P-state, as in _PSS: MHz, mW, us. */
struct xen_processor_px {
	uint64_t core_frequency;
	uint64_t power;
	uint64_t transition_latency;
	uint64_t bus_master_latency;
	uint64_t control;
	uint64_t status;
};

/* P-state dependency, as in _PSD. */
struct xen_psd_package {
	uint64_t num_entries;
	uint64_t revision;
	uint64_t domain;
	uint64_t coord_type;
	uint64_t num_processors;
};

struct xen_processor_performance {
	uint32_t flags;			/* XEN_PX_* */
	uint32_t platform_limit;
	struct xen_pct_register control_register;
	struct xen_pct_register status_register;
	uint32_t state_count;
	uint64_t states;		/* guest ptr: const struct xen_processor_px[state_count] */
	struct xen_psd_package domain_info;
	uint32_t shared_type;		/* XEN_CPUPERF_SHARED_TYPE_* */
};

/* Power information of the CPU with ACPI id. For PDC, id may be ~0: adjust the bits only. */
struct xenpf_set_processor_pminfo {
	uint32_t id;
	uint32_t type;			/* XEN_PM_* */
	union {
		struct xen_processor_power power;
		struct xen_processor_performance perf;
		uint64_t pdc;		/* guest ptr: uint32_t[], in and out */
	} u;
};

/* Physical CPU xen_cpuid. Out: the rest. A number past max_present gives the INVALID flag. */
struct xenpf_pcpuinfo {
	uint32_t xen_cpuid;
	uint32_t max_present;
	uint32_t flags;			/* XEN_PCPU_FLAGS_* */
	uint32_t apic_id;
	uint32_t acpi_id;
};

struct xenpf_cpu_ol {
	uint32_t cpuid;
};

struct xenpf_cpu_hotadd {
	uint32_t apic_id;
	uint32_t acpi_id;
	uint32_t pxm;
};

/* Frames [spfn, epfn). */
struct xenpf_mem_hotadd {
	uint64_t spfn;
	uint64_t epfn;
	uint32_t pxm;
	uint32_t flags;
};

struct xenpf_core_parking {
	uint32_t type;			/* XEN_CORE_PARKING_* */
	uint32_t idle_nums;		/* in with SET, out with GET */
};

/* Symbol symnum of the hypervisor; the next number is returned there, 0 at the end. */
struct xenpf_symdata {
	uint32_t namelen;		/* in: room; out: needed */
	uint32_t symnum;		/* in, out */
	uint64_t name;			/* guest ptr: char[namelen], filled in */
	uint64_t address;		/* out */
	char type;			/* out: as in nm */
};

struct xen_platform_op {
	uint32_t cmd;			/* XENPF_* */
	uint32_t interface_version;	/* XENPF_INTERFACE_VERSION */
	union {
		struct xenpf_settime32 settime32;
		struct xenpf_settime64 settime64;
		struct xenpf_pcpu_version pcpu_version;
		struct xenpf_efi_runtime_call efi_runtime_call;
		struct xenpf_firmware_info firmware_info;
		struct xenpf_enter_acpi_sleep enter_acpi_sleep;
		struct xenpf_change_freq change_freq;
		struct xenpf_set_processor_pminfo set_pminfo;
		struct xenpf_pcpuinfo pcpu_info;
		struct xenpf_cpu_ol cpu_ol;
		struct xenpf_cpu_hotadd cpu_add;
		struct xenpf_mem_hotadd mem_add;
		struct xenpf_core_parking core_parking;
		struct xenpf_symdata symdata;
		uint8_t pad[128];
	} u;
};

#endif
#endif
