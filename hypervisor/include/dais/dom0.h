/* SPDX-License-Identifier: MIT */
/* Building dom0 from the boot modules. Boot CPU only, before any guest runs. */
#ifndef DAIS_DOM0_H
#define DAIS_DOM0_H

#include <dais/elf.h>
#include <dais/types.h>

struct boot_info;
struct boot_module;
struct domain;

/* The kernel, unpacked where it can stay until it has been loaded. */
struct dom0_kernel {
	const struct boot_module *module;
	struct elf_image elf;
	paddr_t unpacked, unpacked_end;	/* memory to give back; empty when the module itself is the ELF file */
	paddr_t arena, arena_end;	/* the same for what unpacking needed */
};

/* First, while memory still comes from boot_mem_alloc(): find and unpack the kernel. Does not return on error. */
void dom0_kernel_prepare(const struct boot_info *bi, struct dom0_kernel *k);

/* Then, with the allocator up: make the domain, load everything, and leave its first vcpu ready to run. */
void dom0_build(const struct boot_info *bi, struct dom0_kernel *k);

/* Say what is wrong with what we were given and what to do, then halt or restart as the command line says. */
void dom0_refuse(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Number of pages (and how many it may have later) and vcpus for dom0, by dom0_mem= and dom0_max_vcpus=. */
unsigned long dom0_choose_pages(unsigned long needed, uint32_t *limit);
unsigned int dom0_choose_vcpus(void);
extern bool dom0_vcpus_pin;	/* each vcpu to the CPU of its number */

void dom0_grant_hardware(struct domain *d);	/* I/O memory, ports, interrupts */

#endif
