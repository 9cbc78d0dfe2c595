/* SPDX-License-Identifier: MIT */
/*
 * The command-line options about dom0: dom0_mem=, dom0_max_vcpus=, dom0_vcpus_pin. Init code; no lock.
 *
 * dom0_mem=<amount>,min:<amount>,max:<amount>: each part optional, amounts with K, M, G, or a percentage, a
 * negative amount meaning "all but". Without it dom0 gets all memory but a reserve for the hypervisor. Up to max,
 * if it is given, dom0 may grow later.
 */
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/dom0.h>
#include <dais/domain_create.h>
#include <dais/frame_alloc.h>
#include <dais/percpu.h>
#include <dais/string.h>
#include <xen/errno.h>

struct amount {
	bool set, negative, percent;
	uint64_t value;		/* pages, or a percentage */
};

static struct amount mem_want __initdata, mem_min __initdata, mem_max __initdata;
static unsigned int vcpus_min __initdata, vcpus_max __initdata;
bool dom0_vcpus_pin __initdata;

static int __init parse_amount(const char *s, const char **end, struct amount *a)
{
	bool negative = s[0] == '-', percent;
	const char *digits = s + negative;
	uint64_t value = cmdline_parse_size(digits, 10, end) >> PAGE_SHIFT;

	percent = *end != digits && **end == '%';
	if (percent) {
		value = cmdline_parse_u64(digits, end);
		(*end)++;
	}
	*a = (struct amount){ true, negative, percent, value };
	return *end == digits || (percent && (negative || value > 100)) ? -XEN_EINVAL : 0;
}

static int __init parse_dom0_mem(const char *s)
{
	while (s != NULL && *s != '\0') {
		struct amount *a = &mem_want;
		const char *end;

		if (strncmp(s, "min:", 4) == 0) {
			a = &mem_min;
			s += 4;
		} else if (strncmp(s, "max:", 4) == 0) {
			a = &mem_max;
			s += 4;
		}
		if (parse_amount(s, &end, a) != 0 || (*end != '\0' && *end != ',')) {
			return -XEN_EINVAL;
		}
		s = *end == ',' ? end + 1 : end;
	}
	return s == NULL ? -XEN_EINVAL : 0;
}
CMDLINE_PARAM("dom0_mem", parse_dom0_mem, "dom0_mem=AMOUNT,min:AMOUNT,max:AMOUNT: memory of dom0");

static int __init parse_dom0_max_vcpus(const char *value)
{
	const char *s = value ? value : "", *end = s;
	/* One number is both: dom0 may well have more vcpus than there are CPUs. */
	uint64_t least = *s == '-' ? 1 : cmdline_parse_u64(s, &end), most = least;

	if (*end == '-') {
		s = end + 1;
		most = *s ? cmdline_parse_u64(s, &end) : DOMAIN_MAX_VCPUS;
		end = *s ? end : s;
	}
	if (*end != '\0' || most == 0 || most < least) {
		return -XEN_EINVAL;
	}
	vcpus_min = (unsigned int)min(least, (uint64_t)DOMAIN_MAX_VCPUS);
	vcpus_max = (unsigned int)min(most, (uint64_t)DOMAIN_MAX_VCPUS);
	return 0;
}
CMDLINE_PARAM("dom0_max_vcpus", parse_dom0_max_vcpus, "dom0_max_vcpus=N or MIN-MAX: vcpus of dom0");
CMDLINE_BOOL("dom0_vcpus_pin", dom0_vcpus_pin, "dom0_vcpus_pin: each vcpu of dom0 stays on the CPU of its number");

static unsigned long __init amount_pages(const struct amount *a, unsigned long avail)
{
	if (a->percent) {
		return avail / 100 * a->value;
	}
	if (a->negative) {
		return a->value < avail ? avail - a->value : 0;
	}
	return a->value;
}

unsigned long __init dom0_choose_pages(unsigned long needed, uint32_t *limit)
{
	unsigned long avail = frame_alloc_free(), pages, most = ~0U;
	unsigned long floor = min(avail / 32, 16 * MiB >> PAGE_SHIFT);	/* left for the hypervisor in any case */
	/* For page tables, guests' structures and DMA exchanges. */
	unsigned long reserve = min(avail / 16, 128 * MiB >> PAGE_SHIFT);

	pages = mem_want.set ? amount_pages(&mem_want, avail) : avail - reserve;
	if (mem_want.set && pages > avail - floor) {
		dom0_refuse("dom0_mem=%luM is more than this machine can give (%luM free): ask for less",
			    pages >> (20 - PAGE_SHIFT), (avail - floor) >> (20 - PAGE_SHIFT));
	}
	if (mem_max.set) {
		most = min(most, amount_pages(&mem_max, avail));
		pages = min(pages, most);
	}
	if (mem_min.set) {
		pages = max(pages, min(amount_pages(&mem_min, avail), avail - floor));
	}
	if (pages < needed) {
		dom0_refuse("dom0 would get %luM, but its kernel and initrd alone need %luM: raise dom0_mem= or use "
			    "a smaller initrd", pages >> (20 - PAGE_SHIFT), (needed >> (20 - PAGE_SHIFT)) + 1);
	}
	*limit = (uint32_t)max(most, pages);
	return pages;
}

unsigned int __init dom0_choose_vcpus(void)
{
	unsigned int n = vcpus_max ? max(min(nr_cpus, vcpus_max), vcpus_min) : nr_cpus;

	return min(n, (unsigned int)DOMAIN_MAX_VCPUS);
}
