/* SPDX-License-Identifier: MIT */
/*
 * Dispatch of sub-operations; see subop.h for what it promises.
 */
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/string.h>
#include <xen/errno.h>

#include "subop.h"

long subop_dispatch(const struct subop *table, size_t rows, unsigned int cmd, unsigned long arg_va)
{
	_Alignas(16) uint8_t arg[SUBOP_ARG_MAX];
	const struct subop *op;
	long rc = 0;

	if (cmd >= rows) {
		return -XEN_ENOSYS;
	}
	op = &table[array_index_nospec((unsigned long)cmd, rows)];
	if (!op->fn) {
		return -XEN_ENOSYS;
	}
	if ((op->flags & SUBOP_PRIV) && !current_vcpu()->domain->is_privileged) {
		return -XEN_EPERM;
	}
	if (!op->size) {
		return op->fn(NULL);
	}
	if (op->flags & SUBOP_IN) {
		rc = copy_from_guest(arg, arg_va, op->size);
	} else {
		memset(arg, 0, op->size);
	}
	/*
	 * Writing it back now costs a few instructions, and turns an argument in read-only memory
	 * into a refusal instead of an effect whose result is lost.
	 */
	if (!rc && (op->flags & SUBOP_OUT)) {
		rc = copy_to_guest(arg_va, arg, op->size);
	}
	if (rc) {
		return rc;
	}
	rc = op->fn(arg);
	if ((op->flags & SUBOP_OUT) &&
	    (rc >= 0 || rc == -ERESTART || (op->flags & SUBOP_OUT_ERR)) &&
	    copy_to_guest(arg_va, arg, op->size)) {
		return -XEN_EFAULT;
	}
	return rc;
}
