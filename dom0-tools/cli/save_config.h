/* SPDX-License-Identifier: MIT */
/*
 * The configuration that goes into the file of a saved guest.
 */
#ifndef CLI_SAVE_CONFIG_H
#define CLI_SAVE_CONFIG_H

#include <stdint.h>

#include "domain/domain.h"
#include "lib/failure.h"

/*
 * The guest's own, as the supervisor knows it, and behind it lines for what became of the guest
 * since: its name and UUID, its memory, and the devices it has now. To be freed; NULL with the
 * failure set when the supervisor does not know the guest.
 */
char *save_config(struct toolstack *t, uint32_t domid, struct failure *f);

#endif
