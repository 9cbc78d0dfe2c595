/* SPDX-License-Identifier: MIT */
/*
 * The dump-core verb. No state of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/dump.h"
#include "lib/domctl.h"

int verb_dump_core(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "crash", no_argument, NULL, 'c' },
		{ "live", no_argument, NULL, 'l' },
		{ "reset", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	bool crash = false, live = false, reset = false;
	struct failure f = { 0 };
	struct stat st;
	struct toolstack t;
	uint32_t domid;
	int c, status = 0, rc;

	while ((c = cli_option(argc, argv, "clr", longs, NULL, &status)) >= 0) {
		crash |= c == 'c';
		live |= c == 'l';
		reset |= c == 'r';
	}
	if (c == -2 || (status = cli_arguments(argc, 2, 2)) ||
	    (status = cli_open_domain(&t, argv[optind], &domid))) {
		return status;
	}
	if (!live && (rc = domctl_pause(t.h, domid))) {
		toolstack_close(&t);
		return cli_error("cannot pause domain %u: %s", domid, strerror(-rc));
	}
	cli_busy("writing the memory of the guest");
	rc = domain_dump(&t, domid, argv[optind + 1], &f);
	cli_done();
	/* Half a dump is of no use; but what is no file was there before. */
	if (rc && !stat(argv[optind + 1], &st) && S_ISREG(st.st_mode)) {
		unlink(argv[optind + 1]);
	}
	if (!live) {
		domctl_unpause(t.h, domid);
	}
	if (!rc && reset) {
		rc = domain_ask(&t, domid, "reboot", &f);
	} else if (!rc && crash) {
		rc = domain_destroy(&t, domid, &f);
	}
	toolstack_close(&t);
	return rc ? cli_fail(&f) : 0;
}
