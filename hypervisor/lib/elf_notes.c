/* SPDX-License-Identifier: MIT */
/*
 * The notes by which a paravirtual kernel says how it wants to be started. Stateless.
 *
 * They are in a PT_NOTE segment; small kernels linked without one have only the note sections,
 * which are looked at when no segment had a Xen note. One function a kind of value, one table
 * row a note; a note that we do not know is skipped.
 */
#include <dais/compiler.h>
#include <dais/elf.h>
#include <dais/string.h>
#include <xen/elfnote.h>
#include <xen/errno.h>
#include <xen/features.h>

#define ELF_NOTES_MAX	1024	/* of one file: bounds the work a strange one causes */

struct elf_note_reader {
	struct elf_image *elf;
	unsigned int seen;		/* notes of any owner */
	unsigned int xen;		/* notes of owner "Xen" */
	uint64_t entry, mod_start_pfn, suspend_cancel, supported;
	char pae_mode[ELF_NOTE_STR];
	char features[160];
	bool unknown_required;
};

enum elf_note_kind { ELF_NOTE_NONE, ELF_NOTE_NUM, ELF_NOTE_TEXT, ELF_NOTE_PAIR };

/* Where a note's value goes: offset in struct elf_note_reader or, if in_image, elf_image. */
struct elf_note_row {
	enum elf_note_kind kind;
	bool in_image;
	unsigned int offset, size;
};

#define IMAGE(kind, field) \
	{ kind, true, offsetof(struct elf_image, field), sizeof(((struct elf_image *)0)->field) }
#define LOCAL(kind, field) \
	{ kind, false, offsetof(struct elf_note_reader, field), \
	  sizeof(((struct elf_note_reader *)0)->field) }

static const struct elf_note_row elf_note_rows[] = {
	[XEN_ELFNOTE_ENTRY] = LOCAL(ELF_NOTE_NUM, entry),
	[XEN_ELFNOTE_HYPERCALL_PAGE] = IMAGE(ELF_NOTE_NUM, hypercall_page),
	[XEN_ELFNOTE_VIRT_BASE] = IMAGE(ELF_NOTE_NUM, virt_base),
	[XEN_ELFNOTE_PADDR_OFFSET] = IMAGE(ELF_NOTE_NUM, paddr_offset),
	[XEN_ELFNOTE_XEN_VERSION] = IMAGE(ELF_NOTE_TEXT, xen_version),
	[XEN_ELFNOTE_GUEST_OS] = IMAGE(ELF_NOTE_TEXT, guest_os),
	[XEN_ELFNOTE_GUEST_VERSION] = IMAGE(ELF_NOTE_TEXT, guest_version),
	[XEN_ELFNOTE_LOADER] = IMAGE(ELF_NOTE_TEXT, loader),
	[XEN_ELFNOTE_PAE_MODE] = LOCAL(ELF_NOTE_TEXT, pae_mode),
	[XEN_ELFNOTE_FEATURES] = LOCAL(ELF_NOTE_TEXT, features),
	[XEN_ELFNOTE_HV_START_LOW] = IMAGE(ELF_NOTE_NUM, hv_start_low),
	[XEN_ELFNOTE_L1_MFN_VALID] = IMAGE(ELF_NOTE_PAIR, l1_mfn_mask),
	[XEN_ELFNOTE_SUSPEND_CANCEL] = LOCAL(ELF_NOTE_NUM, suspend_cancel),
	[XEN_ELFNOTE_INIT_P2M] = IMAGE(ELF_NOTE_NUM, init_p2m),
	[XEN_ELFNOTE_MOD_START_PFN] = LOCAL(ELF_NOTE_NUM, mod_start_pfn),
	[XEN_ELFNOTE_SUPPORTED_FEATURES] = LOCAL(ELF_NOTE_NUM, supported),
	[XEN_ELFNOTE_PHYS32_ENTRY] = IMAGE(ELF_NOTE_NUM, phys32_entry),
};

