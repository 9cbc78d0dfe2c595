/* SPDX-License-Identifier: MIT */
/* What the processor side keeps for each domain: its CPU policy and its physical interrupts. */
#include <dais/cpuid_policy.h>
#include <dais/domain.h>
#include <dais/domain_internal.h>
#include <dais/hv_alloc.h>
#include <dais/pirq.h>

int domain_arch_init(struct domain *d)
{
	return cpuid_policy_domain_init(d);
}

int domain_arch_relinquish(struct domain *d)
{
	pirq_domain_destroy(d);
	return 0;
}

void domain_arch_free(struct domain *d)
{
	pirq_domain_destroy(d);
	hv_free(d->pv.policy);
}
