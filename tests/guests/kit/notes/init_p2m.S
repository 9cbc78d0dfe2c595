/* SPDX-License-Identifier: MIT */
/*
 * With the p2m list at an address of the kernel's choosing and the module left unmapped, as
 * Linux asks for.
 */
#include "common.h"

	.section .note.Xen, "a", @note
	NOTES_COMMON
	NOTE_LONG NOTE_SUPPORTED_FEATURES, 0x8801
	NOTE_QUAD NOTE_INIT_P2M, 0x8000000000
	NOTE_LONG NOTE_MOD_START_PFN, 1
