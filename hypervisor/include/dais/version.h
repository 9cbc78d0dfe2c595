/* SPDX-License-Identifier: MIT */
/*
 * What Dais says it is: to guests (xen_version, CPUID), to tools and in the first line of the log.
 *
 * The Xen version is the one whose interface Dais speaks. DAIS_VERSION, DAIS_CHANGESET and
 * DAIS_COMPILE_DATE come from the build; without them builds of the same source are identical.
 */
#ifndef DAIS_VERSION_H
#define DAIS_VERSION_H

#include <stddef.h>
#include <stdint.h>

#define VERSION_XEN_MAJOR	4
#define VERSION_XEN_MINOR	17
#define VERSION_XEN		((VERSION_XEN_MAJOR << 16) | VERSION_XEN_MINOR)
#define VERSION_XEN_EXTRA	".7-dais"	/* at most 15 characters */

#ifndef DAIS_VERSION
#define DAIS_VERSION		"0.1"
#endif
#ifndef DAIS_CHANGESET
#define DAIS_CHANGESET		"unavailable"
#endif
#ifndef DAIS_COMPILE_DATE
#define DAIS_COMPILE_DATE	"unavailable"
#endif

/* The identity the linker gave this image; NULL with *len 0 when it gave none. */
const uint8_t *version_build_id(size_t *len);

#endif
