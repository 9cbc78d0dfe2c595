/* SPDX-License-Identifier: MIT */
/*
 * Doors of xen_version and vm_assist, and of set_timer_op, which is one line. xen_version only
 * tells what is fixed; guests also call it for its side effect, that events are delivered on the
 * way out.
 */
#include <dais/boot_info.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/string.h>
#include <dais/version.h>
#include <dais/vm_assist.h>
#include <dais/vtime.h>
#include <hypercall_table.h>
#include <xen/errno.h>
#include <xen/version.h>

/* Guest types a toolstack may build, each with the interface's own version. */
#define CAPABILITIES	"xen-3.0-x86_64 "
#define DENIED		"<denied>"

/* Copy a text into a field of `size` bytes, which is filled up with zeros. */
static long put_text(unsigned long arg, const char *text, size_t size)
{
	size_t len = strnlen(text, size - 1);
	int rc = copy_to_guest(arg, text, len);

	return rc ? rc : clear_guest(arg + len, size - len);
}

static long version_compile_info(unsigned long arg)
{
	struct xen_compile_info info;

	memset(&info, 0, sizeof(info));
	strlcpy(info.compiler, __VERSION__, sizeof(info.compiler));
	strlcpy(info.compile_by, "dais", sizeof(info.compile_by));
	strlcpy(info.compile_domain, DAIS_VERSION, sizeof(info.compile_domain));
	strlcpy(info.compile_date, DAIS_COMPILE_DATE, sizeof(info.compile_date));
	return copy_to_guest(arg, &info, sizeof(info));
}

static long version_platform_parameters(unsigned long arg)
{
	struct xen_platform_parameters p = { .virt_start = HYPERVISOR_VIRT_START };

	return copy_to_guest(arg, &p, sizeof(p));
}

static long version_get_features(unsigned long arg)
{
	struct domain *d = current_vcpu()->domain;
	struct xen_feature_info fi;

	if (copy_from_guest(&fi, arg, sizeof(fi))) {
		return -XEN_EFAULT;
	}
	if (fi.submap_idx >= XENFEAT_NR_SUBMAPS) {
		return -XEN_EINVAL;
	}
	fi.submap = (1U << XENFEAT_mmu_pt_update_preserve_ad) | (1U << XENFEAT_highmem_assist) |
		    (1U << XENFEAT_gnttab_map_avail_bits) |
		    (1U << XENFEAT_memory_op_vnode_supported) | (1U << XENFEAT_direct_mapped);
	if (atomic_read(&d->vm_assist) & (1UL << VMASST_TYPE_pae_extended_cr3)) {
		fi.submap |= 1U << XENFEAT_pae_pgdir_above_4gb;
	}
	if (d->is_hardware) {
		fi.submap |= 1U << XENFEAT_dom0;
	}
	return copy_to_guest(arg, &fi, sizeof(fi));
}

static long version_guest_handle(unsigned long arg)
{
	struct domain *d = current_vcpu()->domain;
	xen_domain_handle_t handle;

	spin_lock(&d->lock);
	memcpy(handle, d->handle, sizeof(handle));
	spin_unlock(&d->lock);
	return copy_to_guest(arg, handle, sizeof(handle));
}

static long version_build_id_op(unsigned long arg)
{
	struct xen_build_id want;
	const uint8_t *id;
	size_t len;
	long rc;

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
	rc = copy_to_guest(arg + offsetof(struct xen_build_id, buf), id, len);
	return rc ? rc : (long)len;
}

long do_xen_version(unsigned int cmd, unsigned long arg)
{
	if (likely(cmd == XENVER_version)) {
		return VERSION_XEN;
	}
	switch (cmd) {
	case XENVER_extraversion:
		return put_text(arg, VERSION_XEN_EXTRA, sizeof(xen_extraversion_t));
	case XENVER_compile_info:
		return version_compile_info(arg);
	case XENVER_capabilities:
		return put_text(arg, CAPABILITIES, sizeof(xen_capabilities_info_t));
	case XENVER_changeset:
		return put_text(arg, DAIS_CHANGESET, sizeof(xen_changeset_info_t));
	case XENVER_platform_parameters:
		return version_platform_parameters(arg);
	case XENVER_get_features:
		return version_get_features(arg);
	case XENVER_pagesize:
		return arg ? -XEN_EINVAL : (long)PAGE_SIZE;
	case XENVER_guest_handle:
		return version_guest_handle(arg);
	case XENVER_commandline:
		return put_text(arg,
				current_vcpu()->domain->is_privileged ? dais_boot_info->cmdline : DENIED,
				sizeof(xen_commandline_t));
	case XENVER_build_id:
		return version_build_id_op(arg);
	default:
		return -XEN_ENOSYS;
	}
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
