/* SPDX-License-Identifier: MIT */
/*
 * Gives our own C library functions other names in a host program, so that the test
 * reaches them and not the host's (whose behaviour they are compared with).
 */
#ifndef HOST_NAMES_H
#define HOST_NAMES_H

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define memcpy dais_memcpy
#define memmove dais_memmove
#define memset dais_memset
#define memcmp dais_memcmp
#define strlen dais_strlen
#define strnlen dais_strnlen
#define strcmp dais_strcmp
#define strncmp dais_strncmp
#define strchr dais_strchr
#define strcspn dais_strcspn
#define vsnprintf dais_vsnprintf
#define snprintf dais_snprintf

#endif
