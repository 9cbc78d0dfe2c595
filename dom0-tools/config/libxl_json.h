/* SPDX-License-Identifier: MIT */
/*
 * The configuration that Debian's `xl save` puts into its files: JSON of libxl. Pure.
 */
#ifndef CONFIG_LIBXL_JSON_H
#define CONFIG_LIBXL_JSON_H

#include <stddef.h>

#include "lib/failure.h"

/*
 * The same settings as the text of an xl.cfg file (free() it). NULL, with the failure set, when it
 * is no such JSON, or has what cannot be said here: the guest then needs a configuration file.
 */
char *libxl_json_to_config(const char *json, size_t len, struct failure *f);

#endif