static const struct {
	const char *name;
	unsigned int bit;
} elf_features[] = {
	{ "writable_page_tables", XENFEAT_writable_page_tables },
	{ "writable_descriptor_tables", XENFEAT_writable_descriptor_tables },
	{ "auto_translated_physmap", XENFEAT_auto_translated_physmap },
	{ "supervisor_mode_kernel", XENFEAT_supervisor_mode_kernel },
	{ "pae_pgdir_above_4gb", XENFEAT_pae_pgdir_above_4gb },
	{ "hvm_callback_vector", XENFEAT_hvm_callback_vector },
	{ "dom0", XENFEAT_dom0 },
};

static int elf_note_refuse(const char **why, const char *text)
{
	*why = text;
	return -XEN_EINVAL;
}

/* A number of 1, 2, 4 or 8 bytes, as the file has it; 0 for any other length. */
static uint64_t elf_note_number(const uint8_t *desc, size_t len)
{
	uint64_t v = 0;

	if (len == 1 || len == 2 || len == 4 || len == 8) {
		memcpy(&v, desc, len);
	}
	return v;
}

static void elf_note_take(struct elf_note_reader *rd, const struct elf_note_row *row,
			  const uint8_t *desc, size_t len)
{
	uint8_t *dst = (row->in_image ? (uint8_t *)rd->elf : (uint8_t *)rd) + row->offset;
	uint64_t v;
	size_t n;

	switch (row->kind) {
	case ELF_NOTE_NUM:
		v = elf_note_number(desc, len);
		memcpy(dst, &v, sizeof(v));
		break;
	case ELF_NOTE_TEXT:
		n = strnlen((const char *)desc, min_t(size_t, len, row->size - 1));
		memcpy(dst, desc, n);
		dst[n] = '\0';
		break;
	case ELF_NOTE_PAIR:
		if (len >= 16) {
			memcpy(&rd->elf->l1_mfn_mask, desc, 8);
			memcpy(&rd->elf->l1_mfn_value, desc + 8, 8);
		}
		break;
	default:
		break;
	}
}

/* All notes of one segment or section. What does not fit its container ends the walk. */
static void elf_notes_walk(struct elf_note_reader *rd, uint64_t off, uint64_t len, uint64_t align)
{
	const uint8_t *p = rd->elf->data + off;
	size_t name_len, desc_len;
	struct elf64_nhdr nh;

	align = align == 8 ? 8 : 4;
	while (len >= sizeof(nh) && rd->seen < ELF_NOTES_MAX) {
		memcpy(&nh, p, sizeof(nh));
		name_len = ROUND_UP((size_t)nh.n_namesz, 4);
		if (align == 8) {
			name_len = ROUND_UP(name_len + sizeof(nh), 8) - sizeof(nh);
		}
		if (name_len > len - sizeof(nh) ||
		    nh.n_descsz > len - sizeof(nh) - name_len) {
			return;
		}
		rd->seen++;
		if (nh.n_namesz == 4 && memcmp(p + sizeof(nh), "Xen", 4) == 0) {
			rd->xen++;
			if (nh.n_type < ARRAY_SIZE(elf_note_rows)) {
				elf_note_take(rd, &elf_note_rows[nh.n_type],
					      p + sizeof(nh) + name_len, nh.n_descsz);
			}
		}
		desc_len = min_t(size_t, ROUND_UP((size_t)nh.n_descsz, align),
				 len - sizeof(nh) - name_len);
		p += sizeof(nh) + name_len + desc_len;
		len -= sizeof(nh) + name_len + desc_len;
	}
}

static bool elf_in_file(const struct elf_image *elf, uint64_t off, uint64_t len)
{
	return off <= elf->size && len <= elf->size - off;
}

static void elf_notes_from_segments(struct elf_note_reader *rd)
{
	const struct elf_image *elf = rd->elf;
	struct elf64_phdr ph;
	unsigned int i;

	for (i = 0; i < elf->phnum; i++) {
		memcpy(&ph, elf->data + elf->phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == ELF_PT_NOTE && elf_in_file(elf, ph.p_offset, ph.p_filesz)) {
			elf_notes_walk(rd, ph.p_offset, ph.p_filesz, ph.p_align);
		}
	}
}

