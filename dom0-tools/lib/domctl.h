/* SPDX-License-Identifier: MIT */
/*
 * Domain control, one C function per operation of domctl. Values only: buffers that hypercalls
 * need are made and freed inside. All return 0 or a negative errno unless said otherwise; -ESRCH
 * means that there is no such domain.
 *
 * Sizes of memory are in KiB or in pages of 4 KiB, as named.
 */
#ifndef LIB_DOMCTL_H
#define LIB_DOMCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/arch-x86/xen.h>
#include <xen/domctl.h>

struct hypercall;

#define DOMCTL_CPUS_MAX 4096 /* bits of an affinity map */

/* A set of physical CPUs. */
struct cpu_set {
	uint8_t bits[DOMCTL_CPUS_MAX / 8];
};

static inline bool cpu_set_has(const struct cpu_set *s, unsigned int cpu)
{
	return cpu < DOMCTL_CPUS_MAX && (s->bits[cpu / 8] >> cpu % 8 & 1);
}

static inline void cpu_set_put(struct cpu_set *s, unsigned int cpu, bool in)
{
	uint8_t bit = (uint8_t)(1u << cpu % 8);

	if (cpu < DOMCTL_CPUS_MAX) {
		s->bits[cpu / 8] = (uint8_t)(in ? s->bits[cpu / 8] | bit : s->bits[cpu / 8] & ~bit);
	}
}

/* A new empty domain; *domid is chosen by the hypervisor. */
int domctl_create(struct hypercall *h, const struct xen_domctl_createdomain *config,
		  uint32_t *domid);
/* Everything of the domain is freed; takes long for a large one. */
int domctl_destroy(struct hypercall *h, uint32_t domid);
int domctl_pause(struct hypercall *h, uint32_t domid);
int domctl_unpause(struct hypercall *h, uint32_t domid);
/* Of exactly this domain. */
int domctl_info(struct hypercall *h, uint32_t domid, struct xen_domctl_getdomaininfo *info);
/* All domains, ascending: their number, and an array to free(). */
int domctl_info_all(struct hypercall *h, struct xen_domctl_getdomaininfo **list);

int domctl_max_memory(struct hypercall *h, uint32_t domid, uint64_t kib);
int domctl_max_vcpus(struct hypercall *h, uint32_t domid, uint32_t count);
int domctl_set_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		       const struct vcpu_guest_context *context);
int domctl_get_context(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		       struct vcpu_guest_context *context);
int domctl_hypercall_page(struct hypercall *h, uint32_t domid, uint64_t mfn);
int domctl_address_size(struct hypercall *h, uint32_t domid, uint32_t bits);
int domctl_set_time_offset(struct hypercall *h, uint32_t domid, int64_t seconds);
int domctl_set_handle(struct hypercall *h, uint32_t domid, const uint8_t uuid[16]);
int domctl_trigger(struct hypercall *h, uint32_t domid, uint32_t trigger, uint32_t vcpu);
int domctl_allow_ports(struct hypercall *h, uint32_t domid, uint32_t first, uint32_t count);
int domctl_allow_irq(struct hypercall *h, uint32_t domid, uint32_t pirq);
int domctl_allow_memory(struct hypercall *h, uint32_t domid, uint64_t mfn, uint64_t count);

int domctl_vcpu_info(struct hypercall *h, uint32_t domid, uint32_t vcpu,
		     struct xen_domctl_getvcpuinfo *info);
/* Where a vCPU may (hard) and should (soft) run. A NULL set is neither read nor written. */
int domctl_get_affinity(struct hypercall *h, uint32_t domid, uint32_t vcpu, struct cpu_set *hard,
			struct cpu_set *soft);
int domctl_set_affinity(struct hypercall *h, uint32_t domid, uint32_t vcpu,
			const struct cpu_set *hard, const struct cpu_set *soft, bool force);

/* Weight and cap; `scheduler` is XEN_SCHEDULER_CREDIT or _CREDIT2. */
int domctl_get_sched(struct hypercall *h, uint32_t domid, uint32_t scheduler, uint16_t *weight,
		     uint16_t *cap);
int domctl_set_sched(struct hypercall *h, uint32_t domid, uint32_t scheduler, uint16_t weight,
		     uint16_t cap);

/* What CPUID shows the domain. `leaves` is an array to free(). */
int domctl_get_policy(struct hypercall *h, uint32_t domid, struct xen_cpuid_leaf **leaves,
		      uint32_t *count);
/* And its model-specific registers: two arrays. */
int domctl_get_policies(struct hypercall *h, uint32_t domid, struct xen_cpuid_leaf **leaves,
			uint32_t *count, struct xen_msr_entry **msrs, uint32_t *msr_count);
/* Both halves of a policy. On an error *bad_leaf or *bad_msr is the one refused, the others ~0. */
int domctl_set_policies(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
			uint32_t leaf_count, const struct xen_msr_entry *msrs, uint32_t msr_count,
			uint32_t *bad_leaf, uint32_t *bad_msr);
/* On -EINVAL, *bad (when not NULL) is the leaf that was refused. */
int domctl_set_policy(struct hypercall *h, uint32_t domid, const struct xen_cpuid_leaf *leaves,
		      uint32_t count, uint32_t *bad);

/*
 * memory_op and event_channel_op on behalf of a domain.
 *
 * populate: `count` extents of 2^order pages for pfns[0 .. count-1]; the first machine frames come
 * back in the same array. Returns how many were given, which may be fewer than asked.
 * claim: reserves pages in advance (0 gives up what is left of an earlier claim).
 */
long domctl_populate(struct hypercall *h, uint32_t domid, uint64_t *pfns, uint32_t count,
		     unsigned int order, uint32_t mem_flags);
int domctl_claim(struct hypercall *h, uint32_t domid, uint64_t pages);
int domctl_unbound_port(struct hypercall *h, uint32_t domid, uint32_t remote, uint32_t *port);

/* A frame to be validated as a page table of this level (1 to 4), and kept so. */
struct domctl_pin {
	uint64_t mfn;
	unsigned int level;
};

int domctl_pin_tables(struct hypercall *h, uint32_t domid, const struct domctl_pin *pins,
		      uint32_t count);

#endif
