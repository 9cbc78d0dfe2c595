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

#endif /* DAIS_IO_H */
