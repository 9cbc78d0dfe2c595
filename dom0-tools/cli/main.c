/* SPDX-License-Identifier: MIT */
/*
 * The one executable of the toolstack: finds the verb and runs it. Called as `xl` it is the same
 * program, and takes the options that xl has before its verb.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verbs.h"

/* Verbs of xl that are not there, by how they begin, and why. */
static const char *not_offered(const char *verb)
{
	static const char *const rows[][2] = {
		{ "migrate", "moving guests to another host is not offered yet" },
		{ "remus", "moving guests to another host is not offered yet" },
		{ "pci-", "guests cannot be given PCI devices" },
		{ "usb", "guests cannot be given USB devices" },
		{ "cd-", "drives of HVM guests; use block-attach and block-detach" },
		{ "vnc", "a screen needs QEMU, which is not offered; use console" },
		{ "vkb-", "a keyboard needs QEMU, which is not offered" },
		{ "vsnd-", "sound needs QEMU, which is not offered" },
		{ "vdispl-", "a screen needs QEMU, which is not offered" },
		{ "channel-", "channels need QEMU, which is not offered" },
		{ "qemu-", "there is no QEMU behind paravirtual guests" },
		{ "button-press", "for HVM guests; use shutdown" },
		{ "vtpm-", "virtual TPMs are not offered" },
		{ "psr-", "the hypervisor does not manage caches and memory bandwidth" },
		{ "sched-rtds", "the scheduler is credit2; use sched-credit2" },
		{ "cpupool-numa", "the machine is one node, and Pool-0 has it" },
		{ "getenforce", "the hypervisor has no security labels" },
		{ "setenforce", "the hypervisor has no security labels" },
		{ "loadpolicy", "the hypervisor has no security labels" },
		{ "set-parameters", "options of the hypervisor are set when it boots" },
		{ "tmem", "the hypervisor has no transcendent memory" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!strncmp(verb, rows[i][0], strlen(rows[i][0]))) {
			return rows[i][1];
		}
	}
	return NULL;
}

static int refuse_verb(const char *verb, size_t matches)
{
	const char *why = matches ? NULL : not_offered(verb);

	if (why) {
		fprintf(stderr, "%s %s: %s\n", cli_program, verb, why);
	} else {
		fprintf(stderr, "%s: '%s' %s; `%s help` lists the verbs\n", cli_program, verb,
			matches ? "is the beginning of more than one verb" : "is not a verb",
			cli_program);
	}
	return 1;
}

int main(int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	char *no_verb[] = { "help", NULL };
	size_t matches;
	int skip = 1;

	base = base ? base + 1 : argv[0];
	cli_program = !strcmp(base, "xl") ? "xl" : "dais";
	/* -v -f -N -t -T: verbosity, force and formats of xl, which nothing here needs. */
	while (skip < argc && argv[skip][0] == '-' && argv[skip][1] &&
	       strspn(argv[skip] + 1, "vfNtT") == strlen(argv[skip] + 1)) {
		skip++;
	}
	if (skip == argc) {
		cli_verb = verb_find("help", &matches);
		cli_verb->run(1, no_verb);
		return skip > 1 ? 0 : 1;
	}
	if (!strcmp(argv[skip], "--help") || !strcmp(argv[skip], "-h")) {
		argv[skip] = "help";
	}
	if (!strcmp(argv[skip], "--version")) {
		argv[skip] = "version";
	}
	cli_verb = verb_find(argv[skip], &matches);
	if (!cli_verb) {
		return refuse_verb(argv[skip], matches);
	}
	return cli_verb->run(argc - skip, argv + skip);
}
