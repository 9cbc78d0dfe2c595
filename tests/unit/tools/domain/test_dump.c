/* SPDX-License-Identifier: MIT */
/*
 * Core dumps of a pretended guest: an honest one, and some whose lists of their memory lie.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <xenforeignmemory.h>

#include <xen/shared_info.h>

#include "domain/dump.h"
#include "lib/domctl.h"
#include "lib/sysctl.h"

#define PAGE     4096
#define FRAMES   64
#define PER_PAGE (PAGE / 8)
#define DUMP_MAX (1024 * 1024) /* a file larger than this cannot be written here */

enum { SHARED = 1, TOP, MIDDLE, LEAF, DATA, TABLES = 48 };
#define LINEAR 0xffffc90000000000ull /* where the guest has its list, if in one piece */

/* The guest's memory, by frame. */
static struct {
	uint64_t tot_pages;
	uint64_t frame[FRAMES][PER_PAGE];
	int mapped;
} guest;

static char path[] = "/tmp/test_dump.XXXXXX";

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return (void *)&guest;
}

int xenforeignmemory_close(xenforeignmemory_handle *h)
{
	(void)h;
	return 0;
}

void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t domid, int prot, size_t pages,
			   const xen_pfn_t *frames, int *errors)
{
	uint8_t *window = calloc(pages, PAGE);
	size_t i;

	(void)h;
	(void)domid;
	(void)prot;
	for (i = 0; i < pages; i++) {
		errors[i] = frames[i] && frames[i] < FRAMES ? 0 : -EINVAL;
		if (!errors[i]) {
			memcpy(window + i * PAGE, guest.frame[frames[i]], PAGE);
		}
	}
	guest.mapped++;
	return window;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *window, size_t pages)
{
	(void)h;
	(void)pages;
	guest.mapped--;
	free(window);
	return 0;
}

int domctl_info(struct hypercall *h, uint32_t domid, struct xen_domctl_getdomaininfo *info)
{
	(void)h;
	*info = (struct xen_domctl_getdomaininfo){
		.domain = (domid_t)domid,
		.tot_pages = guest.tot_pages,
		.shared_info_frame = SHARED,
	};
	return 0;
}

int domctl_get_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		       struct vcpu_guest_context *context)
{
	(void)h;
	(void)domid;
	(void)vcpu;
	memset(context, 0, sizeof(*context));
	return 0;
}

int sysctl_version(struct hypercall *h, struct hypervisor_version *v)
{
	(void)h;
	memset(v, 0, sizeof(*v));
	return 0;
}

static void frame_fill(int frame, uint64_t value)
{
	int i;

	for (i = 0; i < PER_PAGE; i++) {
		guest.frame[frame][i] = value;
	}
}

/* A guest of `pages` pages that says it has `max_pfn`; its lists are empty. */
static void guest_begin(uint64_t pages, uint64_t max_pfn)
{
	struct shared_info *shared = (void *)guest.frame[SHARED];

	memset(&guest, 0, sizeof(guest));
	guest.tot_pages = pages;
	shared->arch.max_pfn = max_pfn;
	shared->arch.pfn_to_mfn_frame_list_list = TOP;
}

/* Dumps the guest; returns what domain_dump() did, and the pages in the file. */
static int guest_dump(uint64_t *count)
{
	struct toolstack t = { 0 };
	struct failure f = { 0 };
	Elf64_Shdr sections[7];
	Elf64_Ehdr header;
	int rc = domain_dump(&t, 5, path, &f);
	FILE *in = fopen(path, "r");

	*count = 0;
	if (!rc) {
		assert_int_equal(fread(&header, sizeof(header), 1, in), 1);
		assert_int_equal(header.e_shnum, 7);
		assert_int_equal(fread(sections, sizeof(sections), 1, in), 1);
		*count = sections[6].sh_size / PAGE;
		assert_int_equal(sections[5].sh_size, *count * 16);
		fseek(in, 0, SEEK_END);
		assert_int_equal(ftell(in), sections[6].sh_offset + sections[6].sh_size);
	}
	fclose(in);
	assert_int_equal(guest.mapped, 0);
	return rc;
}

