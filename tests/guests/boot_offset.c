/* SPDX-License-Identifier: MIT */
/*
 * A kernel that does not begin with a page.
 *
 * Domain: dom0
 *
 * Its only segment is linked some way into its first page. Where it says is where it is, otherwise
 * nothing below would run; what is before it in that page, and its BSS, hold zeros.
 */
#include "kit.h"

extern char _image_start[], _image_end[];

static volatile char zeros[8 * PAGE_SIZE];
static const char last_words[] = "the end of what is in the file";

static unsigned int not_zero(const volatile char *p, unsigned long len)
{
	unsigned int wrong = 0;

	for (unsigned long i = 0; i < len; i++) {
		wrong += p[i] != 0;
	}
	return wrong;
}

void guest_main(void)
{
	unsigned long within = (unsigned long)_image_start % PAGE_SIZE;

	CHECK_EQ(within, 0x240);
	CHECK_EQ(not_zero(_image_start - within, within), 0);
	CHECK_EQ(not_zero(zeros, sizeof(zeros)), 0);
	CHECK_EQ(not_zero(_image_end, start_info->mod_start - (u64)_image_end), 0);
	CHECK_EQ(last_words[sizeof(last_words) - 2], 'e');
	CHECK(start_info->mfn_list >= (u64)_image_end);
	kit_init();
	verdict();
}
