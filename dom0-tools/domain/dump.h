/* SPDX-License-Identifier: MIT */
/*
 * Core dumps of domains, in the ELF format that crash and gdb know from Xen: sections .note.Xen,
 * .xen_prstatus, .xen_shared_info, .xen_p2m and .xen_pages.
 */
#ifndef DOMAIN_DUMP_H
#define DOMAIN_DUMP_H

#include <stdint.h>

#include "domain/domain.h"

/*
 * Writes the domain's memory to a file; the caller sees to it that the domain does not run. A
 * file that could not be completed is left for the caller to remove.
 */
int domain_dump(struct toolstack *t, uint32_t domid, const char *path, struct failure *f);

#endif
