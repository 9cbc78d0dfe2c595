/* SPDX-License-Identifier: MIT */
/*
 * Verbs that poke a guest: trigger, sysrq. No state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/store.h"
#include "lib/domctl.h"

int verb_trigger(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint32_t number;
	} triggers[] = {
		{ "nmi", XEN_DOMCTL_SENDTRIGGER_NMI },
		{ "reset", XEN_DOMCTL_SENDTRIGGER_RESET },
		{ "init", XEN_DOMCTL_SENDTRIGGER_INIT },
		{ "power", XEN_DOMCTL_SENDTRIGGER_POWER },
		{ "sleep", XEN_DOMCTL_SENDTRIGGER_SLEEP },
	};
	const size_t count = sizeof(triggers) / sizeof(triggers[0]);
	struct toolstack t;
	uint64_t vcpu = 0;
	uint32_t domid;
	size_t i;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 2, 3))) {
		return status;
	}
	for (i = 0; i < count && strcmp(triggers[i].name, argv[optind + 1]); i++) {
	}
	if (i == count) {
		return cli_error("Invalid trigger \"%s\"; it is nmi, reset, init, power or sleep",
				 argv[optind + 1]);
	}
	if (argc - optind == 3 && !cli_number(argv[optind + 2], 0, 8191, &vcpu)) {
		return cli_error("Invalid vcpuid \"%s\"", argv[optind + 2]);
	}
	status = cli_open_domain(&t, argv[optind], &domid);
	if (status) {
		return status;
	}
	rc = domctl_trigger(t.h, domid, triggers[i].number, (uint32_t)vcpu);
	toolstack_close(&t);
	return rc ? cli_error("the hypervisor refuses %s for domain %u: %s%s", triggers[i].name,
			      domid, strerror(-rc),
			      rc == -ENOSYS || rc == -EINVAL ? "; paravirtual guests take nmi" : "")
		  : 0;
}

int verb_sysrq(int argc, char **argv)
{
	struct toolstack t;
	uint32_t domid;
	int status = 0, rc;

	if (cli_option(argc, argv, "", NULL, NULL, &status) != -1 ||
	    (status = cli_arguments(argc, 2, 2))) {
		return status;
	}
	if (strlen(argv[optind + 1]) != 1) {
		return cli_usage("Invalid sysrq");
	}
	status = cli_open_domain(&t, argv[optind], &domid);
	if (status) {
		return status;
	}
	rc = store_write(t.xs, argv[optind + 1], "/local/domain/%u/control/sysrq", domid);
	toolstack_close(&t);
	return rc ? cli_error("cannot write to the store: %s", strerror(-rc)) : 0;
}
