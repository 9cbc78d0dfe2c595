/* SPDX-License-Identifier: MIT */
/*
 * The usual notes: no hypercall page, p2m list mapped behind the image.
 */
#include "common.h"

	.section .note.Xen, "a", @note
	NOTES_COMMON
	NOTE_LONG NOTE_SUPPORTED_FEATURES, 0x801
