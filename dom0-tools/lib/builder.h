/* SPDX-License-Identifier: MIT */
/*
 * The domain builder: puts a paravirtual kernel into a domain that exists but is still empty, so
 * that the first instruction runs as soon as the domain is unpaused. The plan of the first address
 * space and the ELF loader are the ones the hypervisor builds dom0 with (<dais/pvlayout.h>,
 * <dais/elf.h>).
 *
 * Of the domain's memory only what has contents is touched: kernel, initrd, p2m, page tables and a
 * handful of single pages. On failure the domain is left as far as it came; the caller destroys
 * it, which frees all.
 */
#ifndef LIB_BUILDER_H
#define LIB_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dais/elf.h>

#include "lib/failure.h"

struct hypercall;

/* A kernel image in our memory, unpacked and parsed. */
struct builder_kernel {
	void *image;      /* the ELF file; elf.data points there */
	size_t image_len; /* bytes mapped at image */
	struct elf_image elf;
};

/*
 * Reads an ELF file or a bzImage (packed with gzip, xz, zstd or lz4). The message of a failure
 * names the file. Release with builder_kernel_free(), which accepts a zeroed struct.
 */
int builder_kernel_load(struct builder_kernel *k, const char *path, struct failure *f);
void builder_kernel_free(struct builder_kernel *k);

/*
 * kernel, cmdline     stay the caller's; cmdline is cut at 1023 bytes (refused by the caller)
 * module_fd           open file whose first module_len bytes are the initrd, or -1
 * nr_pages            memory at start
 * *_port              ports of the domain that are open to `backend`
 * backend             the domain that serves console and store
 * mem_flags           XENMEMF_* for the allocation
 */
struct builder_in {
	const struct builder_kernel *kernel;
	const char *cmdline;
	int module_fd;
	uint64_t module_len;
	uint64_t nr_pages;
	uint32_t console_port, store_port;
	uint32_t backend;
	uint32_t mem_flags;
};

/* Machine frames of the rings, to be told to the daemons. */
struct builder_out {
	uint64_t console_frame, store_frame;
};

int builder_build(struct hypercall *h, uint32_t domid, const struct builder_in *in,
		  struct builder_out *out, struct failure *f);

#endif
