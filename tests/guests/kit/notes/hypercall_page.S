/* SPDX-License-Identifier: MIT */
/*
 * With a hypercall page, which the loader must fill with stubs.
 */
#include "common.h"

	.section .note.Xen, "a", @note
	NOTES_COMMON
	NOTE_LONG NOTE_SUPPORTED_FEATURES, 0x801
	NOTE_QUAD NOTE_HYPERCALL_PAGE, hypercall_page
