/* SPDX-License-Identifier: MIT */
/*
 * The JSON of libxl in files of Debian's xl: what comes out is read as any configuration is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "parsed.h"

#include "config/libxl_json.h"
#include "lib/uuid.h"

/* As Debian's xl wrote it, but for names. */
static const char plain[] =
	"{\"c_info\": {\"type\": \"pv\", \"name\": \"sav\", \"uuid\": \"0c4d836e-ead1-11f1-9bd0-82ea1f881089\","
	" \"run_hotplug_scripts\": \"True\"},\n"
	"\"b_info\": {\"max_vcpus\": 2, \"avail_vcpus\": [0, 1], \"max_memkb\": 98304, \"target_memkb\": 98304,"
	" \"video_memkb\": 0, \"sched_params\": {\"sched\": \"credit2\", \"weight\": 256, \"cap\": 0},"
	" \"claim_mode\": \"True\", \"kernel\": \"/kit/vmlinuz-cloud\", \"cmdline\": \"console=hvc0 a=1 \","
	" \"ramdisk\": \"/kit/guest.cpio\", \"type.pv\": {}, \"arch_arm\": {},"
	" \"arch_x86\": {\"msr_relaxed\": \"False\"}},\n"
	"\"disks\": [{\"pdev_path\": \"/tmp/sav.img\", \"vdev\": \"xvda\", \"format\": \"raw\", \"readwrite\": 1,"
	" \"colo_restore_enable\": \"False\"}],\n"
	"\"nics\": [{\"devid\": 0, \"mac\": \"00:16:3e:00:00:02\", \"bridge\": \"xenbr0\", \"nictype\": \"vif\"}],\n"
	"\"on_reboot\": \"restart\", \"on_soft_reset\": \"soft_reset\"}";

static int parsed_json(const char *json)
{
	char *text;
	int rc;

	memset(&why, 0, sizeof(why));
	text = libxl_json_to_config(json, strlen(json), &why);
	rc = text ? parsed(text, NULL) : why.code;
	free(text);
	if (rc) {
		print_message("%s\n", why.text);
	}
	return rc;
}

static void test_plain(void **state)
{
	char uuid[UUID_TEXT];

	(void)state;
	assert_int_equal(parsed_json(plain), 0);
	assert_string_equal(g.name, "sav");
	uuid_format(g.uuid, uuid);
	assert_string_equal(uuid, "0c4d836e-ead1-11f1-9bd0-82ea1f881089");
	assert_true(g.vcpus == 2 && g.maxvcpus == 2 && g.weight == 256);
	assert_true(g.memory_kib == 98304 && g.maxmem_kib == 98304);
	assert_string_equal(g.kernel, "/kit/vmlinuz-cloud");
	assert_string_equal(g.ramdisk, "/kit/guest.cpio");
	assert_string_equal(g.cmdline, "console=hvc0 a=1 ");
	assert_true(g.disk_count == 1 && g.disks[0].writable);
	assert_string_equal(g.disks[0].target, "/tmp/sav.img");
	assert_string_equal(g.disks[0].vdev, "xvda");
	assert_true(g.nic_count == 1 && g.nics[0].mac[5] == 2 && g.nics[0].devid == 0);
	assert_string_equal(g.nics[0].bridge, "xenbr0");
	/* What libxl leaves out is to be destroyed. */
	assert_int_equal(g.on[END_REBOOT], ACTION_RESTART);
	assert_int_equal(g.on[END_CRASH], ACTION_DESTROY);
	assert_int_equal(g.on[END_SOFT_RESET], ACTION_SOFT_RESET);
	assert_false(g.msr_relaxed);
	assert_int_equal(notes.count, 0);
}

