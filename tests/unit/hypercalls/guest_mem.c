/* SPDX-License-Identifier: MIT */
/* See guest_mem.h. Needs tests/fake/fake.c for this_cpu(). */
#include <stdarg.h>
#include <string.h>

#include <dais/guest_access.h>
#include <dais/percpu.h>
#include <dais/preempt.h>
#include <dais/vcpu.h>
#include <xen/errno.h>

#include "guest_mem.h"

uint8_t guest_mem[GUEST_SIZE];
struct vcpu guest_vcpu;
struct domain *guest_other;
struct guest_continuation guest_continued;

static unsigned long fault_start, fault_end;
static bool fault_writes_only;

void guest_reset(struct domain *d)
{
	memset(guest_mem, 0, sizeof(guest_mem));
	memset(&guest_vcpu, 0, sizeof(guest_vcpu));
	memset(&guest_continued, 0, sizeof(guest_continued));
	guest_fault(0, 0, false);
	guest_other = NULL;
	guest_vcpu.domain = d;
	this_cpu()->current = &guest_vcpu;
}

void *guest_at(unsigned long va)
{
	return guest_mem + (va - GUEST_BASE);
}

void guest_fault(unsigned long va, unsigned long n, bool writes_only)
{
	fault_start = va;
	fault_end = va + n;
	fault_writes_only = writes_only;
}

/* How many of the bytes can be reached before something faults. */
static size_t reachable(unsigned long va, size_t n, bool write)
{
	if (va < GUEST_BASE || va >= GUEST_BASE + GUEST_SIZE) {
		return 0;
	}
	if (n > GUEST_BASE + GUEST_SIZE - va) {
		n = GUEST_BASE + GUEST_SIZE - va;
	}
	if (fault_end > fault_start && (write || !fault_writes_only) && va < fault_end &&
	    va + n > fault_start) {
		return va < fault_start ? fault_start - va : 0;
	}
	return n;
}

int copy_from_guest(void *dst, unsigned long va, size_t n)
{
	size_t ok = n ? reachable(va, n, false) : 0;

	if (ok) {
		memcpy(dst, guest_at(va), ok);
	}
	return ok == n ? 0 : -XEN_EFAULT;
}

int copy_to_guest(unsigned long va, const void *src, size_t n)
{
	size_t ok = n ? reachable(va, n, true) : 0;

	if (ok) {
		memcpy(guest_at(va), src, ok);
	}
	return ok == n ? 0 : -XEN_EFAULT;
}

int clear_guest(unsigned long va, size_t n)
{
	size_t ok = n ? reachable(va, n, true) : 0;

	if (ok) {
		memset(guest_at(va), 0, ok);
	}
	return ok == n ? 0 : -XEN_EFAULT;
}

long hypercall_continue(unsigned int nr, unsigned int nargs, ...)
{
	va_list ap;

	guest_continued.count++;
	guest_continued.nr = nr;
	guest_continued.nargs = nargs;
	va_start(ap, nargs);
	for (unsigned int i = 0; i < nargs; i++) {
		guest_continued.args[i] = va_arg(ap, unsigned long);
	}
	va_end(ap);
	return CONTINUED;
}

int domain_target(uint16_t domid, bool may_be_other, struct domain **out)
{
	struct domain *self = guest_vcpu.domain;

	if (domid == DOMID_SELF || domid == self->domid) {
		*out = self;
	} else if (!guest_other || guest_other->domid != domid) {
		return -XEN_ESRCH;
	} else if (!may_be_other || !self->is_privileged) {
		return -XEN_EPERM;
	} else {
		*out = guest_other;
	}
	domain_get(*out);
	return 0;
}
