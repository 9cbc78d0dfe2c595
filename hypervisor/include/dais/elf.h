/* SPDX-License-Identifier: MIT */
/*
 * ELF64 images of paravirtual kernels: what is in the file, what its Xen notes ask for, and
 * copying its segments to where they belong. Pure; used by the hypervisor for dom0 and by the
 * tools for all other domains.
 *
 * Addresses: a segment goes to the pseudo-physical address pstart + offset; the kernel expects
 * to find pseudo-physical address p at virtual address p - paddr_offset + virt_base.
 */
#ifndef DAIS_ELF_H
#define DAIS_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_UNSET	(~0UL)
#define ELF_NOTE_STR	32
#define ELF_SPAN_MAX	(1UL << 30)	/* of a kernel in memory, in bytes */

struct elf_image {
	const uint8_t *data;
	size_t size;
	uint64_t phoff;
	unsigned int phnum;

	uint64_t pstart, pend;		/* p_paddr span of the segments, end exclusive */
	uint64_t virt_kstart, virt_kend; /* the same as virtual addresses */
	uint64_t entry;			/* virtual address of the first instruction */

	/* What the Xen notes say. When absent addresses are ELF_UNSET, other numbers 0, texts "". */
	uint64_t virt_base;		/* virtual address of pseudo-physical 0; 0 when absent */
	uint64_t paddr_offset;		/* 0 when absent */
	uint64_t hypercall_page;	/* page to fill with stubs, inside the image */
	uint64_t init_p2m;		/* map the p2m there instead of behind the kernel */
	unsigned int notes, xen_notes;	/* how many there are, of any owner and of "Xen" */
	uint64_t pv_entry;		/* if set, entry is this */
	uint64_t mod_start_pfn;		/* not 0: the module is passed as a pfn, not mapped */
	uint64_t supported;		/* like features, as a number */
	uint32_t features_required;	/* 1 << XENFEAT_x */
	uint32_t features_supported;	/* the required ones included */
	bool pae;			/* PAE_MODE is "yes" or "bimodal" */
	char guest_os[ELF_NOTE_STR], guest_version[ELF_NOTE_STR];
	char loader[ELF_NOTE_STR], xen_version[ELF_NOTE_STR], pae_mode[ELF_NOTE_STR];
	char features[160];
};

/*
 * Parse data[0, size), which must stay while *elf is used. 0, or -EINVAL with *why a complete
 * sentence. On success every segment lies inside the file, the span is at most ELF_SPAN_MAX,
 * no address calculation wraps, entry lies in the image, and the kernel is one that can start
 * in PV mode. Whether it can be dom0 is the caller's question (1 << XENFEAT_dom0 in
 * features_supported).
 */
int elf_parse(struct elf_image *elf, const void *data, size_t size, const char **why);

/*
 * Where the bytes of a segment go. off counts from pstart and off + len <= pend - pstart;
 * src NULL means zeros. Not 0 stops the load.
 */
typedef int (*elf_sink_fn)(void *ctx, uint64_t off, const void *src, size_t len);

/* Feed all segments to sink, in file order. What lies between segments is not touched. */
int elf_load_to(const struct elf_image *elf, elf_sink_fn sink, void *ctx);

/* The raw structures, little endian, as the file has them. */
struct elf64_ehdr {
	uint8_t e_ident[16];
	uint16_t e_type, e_machine;
	uint32_t e_version;
	uint64_t e_entry, e_phoff, e_shoff;
	uint32_t e_flags;
	uint16_t e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
};

struct elf64_phdr {
	uint32_t p_type, p_flags;
	uint64_t p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
};

struct elf64_shdr {
	uint32_t sh_name, sh_type;
	uint64_t sh_flags, sh_addr, sh_offset, sh_size;
	uint32_t sh_link, sh_info;
	uint64_t sh_addralign, sh_entsize;
};

struct elf64_nhdr {
	uint32_t n_namesz, n_descsz, n_type;
};

/* Between the two files of elf_parse(). Of the notes: NULL, or what is wrong with them. */
const char *elf_parse_notes(struct elf_image *elf);
void elf_phdr(const struct elf_image *elf, unsigned int i, struct elf64_phdr *ph);
bool elf_in_file(const struct elf_image *elf, uint64_t off, uint64_t len);

#define ELF_PT_LOAD	1
#define ELF_PT_NOTE	4
#define ELF_SHT_NOTE	7

#endif /* DAIS_ELF_H */
