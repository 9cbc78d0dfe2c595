/* SPDX-License-Identifier: MIT */
/*
 * Doors of xen_version and vm_assist, and of set_timer_op, which is one line. xen_version only
 * tells what is fixed; guests also call it for its side effect, that events are delivered on the
 * way out.
 */
#include <dais/boot_info.h>
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <dais/version.h>
#include <dais/vm_assist.h>
#include <dais/vtime.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/version.h>
#include <xen/xen.h>

/* Guest types a toolstack may build, each with the interface's own version. */
#define CAPABILITIES	"xen-3.0-x86_64 "
#define DENIED		"<denied>"

/* Copy a text into a field of `size` bytes, which is filled up with zeros. */
static long put_text(unsigned long arg, const char *text, size_t size)
{
	size_t len = strnlen(text, size - 1);

	if (copy_to_guest(arg, text, len) || clear_guest(arg + len, size - len)) {
		return -XEN_EFAULT;
	}
	return 0;
}

static long version_version(unsigned long arg)
{
	return VERSION_XEN;
}

static long version_extraversion(unsigned long arg)
{
	return put_text(arg, VERSION_XEN_EXTRA, sizeof(xen_extraversion_t));
}

static long version_compile_info(unsigned long arg)
{
	struct xen_compile_info info;

	memset(&info, 0, sizeof(info));
	strlcpy(info.compiler, __VERSION__, sizeof(info.compiler));
	strlcpy(info.compile_by, "dais", sizeof(info.compile_by));
	strlcpy(info.compile_domain, DAIS_VERSION, sizeof(info.compile_domain));
	strlcpy(info.compile_date, DAIS_COMPILE_DATE, sizeof(info.compile_date));
	return copy_to_guest(arg, &info, sizeof(info)) ? -XEN_EFAULT : 0;
}

static long version_capabilities(unsigned long arg)
{
	return put_text(arg, CAPABILITIES, sizeof(xen_capabilities_info_t));
}

static long version_changeset(unsigned long arg)
{
	return put_text(arg, DAIS_CHANGESET, sizeof(xen_changeset_info_t));
}

static long version_platform_parameters(unsigned long arg)
{
	struct xen_platform_parameters p = { .virt_start = HYPERVISOR_VIRT_START };

	return copy_to_guest(arg, &p, sizeof(p)) ? -XEN_EFAULT : 0;
}

static uint32_t features_of(const struct domain *d)
{
	uint32_t f = (1U << XENFEAT_mmu_pt_update_preserve_ad) | (1U << XENFEAT_highmem_assist) |
		     (1U << XENFEAT_gnttab_map_avail_bits) |
		     (1U << XENFEAT_memory_op_vnode_supported) | (1U << XENFEAT_direct_mapped);

	if (atomic_read(&d->vm_assist) & (1UL << VMASST_TYPE_pae_extended_cr3)) {
		f |= 1U << XENFEAT_pae_pgdir_above_4gb;
	}
	if (d->is_hardware) {
		f |= 1U << XENFEAT_dom0;
	}
	return f;
}

static long version_get_features(unsigned long arg)
{
	struct xen_feature_info fi;

	if (copy_from_guest(&fi, arg, sizeof(fi))) {
		return -XEN_EFAULT;
	}
	if (fi.submap_idx >= XENFEAT_NR_SUBMAPS) {
		return -XEN_EINVAL;
	}
	fi.submap = features_of(current_vcpu()->domain);
	return copy_to_guest(arg, &fi, sizeof(fi)) ? -XEN_EFAULT : 0;
}

static long version_pagesize(unsigned long arg)
{
	return arg ? -XEN_EINVAL : (long)PAGE_SIZE;
}

static long version_guest_handle(unsigned long arg)
{
	struct domain *d = current_vcpu()->domain;
	xen_domain_handle_t handle;

	spin_lock(&d->lock);
	memcpy(handle, d->handle, sizeof(handle));
	spin_unlock(&d->lock);
	return copy_to_guest(arg, handle, sizeof(handle)) ? -XEN_EFAULT : 0;
}

static long version_commandline(unsigned long arg)
{
	bool may = current_vcpu()->domain->is_privileged;

	return put_text(arg, may ? dais_boot_info->cmdline : DENIED, sizeof(xen_commandline_t));
}

static long version_build_id_op(unsigned long arg)
{
	struct xen_build_id want;
	const uint8_t *id;
	size_t len;

	if (!current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	id = version_build_id(&len);
	if (!id) {
		return -XEN_ENODATA;
	}
	if (!arg) {
		return (long)len;
	}
	if (copy_from_guest(&want, arg, sizeof(want))) {
		return -XEN_EFAULT;
	}
	if (want.len == 0) {
		return -XEN_EINVAL;
	}
	if (want.len < len) {
		return -XEN_ENOBUFS;
	}
	if (copy_to_guest(arg + offsetof(struct xen_build_id, buf), id, len)) {
		return -XEN_EFAULT;
	}
	return (long)len;
}

static long (*const version_table[])(unsigned long arg) = {
	[XENVER_version] = version_version,
	[XENVER_extraversion] = version_extraversion,
	[XENVER_compile_info] = version_compile_info,
	[XENVER_capabilities] = version_capabilities,
	[XENVER_changeset] = version_changeset,
	[XENVER_platform_parameters] = version_platform_parameters,
	[XENVER_get_features] = version_get_features,
	[XENVER_pagesize] = version_pagesize,
	[XENVER_guest_handle] = version_guest_handle,
	[XENVER_commandline] = version_commandline,
	[XENVER_build_id] = version_build_id_op,
};

long do_xen_version(unsigned int cmd, unsigned long arg)
{
	if (cmd >= ARRAY_SIZE(version_table)) {
		return -XEN_ENOSYS;
	}
	return version_table[array_index_nospec((unsigned long)cmd, ARRAY_SIZE(version_table))](
	    arg);
}

long do_vm_assist(unsigned int cmd, unsigned int type)
{
	struct domain *d = current_vcpu()->domain;

	if (type >= 64 || !(VM_ASSIST_VALID & (1UL << type))) {
		return -XEN_EINVAL;
	}
	if (cmd == VMASST_CMD_enable) {
		atomic_or(&d->vm_assist, 1UL << type);
	} else if (cmd == VMASST_CMD_disable) {
		atomic_and(&d->vm_assist, ~(1UL << type));
	} else {
		return -XEN_ENOSYS;
	}
	return 0;
}

long do_set_timer_op(uint64_t timeout)
{
	return vtime_set_timer_op(current_vcpu(), (int64_t)timeout);
}
