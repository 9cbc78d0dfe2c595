/* SPDX-License-Identifier: MIT */
/*
 * The meaning of configurations: defaults, every kind of setting, disks and interfaces in their
 * many spellings, warnings.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsed.h"

static void parse_ok(const char *text)
{
	char all[2048];

	snprintf(all, sizeof(all), "name='g'\nkernel='/k'\n%s", text);
	if (parsed(all, NULL)) {
		print_error("%s\n", why.text);
		fail();
	}
}

static void test_defaults(void **state)
{
	(void)state;
	parse_ok("");
	assert_string_equal(g.name, "g");
	assert_int_equal(g.memory_kib, 32 << 10);
	assert_int_equal(g.maxmem_kib, 32 << 10);
	assert_int_equal(g.vcpus, 1);
	assert_int_equal(g.maxvcpus, 1);
	assert_string_equal(g.cmdline, "");
	assert_int_equal(g.on[END_POWEROFF], ACTION_DESTROY);
	assert_int_equal(g.on[END_REBOOT], ACTION_RESTART);
	assert_int_equal(g.on[END_CRASH], ACTION_DESTROY);
	assert_int_equal(g.max_grant_frames, -1);
	assert_false(g.uuid_set);
	assert_int_equal(notes.count, 0);
}

static void test_numbers_and_lists(void **state)
{
	(void)state;
	parse_ok("memory='512'\nmaxmem=0x400\nvcpus=2\nmaxvcpus=64\ncpus=['0','1-2']\ncpu_weight=512\n"
		 "cap=50\nroot='/dev/xvda1 ro'\nextra='quiet'\non_crash='coredump-restart'\n"
		 "uuid='4f192fc4-89b9-4d71-8669-a900cb7461a4'\ntsc_mode='native'\nlocaltime=1\n"
		 "ioports=['2f8-2ff','3f0']\nirqs=[5]\niomem=['fd000,10']\ncpuid='host,aes=0'\n");
	assert_int_equal(g.memory_kib, 512 << 10);
	assert_int_equal(g.maxmem_kib, 1024 << 10);
	assert_int_equal(g.maxvcpus, 64);
	assert_int_equal(g.cpus_count, 2);
	assert_true(cpu_set_has(&g.cpus[1], 2) && !cpu_set_has(&g.cpus[1], 0));
	assert_true(g.weight_set && g.weight == 512 && g.cap_set && g.cap == 50);
	assert_string_equal(g.cmdline, "root=/dev/xvda1 ro quiet");
	assert_int_equal(g.on[END_CRASH], ACTION_COREDUMP_RESTART);
	assert_true(g.uuid_set && g.uuid[0] == 0x4f && g.uuid[15] == 0xa4);
	assert_int_equal(g.tsc_mode, 2);
	assert_true(g.localtime);
	assert_true(g.ioport_count == 2 && g.ioports[0].first == 0x2f8 && g.ioports[0].count == 8);
	assert_true(g.ioports[1].first == 0x3f0 && g.ioports[1].count == 1);
	assert_true(g.irq_count == 1 && g.irqs[0].first == 5);
	assert_true(g.iomem_count == 1 && g.iomem[0].first == 0xfd000 && g.iomem[0].count == 0x10);
	assert_int_equal(g.cpuid_count, 1);
}

static void test_overrides_win(void **state)
{
	(void)state;
	assert_int_equal(parsed("name='g'\nkernel='/k'\nmemory=1\n", "memory=2\nextra='x'"), 0);
	assert_int_equal(g.memory_kib, 2 << 10);
	assert_string_equal(g.cmdline, "x");
}

static void test_disks(void **state)
{
	static const struct {
		const char *spec, *target, *vdev;
		uint32_t device;
		bool writable, cdrom;
	} rows[] = {
		{ "/a.img,raw,xvda,rw", "/a.img", "xvda", 51712, true, false },
		{ "/a.img,,xvdb,r", "/a.img", "xvdb", 51728, false, false },
		{ "phy:/dev/vg/lv,xvda2,w", "/dev/vg/lv", "xvda2", 51714, true, false },
		{ "file:/a.img,hda,w", "/a.img", "hda", 768, true, false },
		{ "tap:aio:/a.img,xvda,w", "/a.img", "xvda", 51712, true, false },
		{ "vdev=xvda,format=raw,access=ro,target=/with,comma=1", "/with,comma=1", "xvda", 51712,
		  false, false },
		{ "format=raw, vdev=sda1, access=rw, target=/dev/sdb", "/dev/sdb", "sda1", 2049, true,
		  false },
		{ "/i.iso,raw,xvdc,r,devtype=cdrom", "/i.iso", "xvdc", 51744, false, true },
		{ ",empty,xvdc,cdrom", NULL, "xvdc", 51744, false, true },
		{ "/a,raw,xvdq,w", "/a", "xvdq", 1u << 28 | 16 << 8, true, false },
		{ "/a,raw,d2p3,w", "/a", "d2p3", 202 << 8 | 2 << 4 | 3, true, false },
		{ "/a,raw,xvdaa,w", "/a", "xvdaa", 1u << 28 | 26 << 8, true, false },
		{ "/a,raw,51712,w,discard,backendtype=phy", "/a", "51712", 51712, true, false },
	};
	struct guest_disk d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&why, 0, sizeof(why));
		if (guest_parse_disk(&d, rows[i].spec, NULL, &why)) {
			print_error("%s: %s\n", rows[i].spec, why.text);
			fail();
		}
		if (rows[i].target) {
			assert_string_equal(d.target, rows[i].target);
		} else {
			assert_null(d.target);
		}
		assert_string_equal(d.vdev, rows[i].vdev);
		assert_int_equal(d.device, rows[i].device);
		assert_int_equal(d.writable, rows[i].writable);
		assert_int_equal(d.cdrom, rows[i].cdrom);
		guest_disk_free(&d);
	}
}

static void test_vdev_names(void **state)
{
	char name[24];
	uint32_t n;

	(void)state;
	for (n = 0; n < 800; n++) {
		uint32_t number = n < 16 ? 202u << 8 | n << 4 : 1u << 28 | n << 8, back;

		guest_vdev_name(number, name);
		assert_int_equal(guest_vdev_number(name, &back), 0);
		assert_int_equal(back, number);
	}
	guest_vdev_name(768, name);
	assert_string_equal(name, "768");
}

static void test_nics(void **state)
{
	struct guest_nic n;

	(void)state;
	assert_int_equal(guest_parse_nic(&n, "mac=00:16:3E:01:02:fF, bridge=br1,vifname=web0,"
					 "ip=10.0.0.2,mtu=9000,rate=10Mb/s@20ms,devid=3", NULL, &why), 0);
	assert_true(n.mac_set && n.mac[5] == 0xff);
	assert_string_equal(n.bridge, "br1");
	assert_string_equal(n.ifname, "web0");
	assert_int_equal(n.mtu, 9000);
	assert_int_equal(n.rate_us, 20000);
	assert_int_equal(n.rate_bytes, 25000);	/* 10 Mb/s are 1.25 MB/s; in 20 ms */
	assert_int_equal(n.devid, 3);
	guest_nic_free(&n);
	assert_int_equal(guest_parse_nic(&n, "", NULL, &why), 0);
	assert_string_equal(n.bridge, "xenbr0");
	assert_int_equal(n.devid, -1);
	guest_nic_free(&n);
}

