/* SPDX-License-Identifier: MIT */
/*
 * The file format: header, segments, loading. Stateless. Nothing in the file is believed
 * before it has been checked against the file's size; after elf_parse() the segments need no
 * further checks, because the file is not written to in between.
 */
#include <dais/compiler.h>
#include <dais/elf.h>
#include <dais/string.h>
#include <xen/errno.h>

#define ELF_CLASS64	2
#define ELF_LITTLE	1
#define ELF_ET_EXEC	2
#define ELF_ET_DYN	3
#define ELF_EM_X86_64	62
#define ELF_PHNUM_MAX	128

void elf_phdr(const struct elf_image *elf, unsigned int i, struct elf64_phdr *ph)
{
	memcpy(ph, elf->data + elf->phoff + i * sizeof(*ph), sizeof(*ph));
}

bool elf_in_file(const struct elf_image *elf, uint64_t off, uint64_t len)
{
	return off <= elf->size && len <= elf->size - off;
}

/* Each check gives NULL, or a sentence about what is wrong. */
static const char *elf_check_header(struct elf_image *elf)
{
	struct elf64_ehdr eh;

	if (elf->size < sizeof(eh) || memcmp(elf->data, "\x7f" "ELF", 4) != 0) {
		return "The kernel is not an ELF file.";
	}
	memcpy(&eh, elf->data, sizeof(eh));
	if (eh.e_ident[4] != ELF_CLASS64 || eh.e_ident[5] != ELF_LITTLE ||
	    eh.e_machine != ELF_EM_X86_64) {
		return "The kernel is not for 64-bit x86.";
	}
	if (eh.e_type != ELF_ET_EXEC && eh.e_type != ELF_ET_DYN) {
		return "The kernel's ELF file is not an executable one.";
	}
	if (eh.e_phentsize != sizeof(struct elf64_phdr) || eh.e_phnum == 0 ||
	    eh.e_phnum > ELF_PHNUM_MAX ||
	    !elf_in_file(elf, eh.e_phoff, eh.e_phnum * sizeof(struct elf64_phdr))) {
		return "The kernel's program headers are damaged or cut short.";
	}
	elf->phoff = eh.e_phoff;
	elf->phnum = eh.e_phnum;
	elf->entry = eh.e_entry;
	return NULL;
}

/* Check every segment that is loaded, and find the span of all. */
static const char *elf_check_segments(struct elf_image *elf)
{
	struct elf64_phdr ph;

	elf->pstart = ~0UL;
	elf->pend = 0;
	for (unsigned int i = 0; i < elf->phnum; i++) {
		elf_phdr(elf, i, &ph);
		if (ph.p_type != ELF_PT_LOAD || ph.p_memsz == 0) {
			continue;
		}
		if (!elf_in_file(elf, ph.p_offset, ph.p_filesz)) {
			return "The kernel is cut short: a segment ends beyond the end of the file.";
		}
		if (ph.p_filesz > ph.p_memsz || ph.p_paddr + ph.p_memsz < ph.p_paddr) {
			return "A segment of the kernel has impossible sizes.";
		}
		elf->pstart = min(elf->pstart, ph.p_paddr);
		elf->pend = max(elf->pend, ph.p_paddr + ph.p_memsz);
	}
	if (elf->pend == 0) {
		return "The kernel has no segment to load.";
	}
	if (elf->pend - elf->pstart > ELF_SPAN_MAX) {
		return "The kernel would take more than 1 GiB in memory.";
	}
	return NULL;
}

/* From pseudo-physical to virtual, once the notes have said how. */
static const char *elf_check_addresses(struct elf_image *elf)
{
	uint64_t span = elf->pend - elf->pstart;

	/* modulo 2^64 on purpose */
	elf->virt_kstart = elf->pstart + elf->virt_base - elf->paddr_offset;
	elf->virt_kend = elf->virt_kstart + span;
	if (elf->virt_kend < elf->virt_kstart || elf->virt_kstart < elf->virt_base ||
	    elf->virt_base % 4096 != 0) {
		return "The kernel's VIRT_BASE and PADDR_OFFSET notes do not fit its segments.";
	}
	if (elf->entry < elf->virt_kstart || elf->entry >= elf->virt_kend) {
		return "The kernel's entry point lies outside of it.";
	}
	if (elf->hypercall_page != ELF_UNSET &&
	    (elf->hypercall_page % 4096 != 0 || elf->hypercall_page < elf->virt_kstart ||
	     span < 4096 || elf->hypercall_page > elf->virt_kend - 4096)) {
		return "The kernel's hypercall page lies outside of it.";
	}
	if (elf->init_p2m != ELF_UNSET && elf->init_p2m % 4096 != 0) {
		return "The kernel's INIT_P2M note is not page aligned.";
	}
	return NULL;
}

int elf_parse(struct elf_image *elf, const void *data, size_t size, const char **why)
{
	const char *bad;

	memset(elf, 0, sizeof(*elf));
	elf->data = data;
	elf->size = size;
	bad = elf_check_header(elf);
	bad = bad ? bad : elf_check_segments(elf);
	bad = bad ? bad : elf_parse_notes(elf);
	bad = bad ? bad : elf_check_addresses(elf);
	*why = bad ? bad : *why;
	return bad ? -XEN_EINVAL : 0;
}

int elf_load_to(const struct elf_image *elf, elf_sink_fn sink, void *ctx)
{
	struct elf64_phdr ph;
	uint64_t off;
	int ret = 0;

	for (unsigned int i = 0; i < elf->phnum && ret == 0; i++) {
		elf_phdr(elf, i, &ph);
		if (ph.p_type != ELF_PT_LOAD || ph.p_memsz == 0) {
			continue;
		}
		off = ph.p_paddr - elf->pstart;
		if (ph.p_filesz > 0) {
			ret = sink(ctx, off, elf->data + ph.p_offset, ph.p_filesz);
		}
		if (ret == 0 && ph.p_memsz > ph.p_filesz) {
			ret = sink(ctx, off + ph.p_filesz, NULL, ph.p_memsz - ph.p_filesz);
		}
	}
	return ret;
}
