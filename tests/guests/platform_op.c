/* SPDX-License-Identifier: MIT */
/*
 * platform_op: versions, and the questions dom0 asks of the firmware.
 *
 * Domain: dom0
 *
 * A wrong interface version is -EACCES, which is how tools tell a mismatch from a missing call.
 * Firmware probes end with -ESRCH or -EINVAL; on a BIOS machine the EFI question must fail, or the
 * kernel would call EFI. get_cpuinfo counts the machine's processors by number.
 */
#include "kit.h"

#include <xen/platform.h>

static struct xen_platform_op op;

static long call(u32 cmd)
{
	op.cmd = cmd;
	op.interface_version = XENPF_INTERFACE_VERSION;
	return HC(platform_op, &op);
}

static void check_versions(void)
{
	op.cmd = XENPF_get_cpuinfo;
	op.interface_version = XENPF_INTERFACE_VERSION - 1;
	CHECK_EQ(HC(platform_op, &op), -kEACCES);
	op.interface_version = 0;
	CHECK_EQ(HC(platform_op, &op), -kEACCES);
	CHECK_EQ(HC(platform_op, ADDR_UNMAPPED), -kEFAULT);
	CHECK_EQ(call(9999), -kENOSYS);
	CHECK_EQ(call(XENPF_getidletime), -kENOSYS);	/* only where dom0 sets frequencies */
}

static void check_cpuinfo(void)
{
	op.u.pcpu_info.xen_cpuid = 0;
	CHECK_EQ(call(XENPF_get_cpuinfo), 0);
	CHECK_EQ(op.u.pcpu_info.flags & XEN_PCPU_FLAGS_ONLINE, XEN_PCPU_FLAGS_ONLINE);
	CHECK_EQ(op.u.pcpu_info.apic_id, 0);
	CHECK_EQ(op.u.pcpu_info.acpi_id, 0);
	CHECK_EQ(op.u.pcpu_info.max_present, 0);
	op.u.pcpu_info.xen_cpuid = 1;
	CHECK_EQ(call(XENPF_get_cpuinfo), 0);
	CHECK_EQ(op.u.pcpu_info.flags & XEN_PCPU_FLAGS_INVALID, XEN_PCPU_FLAGS_INVALID);
	op.u.pcpu_info.xen_cpuid = 0xffffffff;
	CHECK_EQ(call(XENPF_get_cpuinfo), 0);
	CHECK_EQ(op.u.pcpu_info.flags & XEN_PCPU_FLAGS_INVALID, XEN_PCPU_FLAGS_INVALID);
}

static void check_firmware(void)
{
	long err;

	memset(&op.u, 0, sizeof(op.u));
	op.u.firmware_info.type = XEN_FW_EFI_INFO;
	op.u.firmware_info.index = XEN_FW_EFI_VERSION;
	CHECK(call(XENPF_firmware_info) < 0);
	memset(&op.u, 0, sizeof(op.u));
	op.u.firmware_info.type = XEN_FW_DISK_INFO;
	op.u.firmware_info.index = 1000;
	err = call(XENPF_firmware_info);
	CHECK(err == -kESRCH || err == -kEINVAL);
	op.u.firmware_info.type = XEN_FW_DISK_MBR_SIGNATURE;
	op.u.firmware_info.index = 1000;
	err = call(XENPF_firmware_info);
	CHECK(err == -kESRCH || err == -kEINVAL);
	op.u.firmware_info.type = 77;
	CHECK_EQ(call(XENPF_firmware_info), -kEINVAL);
}

static void check_time(void)
{
	const volatile struct shared_info *s = event_shared();
	long now;

	memset(&op.u, 0, sizeof(op.u));
	op.u.settime64.secs = 1600000000;
	op.u.settime64.system_time = clock_ns();
	CHECK_EQ(call(XENPF_settime64), 0);
	now = (long)(s->wc_sec + clock_ns() / 1000000000);
	check_that(now >= 1600000000 - 1 && now < 1600000060, "the clock says %ld", now);
	op.u.settime64.mbz = 1;
	CHECK_EQ(call(XENPF_settime64), -kEINVAL);
	memset(&op.u, 0, sizeof(op.u));
	op.u.settime32.secs = 1499999998;
	op.u.settime32.nsecs = 2000000000;	/* more than fit into a second count as well */
	op.u.settime32.system_time = clock_ns();
	CHECK_EQ(call(XENPF_settime32), 0);
	now = (long)(s->wc_sec + clock_ns() / 1000000000);
	check_that(now >= 1500000000 - 1 && now < 1500000060, "the clock says %ld", now);
}

void guest_main(void)
{
	kit_init();
	check_versions();
	check_cpuinfo();
	check_firmware();
	check_time();
	verdict();
}
