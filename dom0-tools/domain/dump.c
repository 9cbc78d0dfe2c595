/* SPDX-License-Identifier: MIT */
/*
 * Core dumps: see dump.h. Which frames a paravirtual guest has only the guest knows: p2m.h. No
 * state of its own.
 */
#include "domain/dump.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenforeignmemory.h>

#include <xen/elfnote.h>
#include <xen/shared_info.h>

#include "domain/p2m.h"
#include "lib/domctl.h"
#include "lib/sysctl.h"

#define PAGE_BYTES 4096ul
#define MAGIC_PV   0xf00febedull
#define BATCH      256u

enum section {
	SECTION_NULL,
	SECTION_NAMES,
	SECTION_NOTES,
	SECTION_CPUS,
	SECTION_SHARED,
	SECTION_P2M,
	SECTION_PAGES,
	SECTIONS
};

static const char *const section_names[SECTIONS] = {
	"", ".shstrtab", ".note.Xen", ".xen_prstatus", ".xen_shared_info", ".xen_p2m", ".xen_pages",
};

struct dump {
	struct toolstack *t;
	struct failure *f;
	uint32_t domid, vcpus;
	xenforeignmemory_handle *foreign;
	struct shared_info *shared;
	struct p2m p2m;
	uint64_t room; /* how many pages the guest has */
	FILE *out;
	uint64_t at; /* bytes written */
};

static void *dump_map(struct dump *d, uint64_t frame)
{
	xen_pfn_t pfn = frame;
	int error = 0;
	void *page = xenforeignmemory_map(d->foreign, d->domid, PROT_READ, 1, &pfn, &error);

	if (page && error) {
		xenforeignmemory_unmap(d->foreign, page, 1);
		page = NULL;
	}
	return page;
}

static void dump_put(struct dump *d, const void *bytes, size_t len)
{
	d->at += len;
	if (!d->f->code && fwrite(bytes, 1, len, d->out) != len) {
		failure_set(d->f, -errno, "cannot write the dump: %s", strerror(errno));
	}
}

static void dump_pad(struct dump *d, uint64_t to)
{
	static const char zero[4096];

	while (d->at < to) {
		dump_put(d, zero, to - d->at < sizeof(zero) ? to - d->at : sizeof(zero));
	}
}

/* Notes as one block: what it is a dump of. */
static size_t dump_notes(struct dump *d, char *block)
{
	struct {
		uint64_t major, minor;
		char extra[16];
		struct xen_compile_info compile;
		char capabilities[1024];
		char changeset[64];
		uint64_t virt_start, page_size;
	} version = { 0 };
	uint64_t header[4] = { MAGIC_PV, d->vcpus, d->p2m.count, PAGE_BYTES }, format = 1;
	const struct {
		uint32_t type;
		const void *desc;
		uint32_t len;
	} notes[] = {
		{ XEN_ELFNOTE_DUMPCORE_NONE, NULL, 0 },
		{ XEN_ELFNOTE_DUMPCORE_HEADER, header, sizeof(header) },
		{ XEN_ELFNOTE_DUMPCORE_XEN_VERSION, &version, sizeof(version) },
		{ XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION, &format, sizeof(format) },
	};
	struct hypervisor_version v;
	size_t i, len = 0;

	if (!sysctl_version(d->t->h, &v)) {
		version.major = v.major;
		version.minor = v.minor;
		memcpy(version.extra, v.extra, sizeof(version.extra));
		version.compile = v.compile;
		memcpy(version.capabilities, v.capabilities, sizeof(version.capabilities));
		memcpy(version.changeset, v.changeset, sizeof(version.changeset));
		version.virt_start = v.virt_start;
		version.page_size = v.page_size;
	}
	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		Elf64_Nhdr head = { 4, notes[i].len, notes[i].type };

		memcpy(block + len, &head, sizeof(head));
		memcpy(block + len + sizeof(head), "Xen", 4);
		if (notes[i].len) {
			memcpy(block + len + sizeof(head) + 4, notes[i].desc, notes[i].len);
		}
		len += sizeof(head) + 4 + notes[i].len;
	}
	return len;
}

static size_t dump_names(char *block, Elf64_Shdr *sections)
{
	size_t i, len = 0;

	for (i = 0; i < SECTIONS; i++) {
		sections[i].sh_name = (Elf64_Word)len;
		strcpy(block + len, section_names[i]);
		len += strlen(section_names[i]) + 1;
	}
	return len;
}

