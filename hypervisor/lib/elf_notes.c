/* SPDX-License-Identifier: MIT */
/*
 * The notes by which a paravirtual kernel says how it wants to be started. Stateless.
 *
 * They are in a PT_NOTE segment; small kernels linked without one have only the note sections,
 * which are looked at when no segment had a Xen note. One table row a note; a note that we do
 * not know is skipped.
 */
#include <dais/compiler.h>
#include <dais/elf.h>
#include <dais/string.h>
#include <xen/elfnote.h>
#include <xen/features.h>

#define ELF_NOTES_MAX	1024	/* of one file: bounds the work a strange one causes */

/* Where a note's value goes: 8 bytes are a number, more are a text. */
#define FIELD(name)	{ offsetof(struct elf_image, name), sizeof(((struct elf_image *)0)->name) }

static const struct elf_note_row {
	unsigned int offset, size;
} elf_note_rows[] = {
	[XEN_ELFNOTE_ENTRY] = FIELD(pv_entry),
	[XEN_ELFNOTE_HYPERCALL_PAGE] = FIELD(hypercall_page),
	[XEN_ELFNOTE_VIRT_BASE] = FIELD(virt_base),
	[XEN_ELFNOTE_PADDR_OFFSET] = FIELD(paddr_offset),
	[XEN_ELFNOTE_XEN_VERSION] = FIELD(xen_version),
	[XEN_ELFNOTE_GUEST_OS] = FIELD(guest_os),
	[XEN_ELFNOTE_GUEST_VERSION] = FIELD(guest_version),
	[XEN_ELFNOTE_LOADER] = FIELD(loader),
	[XEN_ELFNOTE_PAE_MODE] = FIELD(pae_mode),
	[XEN_ELFNOTE_FEATURES] = FIELD(features),
	[XEN_ELFNOTE_INIT_P2M] = FIELD(init_p2m),
	[XEN_ELFNOTE_MOD_START_PFN] = FIELD(mod_start_pfn),
	[XEN_ELFNOTE_SUPPORTED_FEATURES] = FIELD(supported),
};

