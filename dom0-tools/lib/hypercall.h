/* SPDX-License-Identifier: MIT */
/*
 * Control hypercalls from dom0: domctl and sysctl of interface 0x15 through libxencall, with the
 * structures of hypercalls/include/xen. One handle per process; not thread-safe.
 *
 * All return 0 (or a count) or a negative errno. -EACCES usually means that the hypervisor speaks
 * another interface version; -EPERM, that this is not dom0.
 */
#ifndef LIB_HYPERCALL_H
#define LIB_HYPERCALL_H

#include <stddef.h>
#include <stdint.h>

#include <xen/domctl.h>
#include <xen/sysctl.h>

struct hypercall;

/* NULL, with errno set, when there is no /dev/xen/privcmd. */
struct hypercall *hypercall_open(void);
void hypercall_close(struct hypercall *h);

/*
 * The structure is copied to memory the hypervisor can reach and back; interface_version is
 * filled in. Pointers inside must come from hypercall_buffer().
 */
int hypercall_domctl(struct hypercall *h, struct xen_domctl *op);
int hypercall_sysctl(struct hypercall *h, struct xen_sysctl *op);
/* Any other call (memory_op, mmuext_op ...), with its arguments as they are. */
long hypercall_call(struct hypercall *h, unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3,
		    uint64_t a4);
void *hypercall_buffer(struct hypercall *h, size_t bytes);
/* A buffer with a copy of these bytes, of which there may be none; NULL when there is no memory. */
void *hypercall_copy(struct hypercall *h, const void *bytes, size_t len);
void hypercall_buffer_free(struct hypercall *h, void *buffer);

/* Domains with numbers from `first` on, ascending; how many were written (at most `max`). */
int hypercall_domain_list(struct hypercall *h, uint32_t first, struct xen_domctl_getdomaininfo *out,
			  uint32_t max);
/*
 * The hypervisor's console from position *index on (which moves on); bytes written to `out`.
 */
int hypercall_read_console(struct hypercall *h, uint32_t *index, char *out, uint32_t room);

#endif
