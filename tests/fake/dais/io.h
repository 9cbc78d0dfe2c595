/* SPDX-License-Identifier: MIT */
/* Host stand-in for <dais/io.h>: ports are functions of the test. */
#ifndef DAIS_IO_H
#define DAIS_IO_H

#include <dais/types.h>

void outb(uint8_t value, uint16_t port);
uint8_t inb(uint16_t port);

#endif