static void test_everything(void **state)
{
	(void)state;
	assert_int_equal(
		parsed_json(
			"{\"c_info\": {\"type\": \"pv\", \"name\": \"x\", \"pool_name\": \"fast\"},"
			"\"b_info\": {\"max_vcpus\": 4, \"avail_vcpus\": [0], \"max_memkb\": 204801,"
			"\"target_memkb\": 102400, \"vcpu_hard_affinity\": [[1, 3], []],"
			"\"vcpu_soft_affinity\": [[0], [2]], \"sched_params\": {\"cap\": 50},"
			"\"kernel\": \"/k \\\"\\\\\\n;#\", \"localtime\": \"True\", \"tsc_mode\": \"native\","
			"\"max_grant_frames\": 32, \"max_maptrack_frames\": 0, \"event_channels\": 500,"
			"\"arch_x86\": {\"msr_relaxed\": true}},"
			"\"disks\": [{\"pdev_path\": \"/a, b=c\", \"vdev\": \"xvda\", \"format\": \"raw\","
			"\"readwrite\": 0, \"discard_enable\": \"False\", \"direct_io_safe\": true},"
			"{\"vdev\": \"xvdb\", \"format\": \"empty\", \"is_cdrom\": 1, \"removable\": 1}],"
			"\"nics\": [{\"mac\": \"00:16:3e:00:00:02\", \"bridge\": \"b\", \"ifname\": \"v7\","
			"\"ip\": \"10.0.0.1\", \"script\": \"/etc/xen/scripts/vif-bridge\", \"mtu\": 1400,"
			"\"rate_bytes_per_interval\": 62500, \"rate_interval_usecs\": 50000}],"
			"\"on_crash\": \"coredump_restart\", \"on_poweroff\": \"rename_restart\"}"),
		0);
	assert_string_equal(g.kernel, "/k \"\\\n;#");
	assert_string_equal(g.pool, "fast");
	assert_true(g.vcpus == 1 && g.maxvcpus == 4 && g.cap == 50);
	assert_true(g.memory_kib == 100 << 10 && g.maxmem_kib == 201 << 10);
	assert_true(g.cpus_count == 2 && g.cpus_soft_count == 2);
	assert_true(cpu_set_has(&g.cpus[0], 3) && !cpu_set_has(&g.cpus[0], 2));
	assert_true(cpu_set_has(&g.cpus[1], 2) && cpu_set_has(&g.cpus_soft[1], 2));
	assert_true(g.localtime && g.msr_relaxed && g.tsc_mode == 2);
	assert_true(g.max_grant_frames == 32 && g.max_maptrack_frames == 0);
	assert_int_equal(g.max_event_channels, 500);
	assert_string_equal(g.disks[0].target, "/a, b=c");
	assert_true(!g.disks[0].writable && !g.disks[0].discard && g.disks[0].direct_io_safe);
	assert_true(g.disk_count == 2 && g.disks[1].cdrom && !g.disks[1].target);
	assert_string_equal(g.nics[0].ifname, "v7");
	assert_true(g.nics[0].mtu == 1400 && g.nics[0].rate_bytes == 62500);
	assert_int_equal(g.on[END_CRASH], ACTION_COREDUMP_RESTART);
	assert_int_equal(g.on[END_POWEROFF], ACTION_RENAME_RESTART);
	assert_int_equal(g.on[END_REBOOT], ACTION_DESTROY);
}

static void test_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "", "is damaged" },
		{ "{", "is damaged" },
		{ "[]", "does not name the guest" },
		{ "{\"c_info\": {\"name\": 7}}", "does not name the guest" },
		{ "{\"c_info\": {\"type\": \"hvm\", \"name\": \"x\"}}", "only PV guests" },
		{ "{\"c_info\": {\"name\": \"x\"}, \"pcidevs\": [{}]}", "devices (pcidevs)" },
		{ "{\"c_info\": {\"name\": \"x\"}}", "kernel is missing" },
		{ "{\"c_info\": {\"name\": \"x\", \"uuid\": \"y\"}}", "uuid" },
		{ "{\"c_info\": {\"name\": \"x\"}, \"b_info\": 5, \"disks\": [5]}", "disk" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(parsed_json(cases[i][0]) < 0);
		if (!strstr(why.text, cases[i][1])) {
			fail_msg("'%s' does not say: %s", why.text, cases[i][1]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_plain, parsed_free),
		cmocka_unit_test_teardown(test_everything, parsed_free),
		cmocka_unit_test_teardown(test_refused, parsed_free),
	};

	return cmocka_run_group_tests_name("libxl_json", tests, NULL, NULL);
}