static void elf_notes_from_sections(struct elf_note_reader *rd)
{
	const struct elf_image *elf = rd->elf;
	struct elf64_ehdr eh;
	struct elf64_shdr sh;
	unsigned int i;

	memcpy(&eh, elf->data, sizeof(eh));
	if (eh.e_shentsize != sizeof(sh) ||
	    !elf_in_file(elf, eh.e_shoff, (uint64_t)eh.e_shnum * sizeof(sh))) {
		return;
	}
	for (i = 0; i < eh.e_shnum; i++) {
		memcpy(&sh, elf->data + eh.e_shoff + i * sizeof(sh), sizeof(sh));
		if (sh.sh_type == ELF_SHT_NOTE && elf_in_file(elf, sh.sh_offset, sh.sh_size)) {
			elf_notes_walk(rd, sh.sh_offset, sh.sh_size, sh.sh_addralign);
		}
	}
}

/* One word of FEATURES; a leading ! means that the kernel cannot do without it. */
static void elf_feature(struct elf_note_reader *rd, const char *s, size_t len)
{
	bool required = len > 0 && s[0] == '!';
	unsigned int i;

	s += required;
	len -= required;
	for (i = 0; i < ARRAY_SIZE(elf_features); i++) {
		if (strlen(elf_features[i].name) == len &&
		    memcmp(elf_features[i].name, s, len) == 0) {
			rd->elf->features_supported |= 1u << elf_features[i].bit;
			if (required) {
				rd->elf->features_required |= 1u << elf_features[i].bit;
			}
			return;
		}
	}
	rd->unknown_required |= required;
}

static void elf_features_parse(struct elf_note_reader *rd)
{
	const char *s = rd->features;
	size_t len;

	while (*s != '\0') {
		len = strcspn(s, "|");
		elf_feature(rd, s, len);
		s += len;
		s += *s == '|';
	}
	rd->elf->features_supported |= (uint32_t)rd->supported;
}

static int elf_notes_judge(struct elf_note_reader *rd, const char **why)
{
	struct elf_image *elf = rd->elf;

	if (rd->xen == 0) {
		return elf_note_refuse(why, "The kernel has no Xen notes: it was built without "
					    "CONFIG_XEN_PV (or is not a kernel).");
	}
	if (elf->xen_version[0] == '\0' && rd->entry == ELF_UNSET) {
		return elf_note_refuse(why, "The kernel has no paravirtual entry point: it was "
					    "built without CONFIG_XEN_PV.");
	}
	if (strncmp(elf->xen_version, "xen-3.0", 7) != 0) {
		return elf_note_refuse(why, "The kernel is for another Xen interface than xen-3.0.");
	}
	if (strcmp(elf->loader, "generic") != 0 && strcmp(elf->guest_os, "linux") != 0) {
		return elf_note_refuse(why, "The kernel asks for a loader other than \"generic\".");
	}
	if (rd->unknown_required) {
		return elf_note_refuse(why, "The kernel requires a hypervisor feature that does "
					    "not exist here.");
	}
	return 0;
}

int elf_parse_notes(struct elf_image *elf, const char **why)
{
	struct elf_note_reader rd = { .elf = elf, .entry = ELF_UNSET };
	int ret;

	elf->virt_base = ELF_UNSET;
	elf->paddr_offset = ELF_UNSET;
	elf->hypercall_page = ELF_UNSET;
	elf->init_p2m = ELF_UNSET;
	elf->hv_start_low = ELF_UNSET;
	elf->phys32_entry = ELF_UNSET;
	elf_notes_from_segments(&rd);
	if (rd.xen == 0) {
		elf_notes_from_sections(&rd);
	}
	elf_features_parse(&rd);
	ret = elf_notes_judge(&rd, why);
	if (ret != 0) {
		return ret;
	}
	if (rd.entry != ELF_UNSET) {
		elf->entry = rd.entry;
	}
	elf->mod_start_pfn = rd.mod_start_pfn != 0;
	elf->suspend_cancel = rd.suspend_cancel != 0;
	elf->pae = strncmp(rd.pae_mode, "yes", 3) == 0 || strncmp(rd.pae_mode, "bimodal", 7) == 0;
	return 0;
}
