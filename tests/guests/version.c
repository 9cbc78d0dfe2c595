/* SPDX-License-Identifier: MIT */
/*
 * What does xen_version answer, and which features does a 64-bit PV kernel see?
 *
 * Linux panics without feature bits 5 and 7, must not see bits 0 to 3, and libxc wants the token
 * xen-3.0-x86_64 among the capabilities. Version is 4.17 whoever answers: the ABI is what is
 * numbered. Strings that describe the implementation (extra version, compile info, changeset) may
 * be anything that ends with a NUL in its buffer.
 *
 * Known difference: an image without a build id answers build_id with -ENODATA, one with an id
 * with its length; both are accepted.
 */
#include "kit.h"

#include <xen/features.h>
#include <xen/version.h>

#define PLAIN_BUFFER 1024

static char buffer[PLAIN_BUFFER];

static bool terminated(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\0') {
			return true;
		}
	}
	return false;
}

static void check_strings(void)
{
	static const struct {
		unsigned int op;
		size_t size;
	} row[] = { { XENVER_extraversion, 16 }, { XENVER_capabilities, 1024 },
		    { XENVER_changeset, 64 }, { XENVER_commandline, 1024 } };
	long build_id;

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		memset(buffer, 'x', sizeof(buffer));
		check_that(HC(xen_version, row[i].op, buffer) == 0, "op %u fails", row[i].op);
		check_that(terminated(buffer, row[i].size), "op %u has no NUL", row[i].op);
	}
	HC(xen_version, XENVER_capabilities, buffer);
	CHECK(strstr(buffer, "xen-3.0-x86_64") != NULL);
	HC(xen_version, XENVER_commandline, buffer);
	CHECK_EQ(strstr(buffer, "dom0_mem=64M") != NULL, kit_is_dom0()); /* not others' affair */
	memset(buffer, 'x', sizeof(buffer));
	CHECK_EQ(HC(xen_version, XENVER_compile_info, buffer), 0);
	CHECK(terminated(buffer, 64));
	build_id = HC(xen_version, XENVER_build_id, 0);
	if (kit_is_dom0()) {
		CHECK(build_id == -kENODATA || (build_id > 0 && build_id <= 64));
	} else {
		CHECK_EQ(build_id, -kEPERM);
	}
}

static void check_features(void)
{
	struct xen_feature_info f = { .submap_idx = 0 };

	CHECK_EQ(HC(xen_version, XENVER_get_features, &f), 0);
	CHECK_EQ(f.submap & 0xf, 0);
	CHECK((f.submap >> XENFEAT_mmu_pt_update_preserve_ad) & 1);
	CHECK((f.submap >> XENFEAT_highmem_assist) & 1);
	CHECK((f.submap >> XENFEAT_gnttab_map_avail_bits) & 1);
	CHECK_EQ((f.submap >> XENFEAT_hvm_callback_vector) & 7, 0);
	CHECK_EQ((f.submap >> XENFEAT_dom0) & 1, kit_is_dom0());
	CHECK((f.submap >> XENFEAT_memory_op_vnode_supported) & 1);
	CHECK((f.submap >> XENFEAT_direct_mapped) & 1);
	CHECK_EQ((f.submap >> XENFEAT_not_direct_mapped) & 1, 0);

	/* Bit 4 follows vm_assist 3, which the FEATURES note may have set already. */
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_pae_extended_cr3), 0);
	CHECK_EQ(HC(xen_version, XENVER_get_features, &f), 0);
	CHECK_EQ((f.submap >> XENFEAT_pae_pgdir_above_4gb) & 1, 1);

	f.submap_idx = 1;
	CHECK_EQ(HC(xen_version, XENVER_get_features, &f), -kEINVAL);
	f.submap_idx = 0xffffffff;
	CHECK_EQ(HC(xen_version, XENVER_get_features, &f), -kEINVAL);
}

static void check_vm_assist(void)
{
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_4gb_segments), 0);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, 31), -kEINVAL);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, 64), -kEINVAL);
	CHECK_EQ(HC(vm_assist, VMASST_CMD_enable, 0xffffffff), -kEINVAL);
	CHECK_EQ(HC(vm_assist, 7, VMASST_TYPE_writable_pagetables), -kENOSYS);
}

void guest_main(void)
{
	struct xen_platform_parameters where = { 0 };
	u8 handle[16];

	kit_init();
	CHECK_EQ(HC(xen_version, XENVER_version, 0), 0x00040011);
	CHECK_EQ(HC(xen_version, XENVER_pagesize, 0), 4096);
	CHECK_EQ(HC(xen_version, XENVER_platform_parameters, &where), 0);
	CHECK_EQ(where.virt_start, HYPERVISOR_VIRT_START);
	CHECK_EQ(HC(xen_version, XENVER_guest_handle, handle), 0);
	CHECK_EQ(HC(xen_version, 11, buffer), -kENOSYS);
	CHECK_EQ(HC(xen_version, 0x7fffffff, buffer), -kENOSYS);
	check_strings();
	check_features();
	check_vm_assist();
	verdict();
}
