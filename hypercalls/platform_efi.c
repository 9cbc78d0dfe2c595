/* SPDX-License-Identifier: MIT */
/*
 * Door of XENPF_efi_runtime_call: dom0's way to the firmware's clock and variables. What the guest
 * gives is copied into the lent buffers before the call and back after it, with the guest's own
 * page tables loaded; the firmware never sees a guest address. An answer of the firmware goes back
 * as `status` and the hypercall succeeds, an error of the hypercall means that the firmware was not
 * called (or, for -EFAULT, that its answer could not be stored).
 *
 * The lock and the buffers are those of dais/efi_runtime.h, held for the whole of one operation.
 */
#include <dais/compiler.h>
#include <dais/efi_runtime.h>
#include <dais/guest_access.h>
#include <xen/errno.h>
#include <xen/platform.h>
#include "platform_efi.h"

BUILD_BUG_ON(sizeof(struct xenpf_efi_time) != 16); /* as the firmware lays it out */

struct efi_time_caps {
	uint32_t resolution, accuracy;
	uint8_t sets_to_zero;
};

#define EFI_CALL(service, ...) efi_runtime_call(service, (const uint64_t[5]){ __VA_ARGS__ })
#define PTR(p)                 ((uint64_t)(p))

static long efi_get_time(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	struct efi_time_caps caps = { 0 };

	c->status = EFI_CALL(EFI_GET_TIME, PTR(&c->u.get_time.time), PTR(&caps));
	if (!(c->status & EFI_ERROR_BIT)) {
		c->misc = caps.sets_to_zero ? XEN_EFI_GET_TIME_SET_CLEARS_NS : 0;
		c->u.get_time.resolution = caps.resolution;
		c->u.get_time.accuracy = caps.accuracy;
	}
	return 0;
}

static long efi_set_time(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	c->status = EFI_CALL(EFI_SET_TIME, PTR(&c->u.set_time));
	return 0;
}

static long efi_get_wakeup_time(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	uint8_t enabled = 0, pending = 0;

	c->status = EFI_CALL(EFI_GET_WAKEUP_TIME, PTR(&enabled), PTR(&pending),
			     PTR(&c->u.get_wakeup_time));
	if (!(c->status & EFI_ERROR_BIT)) {
		c->misc = (enabled ? XEN_EFI_GET_WAKEUP_TIME_ENABLED : 0) |
			  (pending ? XEN_EFI_GET_WAKEUP_TIME_PENDING : 0);
	}
	return 0;
}

static long efi_set_wakeup_time(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	bool with_time = !(c->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY);

	c->status = EFI_CALL(EFI_SET_WAKEUP_TIME, c->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE,
			     with_time ? PTR(&c->u.set_wakeup_time) : 0);
	return 0;
}

static long efi_monotonic_count(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	c->status = EFI_CALL(EFI_GET_NEXT_HIGH_MONO_COUNT, PTR(&c->misc));
	return 0;
}

/* A terminated name of the guest's. */
static long name_in(struct efi_runtime_buffers *b, uint64_t va)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(b->name); i++) {
		if (copy_from_guest(&b->name[i], va + i * 2, 2) != 0) {
			return -XEN_EFAULT;
		}
		if (b->name[i] == 0) {
			return 0;
		}
	}
	return -XEN_EINVAL;
}

static long efi_get_variable(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	uint64_t size = min(c->u.get_variable.size, (uint64_t)EFI_DATA_BYTES);
	uint32_t attr = 0;
	long rc = name_in(b, c->u.get_variable.name);

	if (rc != 0) {
		return rc;
	}
	c->status = EFI_CALL(EFI_GET_VARIABLE, PTR(b->name), PTR(&c->u.get_variable.vendor_guid),
			     PTR(&attr), PTR(&size), size ? PTR(b->data) : 0);
	if (c->status == EFI_BUFFER_TOO_SMALL && size <= c->u.get_variable.size) {
		c->status = EFI_OUT_OF_RESOURCES; /* the guest's room would do, ours does not */
		return 0;
	}
	if (!(c->status & EFI_ERROR_BIT) &&
	    (size > EFI_DATA_BYTES || copy_to_guest(c->u.get_variable.data, b->data, size) != 0)) {
		return -XEN_EFAULT;
	}
	c->misc = attr;
	c->u.get_variable.size = size;
	return 0;
}