static void test_cpus(void **state)
{
	struct cpu_set s;

	(void)state;
	assert_int_equal(guest_parse_cpus(&s, "0-3,5,^2", &why), 0);
	assert_true(cpu_set_has(&s, 0) && cpu_set_has(&s, 5) && !cpu_set_has(&s, 2));
	assert_int_equal(guest_parse_cpus(&s, "^1", &why), 0);
	assert_true(cpu_set_has(&s, 0) && !cpu_set_has(&s, 1) && cpu_set_has(&s, 4095));
	assert_int_equal(guest_parse_cpus(&s, "all,^0-1", &why), 0);
	assert_true(!cpu_set_has(&s, 1) && cpu_set_has(&s, 2));
	assert_int_equal(guest_parse_cpus(&s, "nodes:1", &why), -EINVAL);
	assert_int_equal(guest_parse_cpus(&s, "node:0,^1", &why), 0);
	assert_true(cpu_set_has(&s, 0) && !cpu_set_has(&s, 1));
	assert_int_equal(guest_parse_cpus(&s, "3-1", &why), -EINVAL);
	assert_int_equal(guest_parse_cpus(&s, "4096", &why), -EINVAL);
	assert_int_equal(guest_parse_cpus(&s, "", &why), -EINVAL);
	assert_int_equal(guest_parse_cpus(&s, "1,", &why), -EINVAL);
}

static bool noted(const char *says)
{
	size_t i;

	for (i = 0; i < notes.count; i++) {
		if (strstr(notes.text[i], says)) {
			return true;
		}
	}
	return false;
}

static void test_notes(void **state)
{
	(void)state;
	parse_ok("vnc=1\nmemroy=5\nclaim_mode=1\nvfb=[]\nbootloader=''\n"
		 "disk=['/a,raw,xvda,w,backendtype=qdisk']");
	assert_int_equal(notes.count, 4);
	assert_true(noted("x.cfg:3: vnc has no effect"));
	assert_true(noted("unknown setting 'memroy' has no effect; did you mean 'memory'?"));
	assert_true(noted("claim_mode has no effect"));
	assert_true(noted("backendtype qdisk is not offered"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_numbers_and_lists),
		cmocka_unit_test(test_overrides_win), cmocka_unit_test(test_disks),
		cmocka_unit_test(test_vdev_names), cmocka_unit_test(test_nics),
		cmocka_unit_test(test_cpus), cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests_name("guest", tests, NULL, parsed_free);
}
