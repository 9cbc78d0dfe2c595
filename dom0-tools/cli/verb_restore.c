/* SPDX-License-Identifier: MIT */
/*
 * The verb restore: takes the configuration out of a saved guest's file, unless one is named, and
 * has the guest made like any other; the state is read by who makes it. No state of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/create.h"
#include "cli/verb.h"
#include "config/libxl_json.h"
#include "lib/saved_file.h"
#include "lib/xalloc.h"

/* The file is looked at in any case: a mistake is told before anything is begun. */
static int restore_config(struct create_request *r, struct failure *f)
{
	struct failure why = { 0 };
	struct saved_file file;
	int rc = saved_file_open(&file, r->restore, f);

	if (rc || r->where) {
		saved_file_close(&file);
		return rc;
	}
	r->where = r->restore;
	if (!file.saved.config_len) {
		rc = failure_set(f, -ENODATA,
				 "'%s' has no configuration; name a configuration file in front of "
				 "it",
				 r->restore);
	} else if (file.saved.json) {
		r->text = libxl_json_to_config(file.saved.config, file.saved.config_len, &why);
		rc = r->text ? 0
			     : failure_set(f, why.code, "'%s' cannot be restored: %s", r->restore,
					   why.text);
	} else {
		r->text = xstrdup(file.saved.config);
	}
	r->len = r->text ? strlen(r->text) : 0;
	saved_file_close(&file);
	return rc;
}

int verb_restore(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "unsupervised", no_argument, NULL, 2 },
		{ "fail-after", required_argument, NULL, 3 },
		{ NULL, 0, NULL, 0 },
	};
	struct create_request r = { 0 };
	struct failure f = { 0 };
	char *path;
	int c, status = 0;

	while ((c = cli_option(argc, argv, "cdeFpVA", longs, NULL, &status)) >= 0) {
		r.console |= c == 'c';
		r.paused |= c == 'p';
		r.here |= c == 2;
		r.fail_after = c == 3 ? optarg : r.fail_after;
	}
	if (c == -2 || (status = cli_arguments(argc, 1, 2))) {
		return status;
	}
	if (optind + 1 < argc) {
		r.where = argv[optind++];
	}
	/* Who makes the guest is somewhere else. */
	path = realpath(argv[optind], NULL);
	if (!path) {
		return cli_error("cannot open '%s': %s; name a file that `save` wrote",
				 argv[optind], strerror(errno));
	}
	r.restore = path;
	status = restore_config(&r, &f) ? cli_fail(&f) : cli_request_do(&r, EXIT_FAILED);
	free(r.text);
	free(path);
	return status;
}
