/* SPDX-License-Identifier: MIT */
/*
 * Port and memory-mapped device accesses: one instruction each, never merged or
 * reordered by the compiler. Pointers come from map_mmio().
 */
#ifndef DAIS_IO_H
#define DAIS_IO_H

#include <dais/types.h>

#define DAIS_PORT_OPS(suffix, type) \
static inline void out##suffix(type value, uint16_t port) \
{ \
	__asm__ volatile("out" #suffix " %0, %1" : : "a"(value), "Nd"(port) : "memory"); \
} \
static inline type in##suffix(uint16_t port) \
{ \
	type value; \
	__asm__ volatile("in" #suffix " %1, %0" : "=a"(value) : "Nd"(port) : "memory"); \
	return value; \
}

DAIS_PORT_OPS(b, uint8_t)
DAIS_PORT_OPS(w, uint16_t)
DAIS_PORT_OPS(l, uint32_t)

#undef DAIS_PORT_OPS

/* A harmless write that old chips need as a pause between two accesses. */
static inline void io_delay(void)
{
	outb(0, 0x80);
}

#define DAIS_MMIO_OPS(bits, insn, reg) \
static inline uint##bits##_t mmio_read##bits(const volatile void *addr) \
{ \
	uint##bits##_t value; \
	__asm__ volatile(insn " %1, %0" : "=" reg(value) \
			 : "m"(*(const volatile uint##bits##_t *)addr) : "memory"); \
	return value; \
} \
static inline void mmio_write##bits(volatile void *addr, uint##bits##_t value) \
{ \
	__asm__ volatile(insn " %1, %0" : "=m"(*(volatile uint##bits##_t *)addr) \
			 : reg(value) : "memory"); \
}

DAIS_MMIO_OPS(8, "movb", "q")
DAIS_MMIO_OPS(16, "movw", "r")
DAIS_MMIO_OPS(32, "movl", "r")
DAIS_MMIO_OPS(64, "movq", "r")

#undef DAIS_MMIO_OPS

/* The same where the size, 1, 2 or 4 bytes, is not known beforehand. */
static inline uint32_t port_read(uint16_t port, unsigned int size)
{
	return size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
}

static inline void port_write(uint16_t port, unsigned int size, uint32_t value)
{
	if (size == 1) {
		outb((uint8_t)value, port);
	} else if (size == 2) {
		outw((uint16_t)value, port);
	} else {
		outl(value, port);
	}
}

static inline uint32_t mmio_read(const volatile void *addr, unsigned int size)
{
	return size == 1 ? mmio_read8(addr) : size == 2 ? mmio_read16(addr) : mmio_read32(addr);
}

static inline void mmio_write(volatile void *addr, unsigned int size, uint32_t value)
{
	if (size == 1) {
		mmio_write8(addr, (uint8_t)value);
	} else if (size == 2) {
		mmio_write16(addr, (uint16_t)value);
	} else {
		mmio_write32(addr, value);
	}
}

#endif /* DAIS_IO_H */
