/* SPDX-License-Identifier: MIT */
/*
 * Dispatch of sub-operations; see subop.h for what it promises.
 */
#include <dais/compiler.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/string.h>
#include <dais/vcpu.h>
#include <xen/errno.h>

#include "subop.h"

/* Load the argument and make sure that what will be written back can be. */
static int subop_load(const struct subop *op, void *arg, unsigned long arg_va)
{
	int rc = 0;

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
	return rc;
}

static bool subop_writes_back(const struct subop *op, long rc)
{
	if (!(op->flags & SUBOP_OUT)) {
		return false;
	}
	return rc >= 0 || rc == -ERESTART || (op->flags & SUBOP_OUT_ERR);
}

long subop_dispatch(const struct subop *table, size_t rows, unsigned int cmd, unsigned long arg_va)
{
	_Alignas(16) uint8_t arg[SUBOP_ARG_MAX];
	const struct subop *op;
	long rc;

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
	rc = subop_load(op, arg, arg_va);
	if (rc) {
		return rc;
	}
	rc = op->fn(arg);
	if (subop_writes_back(op, rc) && copy_to_guest(arg_va, arg, op->size)) {
		return -XEN_EFAULT;
	}
	return rc;
}
