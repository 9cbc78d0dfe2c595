/* SPDX-License-Identifier: MIT */
/*
 * Where the parts of our own image begin and end. The linker script (boot/dais.lds) defines
 * these; only their addresses mean anything. All but the ends of .text, .data and .ksyms are
 * page aligned, and each part can have its own permissions.
 *
 *	text     __text_start .. __text_end		execute, read
 *	rodata   __rodata_start .. __rodata_end		read
 *	ro after init, __ro_after_init_start .. __ro_after_init_end	read once booted
 *	init     __init_start .. __init_end		to be freed; code, then from
 *							__init_data_start on data
 *	data     __data_start .. __bss_end		read, write; bss from __bss_start on
 */
#ifndef DAIS_SECTIONS_H
#define DAIS_SECTIONS_H

extern char __image_start[], __image_end[];
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __ro_after_init_start[], __ro_after_init_end[];
extern char __init_start[], __init_end[];
extern char __init_text_start[], __init_text_end[];
extern char __init_data_start[];
extern char __data_start[], __data_end[];
extern char __bss_start[], __bss_end[];

/* The ELF note that holds the build id, when the linker made one. */
extern char __build_id_start[], __build_id_end[];

#endif /* DAIS_SECTIONS_H */