/* Where each section lies: headers first, then the small ones, then pages on page boundaries. */
static void dump_layout(struct dump *d, Elf64_Shdr *s, size_t names, size_t notes)
{
	const uint64_t sizes[SECTIONS] = {
		0,
		names,
		notes,
		d->vcpus * sizeof(struct vcpu_guest_context),
		PAGE_BYTES,
		d->p2m.count * sizeof(struct p2m_page),
		d->p2m.count * PAGE_BYTES,
	};
	const uint64_t entries[SECTIONS] = {
		0,          0,
		0,          sizeof(struct vcpu_guest_context),
		PAGE_BYTES, sizeof(struct p2m_page),
		PAGE_BYTES,
	};
	uint64_t at = sizeof(Elf64_Ehdr) + SECTIONS * sizeof(Elf64_Shdr);
	int i;

	for (i = 1; i < SECTIONS; i++) {
		s[i].sh_type = i == SECTION_NAMES   ? SHT_STRTAB
			       : i == SECTION_NOTES ? SHT_NOTE
						    : SHT_PROGBITS;
		s[i].sh_addralign = i == SECTION_PAGES ? PAGE_BYTES : 8;
		at = (at + s[i].sh_addralign - 1) / s[i].sh_addralign * s[i].sh_addralign;
		s[i].sh_offset = at;
		s[i].sh_size = sizes[i];
		s[i].sh_entsize = entries[i];
		at += sizes[i];
	}
}

static void dump_header(struct dump *d, const Elf64_Shdr *sections)
{
	Elf64_Ehdr e = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_shoff = sizeof(e),
		.e_ehsize = sizeof(e),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = SECTIONS,
		.e_shstrndx = SECTION_NAMES,
	};

	dump_put(d, &e, sizeof(e));
	dump_put(d, sections, SECTIONS * sizeof(*sections));
}

static void dump_vcpus(struct dump *d)
{
	struct vcpu_guest_context c;
	uint32_t i;

	for (i = 0; i < d->vcpus; i++) {
		domctl_get_context(d->t->h, d->domid, i, &c); /* zeros for one that never ran */
		dump_put(d, &c, sizeof(c));
	}
}

static void dump_pages(struct dump *d)
{
	static const char zero[4096];
	xen_pfn_t frames[BATCH];
	int errors[BATCH];
	uint64_t i, j, n;
	char *window;

	for (i = 0; i < d->p2m.count && !d->f->code; i += n) {
		n = d->p2m.count - i < BATCH ? d->p2m.count - i : BATCH;
		for (j = 0; j < n; j++) {
			frames[j] = d->p2m.pages[i + j].mfn;
		}
		window = xenforeignmemory_map(d->foreign, d->domid, PROT_READ, n, frames, errors);
		for (j = 0; j < n; j++) {
			dump_put(d, window && !errors[j] ? window + j * PAGE_BYTES : zero,
				 PAGE_BYTES);
		}
		if (window) {
			xenforeignmemory_unmap(d->foreign, window, n);
		}
	}
}

static void dump_write(struct dump *d)
{
	Elf64_Shdr sections[SECTIONS] = { 0 };
	char names[256], notes[4096];
	size_t names_len = dump_names(names, sections), notes_len = dump_notes(d, notes);

	dump_layout(d, sections, names_len, notes_len);
	dump_header(d, sections);
	dump_pad(d, sections[SECTION_NAMES].sh_offset);
	dump_put(d, names, names_len);
	dump_pad(d, sections[SECTION_NOTES].sh_offset);
	dump_put(d, notes, notes_len);
	dump_pad(d, sections[SECTION_CPUS].sh_offset);
	dump_vcpus(d);
	dump_pad(d, sections[SECTION_SHARED].sh_offset);
	dump_put(d, d->shared, PAGE_BYTES);
	dump_pad(d, sections[SECTION_P2M].sh_offset);
	dump_put(d, d->p2m.pages, d->p2m.count * sizeof(struct p2m_page));
	dump_pad(d, sections[SECTION_PAGES].sh_offset);
	dump_pages(d);
}

static int dump_open(struct dump *d, const char *path)
{
	struct xen_domctl_getdomaininfo info;
	int fd, rc = domctl_info(d->t->h, d->domid, &info);

	if (rc) {
		return failure_set(d->f, rc, "there is no domain %u", d->domid);
	}
	d->vcpus = info.max_vcpu_id + 1;
	d->room = info.tot_pages;
	d->foreign = xenforeignmemory_open(NULL, 0);
	d->shared = d->foreign ? dump_map(d, info.shared_info_frame) : NULL;
	if (!d->shared) {
		return failure_set(d->f, -EFAULT, "cannot map memory of domain %u", d->domid);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	d->out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!d->out) {
		rc = failure_set(d->f, -errno, "cannot write '%s': %s", path, strerror(errno));
		if (fd >= 0) {
			close(fd);
		}
	}
	return rc;
}

int domain_dump(struct toolstack *t, uint32_t domid, const char *path, struct failure *f)
{
	struct dump d = { .t = t, .f = f, .domid = domid };

	if (!dump_open(&d, path)) {
		const struct p2m_source from = {
			.foreign = d.foreign, .domid = domid, .shared = d.shared, .room = d.room
		};

		if (!p2m_read(&d.p2m, &from, f)) {
			dump_write(&d);
		}
	}
	if (d.out && fclose(d.out)) {
		failure_set(f, -errno, "cannot write '%s': %s", path, strerror(errno));
	}
	if (d.shared) {
		xenforeignmemory_unmap(d.foreign, d.shared, 1);
	}
	if (d.foreign) {
		xenforeignmemory_close(d.foreign);
	}
	p2m_free(&d.p2m);
	return f->code;
}
