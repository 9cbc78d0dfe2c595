/* SPDX-License-Identifier: MIT */
/*
 * Names for code addresses, for backtraces. The table is made from the linked image by
 * boot/ksyms.awk and linked in by a second pass; it is only read. Safe in any context.
 */
#ifndef DAIS_KSYMS_H
#define DAIS_KSYMS_H

#include <stdint.h>

/*
 * The function that addr lies in, with the distance from its start in *offset, or NULL when
 * addr is not in our text. For a return address ask about addr - 1.
 */
const char *ksym_lookup(uintptr_t addr, unsigned long *offset);

#endif /* DAIS_KSYMS_H */