static void an_honest_guest_is_whole(void **state)
{
	uint64_t count;
	int i;

	(void)state;
	guest_begin(FRAMES - DATA, 3 * PER_PAGE);
	guest.frame[TOP][0] = MIDDLE;
	guest.frame[MIDDLE][0] = LEAF;
	guest.frame[MIDDLE][2] = DATA;
	for (i = DATA; i < FRAMES; i++) {
		guest.frame[LEAF][i] = (uint64_t)i;
		guest.frame[i][0] = 0xda7a;
	}
	/* A hole, and a leaf that is all holes. */
	guest.frame[LEAF][9] = ~0ull;
	frame_fill(DATA, ~0ull);
	assert_int_equal(guest_dump(&count), 0);
	assert_int_equal(count, FRAMES - DATA - 1);
}

/* The list in the guest's own address space, which wins over a tree that is not there. */
static void a_list_in_one_piece_is_read(void **state)
{
	struct shared_info *shared = (void *)guest.frame[SHARED];
	uint64_t count;
	int i;

	(void)state;
	guest_begin(TABLES - DATA, 3 * PER_PAGE);
	shared->arch.pfn_to_mfn_frame_list_list = ~0ull;
	shared->arch.p2m_vaddr = LINEAR;
	shared->arch.p2m_cr3 = TABLES << 12;
	for (i = 0; i < 3; i++) {
		guest.frame[TABLES + i][LINEAR >> (39 - 9 * i) & 511] =
			((uint64_t)TABLES + i + 1) << 12 | 0x67;
	}
	guest.frame[TABLES + 3][0] = LEAF << 12 | 1;
	guest.frame[TABLES + 3][1] = DATA << 12;	       /* not present */
	guest.frame[TABLES + 3][2] = 1ull << 63 | DATA << 12 | 1; /* not executable */
	for (i = DATA; i < TABLES; i++) {
		guest.frame[LEAF][i] = (uint64_t)i;
	}
	frame_fill(DATA, 1ull << 62 | 9); /* somebody else's */
	assert_int_equal(guest_dump(&count), 0);
	assert_int_equal(count, TABLES - DATA);
	/* A large page on the way, or tables that go round in a circle. */
	guest.frame[TABLES + 2][LINEAR >> 21 & 511] |= 0x80;
	assert_int_equal(guest_dump(&count), -ENODATA);
	frame_fill(TABLES, TABLES << 12 | 1);
	shared->arch.max_pfn = 1 << 20;
	guest_dump(&count);
	assert_true(count <= TABLES - DATA);
	shared->arch.p2m_cr3 = 4000 << 12;
	assert_int_equal(guest_dump(&count), -EFAULT);
}

static void one_page_is_not_a_million(void **state)
{
	uint64_t count;

	(void)state;
	guest_begin(20, 1 << 20);
	frame_fill(TOP, MIDDLE);
	frame_fill(MIDDLE, LEAF);
	frame_fill(LEAF, DATA);
	assert_int_equal(guest_dump(&count), 0);
	assert_int_equal(count, 20);
	/* All the memory it could name: 64 GiB for the list alone, if it were believed. */
	guest_begin(20, 1ull << 32);
	frame_fill(TOP, MIDDLE);
	frame_fill(MIDDLE, LEAF);
	guest.frame[LEAF][7] = DATA;
	assert_int_equal(guest_dump(&count), 0);
	assert_int_equal(count, 20);
}

static void nonsense_is_refused(void **state)
{
	uint64_t count;

	(void)state;
	guest_begin(20, (1ull << 32) + 1);
	assert_int_equal(guest_dump(&count), -ENODATA);
	guest_begin(20, 0);
	assert_int_equal(guest_dump(&count), -ENODATA);
	guest_begin(20, 1000);
	assert_int_equal(guest_dump(&count), -ENODATA);
	/* Nothing left of it. */
	guest_begin(0, 1000);
	frame_fill(TOP, MIDDLE);
	frame_fill(MIDDLE, LEAF);
	frame_fill(LEAF, DATA);
	assert_int_equal(guest_dump(&count), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_guest_is_whole),
		cmocka_unit_test(a_list_in_one_piece_is_read),
		cmocka_unit_test(one_page_is_not_a_million),
		cmocka_unit_test(nonsense_is_refused),
	};
	const struct rlimit most = { DUMP_MAX, DUMP_MAX };
	int rc, fd = mkstemp(path);

	/* A dump that grows without bound is to fail the test, not to fill the disk. */
	if (fd < 0 || setrlimit(RLIMIT_FSIZE, &most)) {
		return 1;
	}
	signal(SIGXFSZ, SIG_IGN);
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
