/* SPDX-License-Identifier: MIT */
/* Where rooms that must not know each other are joined, once at boot. */
#ifndef DAIS_HOOKS_H
#define DAIS_HOOKS_H

void hooks_init(void);

#endif