static const char *const elf_features[] = {
	[XENFEAT_writable_page_tables] = "writable_page_tables",
	[XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
	[XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
	[XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
	[XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
	[XENFEAT_hvm_callback_vector] = "hvm_callback_vector",
	[XENFEAT_dom0] = "dom0",
};

/* A number has 1, 2, 4 or 8 bytes, as the file has it; of any other length it is 0. */
static void elf_note_take(struct elf_image *elf, const struct elf_note_row *row,
			  const uint8_t *desc, size_t len)
{
	char *dst = (char *)elf + row->offset;

	if (row->size == sizeof(uint64_t)) {
		memset(dst, 0, row->size);
		if (len == 1 || len == 2 || len == 4 || len == 8) {
			memcpy(dst, desc, len);
		}
	} else if (row->size != 0) {
		len = strnlen((const char *)desc, min_t(size_t, len, row->size - 1));
		memcpy(dst, desc, len);
		dst[len] = '\0';
	}
}

/* All notes of one segment or section. What does not fit its container ends the walk. */
static void elf_notes_walk(struct elf_image *elf, uint64_t off, uint64_t len, uint64_t align)
{
	const uint8_t *p = elf->data + off;
	struct elf64_nhdr nh;
	size_t n;

	align = align == 8 ? 8 : 4;
	while (len >= sizeof(nh) && elf->notes < ELF_NOTES_MAX) {
		memcpy(&nh, p, sizeof(nh));
		n = ROUND_UP(sizeof(nh) + ROUND_UP((size_t)nh.n_namesz, 4), align);
		if (n > len || nh.n_descsz > len - n) {
			return;
		}
		elf->notes++;
		if (nh.n_namesz == 4 && memcmp(p + sizeof(nh), "Xen", 4) == 0) {
			elf->xen_notes++;
			if (nh.n_type < ARRAY_SIZE(elf_note_rows)) {
				elf_note_take(elf, &elf_note_rows[nh.n_type], p + n, nh.n_descsz);
			}
		}
		n += min_t(size_t, ROUND_UP((size_t)nh.n_descsz, align), len - n);
		p += n;
		len -= n;
	}
}

static void elf_notes_from_segments(struct elf_image *elf)
{
	struct elf64_phdr ph;

	for (unsigned int i = 0; i < elf->phnum; i++) {
		elf_phdr(elf, i, &ph);
		if (ph.p_type == ELF_PT_NOTE && elf_in_file(elf, ph.p_offset, ph.p_filesz)) {
			elf_notes_walk(elf, ph.p_offset, ph.p_filesz, ph.p_align);
		}
	}
}

static void elf_notes_from_sections(struct elf_image *elf)
{
	struct elf64_ehdr eh;
	struct elf64_shdr sh;

	memcpy(&eh, elf->data, sizeof(eh));
	if (eh.e_shentsize != sizeof(sh) ||
	    !elf_in_file(elf, eh.e_shoff, (uint64_t)eh.e_shnum * sizeof(sh))) {
		return;
	}
	for (unsigned int i = 0; i < eh.e_shnum; i++) {
		memcpy(&sh, elf->data + eh.e_shoff + i * sizeof(sh), sizeof(sh));
		if (sh.sh_type == ELF_SHT_NOTE && elf_in_file(elf, sh.sh_offset, sh.sh_size)) {
			elf_notes_walk(elf, sh.sh_offset, sh.sh_size, sh.sh_addralign);
		}
	}
}

static uint32_t elf_feature_bit(const char *s, size_t len)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(elf_features); i++) {
		const char *name = elf_features[i] ? elf_features[i] : "";

		if (len > 0 && strlen(name) == len && memcmp(name, s, len) == 0) {
			return 1u << i;
		}
	}
	return 0;
}

/* Words with | between; a leading ! means: not without it. Are all that have one known? */
static bool elf_features_parse(struct elf_image *elf)
{
	bool known = true;
	size_t len;

	elf->features_supported = (uint32_t)elf->supported;
	for (const char *s = elf->features; *s != '\0'; s += len + (s[len] == '|')) {
		bool required = *s == '!';
		uint32_t bit;

		s += required;
		len = strcspn(s, "|");
		bit = elf_feature_bit(s, len);
		elf->features_supported |= bit;
		elf->features_required |= required ? bit : 0;
		known &= bit != 0 || !required;
	}
	return known;
}

const char *elf_parse_notes(struct elf_image *elf)
{
	elf->pv_entry = elf->hypercall_page = elf->init_p2m = ELF_UNSET;
	elf_notes_from_segments(elf);
	if (elf->xen_notes == 0) {
		elf_notes_from_sections(elf);
	}
	if (elf->xen_notes == 0) {
		return "The kernel has no Xen notes: it was built without CONFIG_XEN_PV (or is not "
		       "a kernel).";
	}
	if (elf->xen_version[0] == '\0' && elf->pv_entry == ELF_UNSET) {
		return "The kernel has no paravirtual entry point: it was built without "
		       "CONFIG_XEN_PV.";
	}
	if (strncmp(elf->xen_version, "xen-3.0", 7) != 0) {
		return "The kernel is for another Xen interface than xen-3.0.";
	}
	if (strcmp(elf->loader, "generic") != 0 && strcmp(elf->guest_os, "linux") != 0) {
		return "The kernel asks for a loader other than \"generic\".";
	}
	if (!elf_features_parse(elf)) {
		return "The kernel requires a hypervisor feature that does not exist here.";
	}
	if (elf->pv_entry != ELF_UNSET) {
		elf->entry = elf->pv_entry;
	}
	elf->pae = strncmp(elf->pae_mode, "yes", 3) == 0 ||
		   strncmp(elf->pae_mode, "bimodal", 7) == 0;
	return NULL;
}