static long efi_set_variable(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	uint64_t size = c->u.set_variable.size;
	long rc = name_in(b, c->u.set_variable.name);

	if (rc != 0) {
		return rc;
	}
	if (size > EFI_DATA_BYTES) {
		c->status = EFI_OUT_OF_RESOURCES;
		return 0;
	}
	if (copy_from_guest(b->data, c->u.set_variable.data, size) != 0) {
		return -XEN_EFAULT;
	}
	c->status = EFI_CALL(EFI_SET_VARIABLE, PTR(b->name), PTR(&c->u.set_variable.vendor_guid),
			     c->misc, size, PTR(b->data));
	return 0;
}

static long efi_next_name(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	uint64_t room = min(c->u.get_next_variable_name.size, (uint64_t)EFI_NAME_BYTES),
		 size = room;
	long rc = name_in(b, c->u.get_next_variable_name.name);

	if (rc != 0) {
		return rc;
	}
	c->status = EFI_CALL(EFI_GET_NEXT_VARIABLE_NAME, PTR(&size), PTR(b->name),
			     PTR(&c->u.get_next_variable_name.vendor_guid));
	if (c->status == EFI_BUFFER_TOO_SMALL && size > EFI_NAME_BYTES) {
		c->status = EFI_OUT_OF_RESOURCES;
		return 0;
	}
	/*
	 * Some firmware leaves the size as it was: the name's own end then counts, which the room
	 * holds.
	 */
	if (!(c->status & EFI_ERROR_BIT) &&
	    copy_to_guest(c->u.get_next_variable_name.name, b->name, min(size, room)) != 0) {
		return -XEN_EFAULT;
	}
	c->u.get_next_variable_name.size = size;
	return 0;
}

/* What the store was like at boot is not kept. */
static long efi_query_info(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	uint64_t max_store = 0, remain = 0, max_size = 0;

	if (c->misc & XEN_EFI_VARINFO_BOOT_SNAPSHOT) {
		c->status = EFI_UNSUPPORTED;
		return 0;
	}
	c->status = EFI_CALL(EFI_QUERY_VARIABLE_INFO, c->u.query_variable_info.attr,
			     PTR(&max_store), PTR(&remain), PTR(&max_size));
	c->u.query_variable_info.max_store_size = max_store;
	c->u.query_variable_info.remain_store_size = remain;
	c->u.query_variable_info.max_size = max_size;
	return 0;
}

/* Capsules would replace the firmware under the hypervisor: "unsupported", which callers expect. */
static long efi_no_capsules(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b)
{
	c->status = EFI_UNSUPPORTED;
	return 0;
}

static const struct {
	long (*fn)(struct xenpf_efi_runtime_call *c, struct efi_runtime_buffers *b);
	uint32_t misc_allowed;
} efi_table[] = {
	[XEN_EFI_get_time] = { efi_get_time, 0 },
	[XEN_EFI_set_time] = { efi_set_time, 0 },
	[XEN_EFI_get_wakeup_time] = { efi_get_wakeup_time, 0 },
	[XEN_EFI_set_wakeup_time] = { efi_set_wakeup_time,
				      XEN_EFI_SET_WAKEUP_TIME_ENABLE |
					      XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY },
	[XEN_EFI_get_next_high_monotonic_count] = { efi_monotonic_count, 0 },
	[XEN_EFI_get_variable] = { efi_get_variable, 0 },
	[XEN_EFI_set_variable] = { efi_set_variable, ~0U }, /* attributes: the firmware's to judge */
	[XEN_EFI_get_next_variable_name] = { efi_next_name, 0 },
	[XEN_EFI_query_variable_info] = { efi_query_info, XEN_EFI_VARINFO_BOOT_SNAPSHOT },
	[XEN_EFI_query_capsule_capabilities] = { efi_no_capsules, 0 },
	[XEN_EFI_update_capsule] = { efi_no_capsules, 0 },
};

long platform_efi_runtime_call(struct xen_platform_op *op)
{
	struct xenpf_efi_runtime_call *c = &op->u.efi_runtime_call;
	struct efi_runtime_buffers *b;
	unsigned long nr = c->function;
	long rc;

	if (nr >= ARRAY_SIZE(efi_table)) {
		return -XEN_EINVAL;
	}
	nr = array_index_nospec(nr, ARRAY_SIZE(efi_table));
	if (efi_table[nr].fn == NULL || (c->misc & ~efi_table[nr].misc_allowed)) {
		return -XEN_EINVAL;
	}
	b = efi_runtime_enter();
	if (b == NULL) {
		return -XEN_EOPNOTSUPP;
	}
	rc = efi_table[nr].fn(c, b);
	efi_runtime_leave();
	return rc;
}
