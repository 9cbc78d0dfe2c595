/* SPDX-License-Identifier: MIT */
/*
 * Broken configurations: each must be refused with one message that names the place, the cause
 * and the cure. A row is the text (after a correct beginning, unless it starts with '!') and what
 * the message must contain.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/guest.h"

static const struct {
	const char *text, *says;
} rows[] = {
	/* syntax */
	{ "memory 512", "bad.cfg:3: expected '='" },
	{ "memory = ", "bad.cfg:3: a value is missing" },
	{ "name = \"a", "bad.cfg:3: text without its closing \"" },
	{ "disk = [ 'a',\n", "list without its closing ]" },
	{ "disk = [ 'a' 'b' ]", "expected a comma or ]" },
	{ "memory = 512 vcpus = 1", "unexpected text after the value" },
	{ "<domain type='xen'>", "expected NAME = VALUE" },
	{ "{ \"name\": 1 }", "expected NAME = VALUE" },
	{ "name = '\\z'", "unknown escape" },
	/* what every guest needs */
	{ "!kernel='/k'", "name is missing" },
	{ "!name='g'", "kernel is missing" },
	{ "!", "name is missing" },
	{ "name = 'a b'", "must not contain blanks" },
	{ "name = 'a/b'", "slashes" },
	{ "name = '12'", "would be taken for a domain number" },
	{ "name = ''", "1 to 80 characters" },
	{ "name = ['x']", "expected a text, not a list" },
	{ "uuid = 'zzz'", "not a UUID" },
	{ "uuid = '4f192fc4-89b9-4d71-8669-a900cb7461'", "not a UUID" },
	/* types */
	{ "type = 'hvm'", "paravirtual guests only" },
	{ "builder = 'hvm'", "paravirtual guests only" },
	{ "type = 'pvh'", "paravirtual guests only" },
	{ "type = 'container'", "unknown type" },
	/* numbers */
	{ "memory = 'lots'", "bad.cfg:3: memory: 'lots' is not a number" },
	{ "memory = 0", "is not between 1 and" },
	{ "memory = -5", "is not a number" },
	{ "memory = '512M'", "is not a number" },
	{ "memory = [512]", "expected a number, not a list" },
	{ "memory = 99999999999999999999999", "is not a number" },
	{ "memory = 512\nmaxmem = 256", "maxmem (256) is less than memory (512)" },
	{ "vcpus = 0", "is not between 1 and 512" },
	{ "vcpus = 4\nmaxvcpus = 2", "maxvcpus (2) is less than vcpus (4)" },
	{ "maxvcpus = 100000", "is not between 1 and 512" },
	{ "cpu_weight = 0", "is not between 1 and 65535" },
	{ "localtime = 'maybe'", "expected 1 or 0" },
	{ "rtc_timeoffset = 'soon'", "not a number of seconds" },
	{ "max_grant_version = 3", "is not between 1 and 2" },
	/* choices */
	{ "on_crash = 'panic'", "unknown action; it is destroy, restart" },
	{ "on_reboot = ['restart']", "unknown action" },
	{ "tsc_mode = 'fast'", "it is default, always_emulate or native" },
	/* CPUs */
	{ "cpus = 'x'", "not a set of CPUs" },
	{ "cpus = '5-2'", "not a set of CPUs" },
	{ "cpus = ['0', ['1']]", "expected texts in the list" },
	{ "cpus = 'nodes:1'", "there is one node, node 0" },
	/* disks */
	{ "disk = '/a,raw,xvda,w'", "expected a list" },
	{ "disk = [ '' ]", "the virtual device is missing" },
	{ "disk = [ '/a.img' ]", "the virtual device is missing" },
	{ "disk = [ ',raw,xvda,w' ]", "the target is missing" },
	{ "disk = [ '/a,qcow2,xvda,w' ]", "qemu-img convert" },
	{ "disk = [ '/a,zip,xvda,w' ]", "unknown format 'zip'" },
	{ "disk = [ '/a,raw,banana,w' ]", "'banana' is not a virtual device" },
	{ "disk = [ '/a,raw,xvda,x' ]", "unknown access 'x'" },
	{ "disk = [ '/a,raw,xvda,w,extra' ]", "one value too many" },
	{ "disk = [ '/a,raw,xvda,w', '/b,raw,xvda,w' ]", "xvda is taken by another disk" },
	{ "disk = [ '/a,raw,xvda,w,colour=red' ]", "unknown key 'colour'" },
	{ "disk = [ '/a,raw,xvda,w,script=/x' ]", "scripts such as '/x' are not run" },
	{ "disk = [ '/a,raw,xvda,w,backend=3' ]", "only dom0 can be the backend" },
	{ "disk = [ '/a,raw,xvda,w,devtype=tape' ]", "devtype is disk or cdrom" },
	{ "disk = [ ['/a'] ]", "expected texts in the list" },
	/* interfaces */
	{ "vif = 'bridge=xenbr0'", "expected a list" },
	{ "vif = [ 'xenbr0' ]", "key=value" },
	{ "vif = [ 'mac=1:2:3' ]", "six pairs" },
	{ "vif = [ 'mac=01:16:3e:00:00:01' ]", "multicast" },
	{ "vif = [ 'bridge=' ]", "at most 15 characters" },
	{ "vif = [ 'vifname=a-name-that-is-too-long' ]", "at most 15 characters" },
	{ "vif = [ 'rate=fast' ]", "rate is such as" },
	{ "vif = [ 'mtu=1' ]", "from 68 to 65535" },
	{ "vif = [ 'colour=red' ]", "unknown key 'colour'" },
	{ "vif = [ 'script=/etc/mine' ]", "scripts are not run" },
	{ "vif = [ 'devid=999' ]", "from 0 to 255" },
	/* what is not offered */
	{ "bootloader = '/opt/boot'", "grub-xen-host" },
	{ "pci = [ '01:00.0' ]", "not offered" },
	{ "vfb = [ 'vnc=1' ]", "needs QEMU" },
	{ "vtpm = [ 'backend=x' ]", "not offered" },
	{ "seclabel = 'system_u:x'", "no security labels" },
	{ "driver_domain = 1", "backends run in dom0" },
	/* ranges */
	{ "ioports = [ '10000' ]", "is not a range" },
	{ "ioports = [ '2ff-2f8' ]", "is not a range" },
	{ "irqs = [ 'five' ]", "is not a range" },
	{ "iomem = [ 'fd000-fd010' ]", "first page and number of pages" },
};

