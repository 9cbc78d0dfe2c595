/* SPDX-License-Identifier: MIT */
/* Host stand-in for <dais/io.h>: ports and registers are functions of the test. */
#ifndef DAIS_IO_H
#define DAIS_IO_H

#include <dais/types.h>

void outb(uint8_t value, uint16_t port);
uint8_t inb(uint16_t port);
void io_delay(void);
uint32_t port_read(uint16_t port, unsigned int size);
void port_write(uint16_t port, unsigned int size, uint32_t value);
uint32_t mmio_read(const volatile void *addr, unsigned int size);
void mmio_write(volatile void *addr, unsigned int size, uint32_t value);

#endif
