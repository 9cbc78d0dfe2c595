/* SPDX-License-Identifier: MIT */
/*
 * Every setting that xl.cfg(5) of Xen 4.17 describes, with a value it shows: those of PV guests
 * are taken without a word, those of HVM and PVH guests are named in a warning, and those that a
 * guest would miss are refused with a reason. What is asked for by an empty value is nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"

#include "parsed.h"

enum verdict {
	TAKEN,   /* no note */
	HVM,     /* "KEY is for HVM guests" */
	NOTED,   /* "KEY has no effect" or another note */
	REFUSED, /* "KEY: why" */
};

static const struct {
	const char *key, *value;
	enum verdict verdict;
} rows[] = {
	/* guest type, general options */
	{ "type", "'pv'", TAKEN },
	{ "type", "\"pvh\"", REFUSED },
	{ "type", "\"hvm\"", REFUSED },
	{ "builder", "'generic'", TAKEN },
	{ "builder", "'linux'", TAKEN },
	{ "builder", "\"hvm\"", REFUSED },
	{ "name", "'web'", TAKEN },
	{ "uuid", "'4f192fc4-89b9-4d71-8669-a900cb7461a4'", TAKEN },
	{ "pool", "\"Pool-0\"", TAKEN },
	{ "vcpus", "2", TAKEN },
	{ "maxvcpus", "4", TAKEN },
	{ "cpus", "'0-3,5,^1'", TAKEN },
	{ "cpus", "'all,^7'", TAKEN },
	{ "cpus", "'nodes:0-3,^node:2'", TAKEN },
	{ "cpus", "'1,node:0,^6'", TAKEN },
	{ "cpus", "'node:1'", REFUSED },
	{ "cpus", "[\"2\", \"3-8,^5\"]", TAKEN },
	{ "cpus_soft", "'node:0'", TAKEN },
	{ "cpu_weight", "512", TAKEN },
	{ "cap", "50", TAKEN },
	{ "memory", "512", TAKEN },
	{ "maxmem", "1024", TAKEN },
	{ "vnuma", "[ ['pnode=0','size=512','vcpus=0-4','vdistances=10'] ]", REFUSED },
	{ "vnuma", "[]", TAKEN },
	{ "on_poweroff", "'preserve'", TAKEN },
	{ "on_reboot", "'rename-restart'", TAKEN },
	{ "on_watchdog", "'coredump-destroy'", TAKEN },
	{ "on_crash", "'coredump-restart'", TAKEN },
	{ "on_soft_reset", "'soft-reset'", TAKEN },
	{ "kernel", "'/boot/vmlinuz'", TAKEN },
	{ "ramdisk", "'/boot/initrd.img'", TAKEN },
	{ "cmdline", "'root=/dev/xvda1 ro'", TAKEN },
	{ "root", "'/dev/xvda1'", TAKEN },
	{ "extra", "'quiet'", TAKEN },
	{ "bootloader", "'pygrub'", NOTED },
	{ "bootloader", "'/usr/lib/xen-4.17/bin/pygrub'", NOTED },
	{ "bootloader", "'/usr/bin/mine'", REFUSED },
	{ "bootloader", "''", TAKEN },
	{ "bootloader_args", "['--offset=1']", TAKEN },
	{ "firmware", "'pvgrub32'", REFUSED },
	{ "firmware", "'uefi'", HVM },
	{ "pvshim", "1", HVM },
	{ "pvshim_path", "'/x'", HVM },
	{ "pvshim_cmdline", "'x'", HVM },
	{ "pvshim_extra", "'x'", HVM },
	{ "seclabel", "'system_u:system_r:domU_t'", REFUSED },
	{ "init_seclabel", "'x'", REFUSED },
	{ "max_grant_frames", "64", TAKEN },
	{ "max_maptrack_frames", "1024", TAKEN },
	{ "max_grant_version", "1", TAKEN },
	{ "nomigrate", "1", TAKEN },
	{ "nomigrate", "2", REFUSED },
	{ "driver_domain", "1", REFUSED },
	{ "driver_domain", "0", TAKEN },
	{ "device_tree", "'/x.dtb'", REFUSED },
	{ "passthrough", "'disabled'", TAKEN },
	{ "xend_suspend_evtchn_compat", "0", TAKEN },
	{ "vmtrace_buf_kb", "0", TAKEN },
	{ "vpmu", "0", TAKEN },
	{ "blkdev_start", "'xvda'", TAKEN },
	/* devices */
	{ "disk", "[ '/dev/vg/lv,raw,xvda,rw' ]", TAKEN },
	{ "vif", "[ 'mac=00:16:3e:01:02:03,bridge=xenbr0' ]", TAKEN },
	{ "vif", "[ '' ]", TAKEN },
	{ "vtpm", "[ 'backend=vtpm' ]", REFUSED },
	{ "p9", "[ 'tag=a,path=/,security_model=none' ]", REFUSED },
	{ "pvcalls", "[ 'backend=0' ]", REFUSED },
	{ "vfb", "[ 'vnc=1' ]", REFUSED },
	{ "vfb", "[]", TAKEN },
	{ "channel", "[ 'connection=pty,name=a' ]", REFUSED },
	{ "rdm", "'strategy=host,policy=strict'", HVM },
	{ "usbctrl", "[ 'type=pv' ]", REFUSED },
	{ "usbdev", "[ 'hostbus=1,hostaddr=3' ]", REFUSED },
	{ "pci", "[ '01:00.0' ]", REFUSED },
	{ "pci", "[]", TAKEN },
	{ "pci_permissive", "0", TAKEN },
	{ "pci_msitranslate", "1", TAKEN },
	{ "pci_seize", "0", TAKEN },
	{ "pci_power_mgmt", "0", TAKEN },
	{ "gfx_passthru", "1", HVM },
	{ "rdm_mem_boundary", "2048", HVM },
	{ "dtdev", "[ '/soc/x' ]", REFUSED },
	{ "ioports", "[ '2f8-2ff' ]", TAKEN },
	{ "ioports", "[ '3f0' ]", TAKEN },
	{ "iomem", "[ 'fd000,10' ]", TAKEN },
	{ "iomem", "[ 'fd000,1@0' ]", TAKEN },
	{ "irqs", "[ 5, 7 ]", TAKEN },
	{ "max_event_channels", "2047", TAKEN },
	{ "vdispl", "[ 'connectors=id0:1920x1080' ]", REFUSED },
	{ "dm_restrict", "1", HVM },
	{ "device_model_user", "'nobody'", HVM },
	{ "vsnd", "[ [ 'CARD, short-name=x' ] ]", REFUSED },
	{ "vkb", "[ 'unique-id=k' ]", REFUSED },
	{ "tee", "'none'", NOTED },
	{ "vuart", "'sbsa_uart'", TAKEN },
	{ "gic_version", "'default'", TAKEN },
	/* PV */
	{ "e820_host", "1", TAKEN },
	{ "e820_host", "'perhaps'", REFUSED },
	/* HVM */
	{ "boot", "'cdn'", HVM },
	{ "hdtype", "'ahci'", HVM },
	{ "hap", "1", HVM },
	{ "oos", "1", HVM },
	{ "shadow_memory", "8", HVM },
	{ "bios", "'seabios'", HVM },
	{ "bios_path_override", "'/x'", HVM },
	{ "pae", "1", HVM },
	{ "acpi", "1", HVM },
	{ "acpi_s3", "1", HVM },
	{ "acpi_s4", "1", HVM },
	{ "acpi_laptop_slate", "0", HVM },
	{ "apic", "1", HVM },
	{ "nx", "1", HVM },
	{ "hpet", "1", HVM },
	{ "altp2m", "'disabled'", HVM },
	{ "altp2mhvm", "0", HVM },
	{ "nestedhvm", "0", HVM },
	{ "cpuid", "'host,tm=0,sse3=0'", TAKEN },
	{ "cpuid", "[ '0x1:ecx=xxxxxxxxxxx00xxxxxxxxxxxxxxxxxxx' ]", TAKEN },
	{ "acpi_firmware", "'/x'", HVM },
	{ "smbios_firmware", "'/x'", HVM },
	{ "smbios", "[ 'bios_vendor=x' ]", HVM },
	{ "ms_vm_genid", "'generate'", HVM },
	{ "tsc_mode", "'default'", TAKEN },
	{ "tsc_mode", "'always_emulate'", TAKEN },
	{ "tsc_mode", "'native'", TAKEN },
	{ "tsc_mode", "'native_paravirt'", REFUSED },
	{ "localtime", "0", TAKEN },
	{ "rtc_timeoffset", "3600", TAKEN },
	{ "vpt_align", "1", HVM },
	{ "timer_mode", "1", HVM },
	{ "mmio_hole", "1024", HVM },
	{ "xen_platform_pci", "1", HVM },
	{ "viridian", "[ 'base' ]", HVM },
	{ "videoram", "16", HVM },
	{ "stdvga", "0", HVM },
	{ "vga", "'none'", HVM },
	{ "vnc", "1", NOTED },
	{ "vnclisten", "'0.0.0.0'", NOTED },
	{ "vncdisplay", "1", NOTED },
	{ "vncunused", "1", NOTED },
	{ "vncpasswd", "'x'", NOTED },
	{ "keymap", "'de'", NOTED },
	{ "sdl", "0", NOTED },
	{ "opengl", "0", NOTED },
	{ "nographic", "1", HVM },
	{ "spice", "1", HVM },
	{ "spicehost", "'x'", HVM },
	{ "spiceport", "6000", HVM },
	{ "spicetls_port", "6001", HVM },
	{ "spicedisable_ticketing", "1", HVM },
	{ "spicepasswd", "'x'", HVM },
	{ "spiceagent_mouse", "1", HVM },
	{ "spicevdagent", "1", HVM },
	{ "spice_clipboard_sharing", "1", HVM },
	{ "spiceusbredirection", "4", HVM },
	{ "spice_image_compression", "'off'", HVM },
	{ "spice_streaming_video", "'off'", HVM },
	{ "serial", "'pty'", HVM },
	{ "soundhw", "'hda'", HVM },
	{ "vkb_device", "1", HVM },
	{ "usb", "1", HVM },
	{ "usbversion", "2", HVM },
	{ "usbdevice", "'tablet'", HVM },
	{ "vendor_device", "'none'", HVM },
	/* device model, architecture */
	{ "device_model_version", "'qemu-xen'", HVM },
	{ "device_model_override", "'/x'", HVM },
	{ "device_model_stubdomain_override", "0", HVM },
	{ "device_model_stubdomain_seclabel", "'x'", HVM },
	{ "device_model_args", "[ '-x' ]", HVM },
	{ "device_model_args_pv", "[ '-x' ]", HVM },
	{ "device_model_args_hvm", "[ '-x' ]", HVM },
	{ "stubdomain_kernel", "'/x'", HVM },
	{ "stubdomain_cmdline", "'x'", HVM },
	{ "stubdomain_ramdisk", "'/x'", HVM },
	{ "stubdomain_memory", "32", HVM },
	{ "mca_caps", "[ 'lmce' ]", HVM },
	{ "msr_relaxed", "1", TAKEN },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int parse(const char *key, const char *value)
{
	char text[512];

	/* The setting comes last, and so counts. */
	snprintf(text, sizeof(text), "name='g'\nkernel='/k'\nmaxvcpus=8\n%s = %s\n", key, value);
	return parsed(text, NULL);
}

static bool as_expected(size_t i)
{
	char says[128];
	int rc = parse(rows[i].key, rows[i].value);

	switch (rows[i].verdict) {
	case TAKEN:
		return !rc && !notes.count;
	case HVM:
		snprintf(says, sizeof(says), "x.cfg:4: %s is for HVM guests and has no effect",
			 rows[i].key);
		return !rc && notes.count == 1 && !strcmp(notes.text[0], says);
	case NOTED:
		return !rc && notes.count >= 1 && !strncmp(notes.text[0], "x.cfg:4: ", 9) &&
		       !strstr(notes.text[0], "unknown");
	default:
		return rc < 0 && !strncmp(why.text, "x.cfg:4: ", 9) && strlen(why.text) > 20;
	}
}

static void test_every_setting(void **state)
{
	size_t i, bad = 0;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		if (!as_expected(i)) {
			print_error("%s = %s: %s%s\n", rows[i].key, rows[i].value, why.text,
				    notes.count ? notes.text[0] : "");
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* Files written for HVM guests are told the one thing that matters, by the line that says it. */
static void test_wrong_types(void **state)
{
	(void)state;
	assert_true(parse("type", "'hvm'") < 0);
	assert_non_null(strstr(why.text, "x.cfg:4: type = \"hvm\": this hypervisor runs "
					 "paravirtual guests only; use type = \"pv\""));
	assert_true(parse("builder", "'hvm'") < 0);
	assert_non_null(strstr(why.text, "builder = \"hvm\": this hypervisor runs paravirtual"));
	assert_true(parse("type", "'pvh'") < 0);
	assert_non_null(strstr(why.text, "CONFIG_XEN_PV"));
}

static void test_grub_in_the_guest(void **state)
{
	static const char *const asks[][2] = { { "bootloader", "'pygrub'" },
					       { "firmware", "'pvgrub64'" } };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		char text[256];

		snprintf(text, sizeof(text), "name='g'\n%s=%s\n", asks[i][0], asks[i][1]);
		assert_int_equal(parsed(text, NULL), 0);
		assert_string_equal(g.kernel, GUEST_PVGRUB);
		assert_null(g.ramdisk);
		assert_true(g.boots_grub);
		assert_int_equal(notes.count, !i);
	}
}

/* A list pins the vCPUs it has entries for, a text all of them. */
static void test_cpu_lists(void **state)
{
	(void)state;
	assert_int_equal(parse("cpus", "['2']"), 0);
	assert_int_equal(g.cpus_count, 2);
	assert_true(cpu_set_has(&g.cpus[0], 2) && !cpu_set_has(&g.cpus[0], 3));
	assert_true(cpu_set_has(&g.cpus[1], 3));
	assert_int_equal(parse("cpus", "'2'"), 0);
	assert_int_equal(g.cpus_count, 1);
	assert_int_equal(parse("cpus", "'nodes:0-3,^1'"), 0);
	assert_true(cpu_set_has(&g.cpus[0], 0) && !cpu_set_has(&g.cpus[0], 1));
	assert_int_equal(parse("cpus", "'1,^node:0'"), -22);
	assert_non_null(strstr(why.text, "names no CPU"));
}

static void test_names_are_single(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < config_key_count; i++) {
		for (j = 0; j < i; j++) {
			assert_string_not_equal(config_keys[i].name, config_keys[j].name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_setting),     cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_grub_in_the_guest), cmocka_unit_test(test_cpu_lists),
		cmocka_unit_test(test_names_are_single),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, parsed_free);
}
