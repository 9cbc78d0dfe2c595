/* SPDX-License-Identifier: MIT */
/*
 * The optional behaviours (VMASST_TYPE_*) that a domain may turn on; d->vm_assist holds those that
 * are.
 */
#ifndef DAIS_VM_ASSIST_H
#define DAIS_VM_ASSIST_H

#include <xen/xen.h>

#define VM_ASSIST_VALID							\
	((1UL << VMASST_TYPE_4gb_segments) |				\
	 (1UL << VMASST_TYPE_4gb_segments_notify) |			\
	 (1UL << VMASST_TYPE_writable_pagetables) |			\
	 (1UL << VMASST_TYPE_pae_extended_cr3) |			\
	 (1UL << VMASST_TYPE_architectural_iopl) |			\
	 (1UL << VMASST_TYPE_runstate_update_flag) |			\
	 (1UL << VMASST_TYPE_m2p_strict))

#endif