static void check(const char *text, const char *says)
{
	struct config_notes notes = { 0 };
	struct failure why = { 0 };
	struct guest_config g;
	char all[1024];
	int rc;

	snprintf(all, sizeof(all), "%s%s", *text == '!' ? "" : "name='g'\nkernel='/k'\n",
		 text + (*text == '!'));
	rc = guest_parse(&g, "bad.cfg", all, strlen(all), NULL, &notes, &why);
	if (!rc || rc != why.code || !strstr(why.text, says) || strchr(why.text, '\n')) {
		print_error("'%s' gives %d: '%s', not '%s'\n", text, rc, why.text, says);
		fail();
	}
	config_notes_free(&notes);
}

static void test_all(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(rows[i].text, rows[i].says);
	}
}

static void test_long_command_line(void **state)
{
	static char text[4096];
	struct failure why = { 0 };
	struct guest_config g;
	size_t len;

	(void)state;
	len = (size_t)sprintf(text, "name='g'\nkernel='/k'\nextra='");
	memset(text + len, 'x', 1100);
	strcpy(text + len + 1100, "'");
	assert_true(guest_parse(&g, "bad.cfg", text, strlen(text), NULL, NULL, &why) < 0);
	assert_non_null(strstr(why.text, "1100 characters; at most 1023 fit"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all), cmocka_unit_test(test_long_command_line),
	};

	return cmocka_run_group_tests_name("bad configs", tests, NULL, NULL);
}
