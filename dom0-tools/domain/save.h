/* SPDX-License-Identifier: MIT */
/*
 * Writing a suspended guest to a file, as lib/stream.h describes it and as Debian's xl restores it.
 */
#ifndef DOMAIN_SAVE_H
#define DOMAIN_SAVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "domain/domain.h"

/*
 * The domain has suspended and stays so. `config` is what it is to be made from again. `stopped` is
 * asked now and then whether to give up (-EINTR). The caller sees to it that what was written
 * reaches the disk, and throws away what could not be completed.
 */
int domain_save(struct toolstack *t, uint32_t domid, const char *config, FILE *out,
		bool (*stopped)(void), struct failure *f);

#endif
