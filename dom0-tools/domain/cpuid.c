/* SPDX-License-Identifier: MIT */
/*
 * Changing CPU policies as the `cpuid` setting says: see cpuid.h. Pure but for domain_cpuid(),
 * which fetches the policy and gives it back.
 */
#include "domain/cpuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "domain/domain.h"
#include "lib/domctl.h"
#include "lib/xalloc.h"

#define NO_SUBLEAF XEN_CPUID_NO_SUBLEAF
#define COUNT(t)   (sizeof(t) / sizeof((t)[0]))

/* One register of one leaf, and the names of its bits from bit 0 on; NULL: none or reserved. */
static const struct {
	uint32_t leaf, subleaf;
	char reg; /* a, b, c or d */
	const char *bits[32];
} registers[] = {
	{ 1, NO_SUBLEAF, 'c', { "sse3",   "pclmulqdq", "dtes64",  "monitor",   "dscpl",
				"vmx",    "smx",       "est",     "tm2",       "ssse3",
				"cntxid", NULL,        "fma",     "cmpxchg16", "xtpr",
				"pdcm",   NULL,        "pcid",    "dca",       "sse4_1",
				"sse4_2", "x2apic",    "movbe",   "popcnt",    "tsc-deadline",
				"aes",    "xsave",     "osxsave", "avx",       "f16c",
				"rdrand", "hypervisor" } },
	{ 1, NO_SUBLEAF, 'd', { "fpu", "vme",      "de",   "pse",   "tsc",      "msr",   "pae",
				"mce", "cmpxchg8", "apic", NULL,    "sysenter", "mtrr",  "pge",
				"mca", "cmov",     "pat",  "pse36", "psn",      "clfsh", NULL,
				"ds",  "acpi",     "mmx",  "fxsr",  "sse",      "sse2",  "ss",
				"htt", "tm",       "ia64", "pbe" } },
	{ 7, 0, 'b', { "fsgsbase",   "tsc_adjust",  NULL,       "bmi1",       "hle",
		       "avx2",       NULL,          "smep",     "bmi2",       "erms",
		       "invpcid",    "rtm",         "cmt",      NULL,         "mpx",
		       NULL,         "avx512f",     "avx512dq", "rdseed",     "adx",
		       "smap",       "avx512-ifma", NULL,       "clflushopt", "clwb",
		       "proc-trace", "avx512pf",    "avx512er", "avx512cd",   "sha",
		       "avx512bw",   "avx512vl" } },
	{ 7,
	  0,
	  'c',
	  { [0] = "prefetchwt1",
	    [1] = "avx512-vbmi",
	    [2] = "umip",
	    [3] = "pku",
	    [4] = "ospke",
	    [6] = "avx512-vbmi2",
	    [7] = "cet-ss",
	    [8] = "gfni",
	    [9] = "vaes",
	    [10] = "vpclmulqdq",
	    [11] = "avx512-vnni",
	    [12] = "avx512-bitalg",
	    [14] = "avx512-vpopcntdq",
	    [22] = "rdpid",
	    [25] = "cldemote" } },
	{ 7,
	  0,
	  'd',
	  { [2] = "avx512-4vnniw",
	    [3] = "avx512-4fmaps",
	    [4] = "fsrm",
	    [9] = "srbds-ctrl",
	    [10] = "md-clear",
	    [13] = "rtm-always-abort",
	    [20] = "cet-ibt",
	    [26] = "ibrsb",
	    [27] = "stibp",
	    [28] = "l1d-flush",
	    [29] = "arch-caps",
	    [30] = "core-caps",
	    [31] = "ssbd" } },
	{ 0xd, 1, 'a', { "xsaveopt", "xsavec", "xgetbv1", "xsaves" } },
	{ 0x80000001, NO_SUBLEAF, 'c', { "lahfsahf",  "cmplegacy",   "svm",
					 "extapic",   "altmovcr8",   "abm",
					 "sse4a",     "misalignsse", "3dnowprefetch",
					 "osvw",      "ibs",         "xop",
					 "skinit",    "wdt",         NULL,
					 "lwp",       "fma4",        "tce",
					 NULL,        "nodeid",      NULL,
					 "tbm",       "topoext",     "perfctr_core",
					 "perfctr_nb" } },
	{ 0x80000001,
	  NO_SUBLEAF,
	  'd',
	  { [11] = "syscall",
	    [19] = "mp",
	    [20] = "nx",
	    [22] = "mmxext",
	    [25] = "ffxsr",
	    [26] = "page1gb",
	    [27] = "rdtscp",
	    [29] = "lm",
	    [30] = "3dnowext",
	    [31] = "3dnow" } },
	{ 0x80000007, NO_SUBLEAF, 'd', { [8] = "invtsc" } },
	{ 0x80000008,
	  NO_SUBLEAF,
	  'b',
	  { [0] = "clzero", [2] = "rstr-fp-err-ptrs", [9] = "wbnoinvd", [12] = "ibpb" } },
};

static uint32_t *register_of(struct xen_cpuid_leaf *leaves, uint32_t count, uint32_t leaf,
			     uint32_t subleaf, char reg)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		struct xen_cpuid_leaf *l = &leaves[i];

		if (l->leaf == leaf &&
		    (l->subleaf == subleaf || (subleaf == NO_SUBLEAF && !l->subleaf))) {
			return reg == 'a' ? &l->a : reg == 'b' ? &l->b : reg == 'c' ? &l->c : &l->d;
		}
	}
	return NULL;
}

static void bit_put(uint32_t *word, unsigned int bit, char how)
{
	if (how == '1') {
		*word |= 1u << bit;
	} else if (how == '0') {
		*word &= ~(1u << bit);
	}
}

static bool how_ok(char c)
{
	return c && strchr("01xks", c);
}

static int apply_feature(struct xen_cpuid_leaf *leaves, uint32_t count, const char *part,
			 struct failure *f)
{
	const char *equal = strchr(part, '=');
	size_t len = equal ? (size_t)(equal - part) : strlen(part), i;
	unsigned int bit;
	uint32_t *word;

	if (!equal || !how_ok(equal[1]) || equal[2]) {
		return failure_set(f, -EINVAL,
				   "cpuid: '%s' is not understood; write FEATURE=0, =1 or "
				   "=x",
				   part);
	}
	for (i = 0; i < COUNT(registers); i++) {
		for (bit = 0; bit < 32; bit++) {
			const char *name = registers[i].bits[bit];

			if (!name || strncmp(name, part, len) || name[len]) {
				continue;
			}
			word = register_of(leaves, count, registers[i].leaf, registers[i].subleaf,
					   registers[i].reg);
			if (word) {
				bit_put(word, bit, equal[1]);
			} else if (equal[1] == '1') {
				return failure_set(f, -EINVAL, "cpuid: this machine cannot show %s",
						   name);
			}
			return 0;
		}
	}
	return failure_set(f, -EINVAL, "cpuid: there is no feature '%.*s'", (int)len, part);
}

static int apply_host(struct xen_cpuid_leaf *leaves, uint32_t count, char *spec, struct failure *f)
{
	char *part = strsep(&spec, ",");
	int rc = 0;

	/* The first word says what the changes are relative to; there is only one choice. */
	if (strcmp(part, "host")) {
		return failure_set(f, -EINVAL, "cpuid: '%s': begin with \"host,\"", part);
	}
	while (!rc && (part = strsep(&spec, ","))) {
		while (*part == ' ') {
			part++;
		}
		if (*part) {
			rc = apply_feature(leaves, count, part, f);
		}
	}
	return rc;
}

static int apply_register(struct xen_cpuid_leaf *leaves, uint32_t count, uint32_t leaf,
			  uint32_t subleaf, const char *part, struct failure *f)
{
	static const char *const names[] = { "eax", "ebx", "ecx", "edx" };
	const char *bits = part + 4;
	unsigned int i, reg;
	uint32_t *word;

	for (reg = 0; reg < 4 && strncmp(part, names[reg], 3); reg++) {
	}
	if (reg == 4 || part[3] != '=' || strlen(bits) != 32 || strspn(bits, "01xks") != 32) {
		return failure_set(f, -EINVAL,
				   "cpuid: '%s' is not understood; write REGISTER= and 32 "
				   "of 0, 1 and x",
				   part);
	}
	word = register_of(leaves, count, leaf, subleaf, (char)('a' + reg));
	for (i = 0; word && i < 32; i++) {
		bit_put(word, 31 - i, bits[i]);
	}
	return 0;
}

static int apply_leaf(struct xen_cpuid_leaf *leaves, uint32_t count, char *spec, struct failure *f)
{
	uint32_t leaf, subleaf = NO_SUBLEAF;
	char *at, *part;
	int rc = 0;

	leaf = (uint32_t)strtoul(spec, &at, 0);
	if (*at == ',') {
		subleaf = (uint32_t)strtoul(at + 1, &at, 0);
	}
	if (*at != ':') {
		return failure_set(f, -EINVAL,
				   "cpuid: '%s' is not understood; begin with \"host,\" or "
				   "LEAF:",
				   spec);
	}
	at++;
	while (!rc && (part = strsep(&at, ","))) {
		while (*part == ' ') {
			part++;
		}
		rc = apply_register(leaves, count, leaf, subleaf, part, f);
	}
	return rc;
}

int cpuid_apply(struct xen_cpuid_leaf *leaves, uint32_t count, const char *spec, struct failure *f)
{
	char *copy = xstrdup(spec);
	int rc = strchr(copy, ':') ? apply_leaf(leaves, count, copy, f)
				   : apply_host(leaves, count, copy, f);

	free(copy);
	return rc;
}

int domain_cpuid(struct toolstack *t, uint32_t domid, const struct guest_config *g,
		 struct failure *f)
{
	struct xen_cpuid_leaf *leaves;
	uint32_t count, bad = ~0u;
	size_t i;
	int rc = domctl_get_policy(t->h, domid, &leaves, &count);

	if (rc) {
		return failure_set(f, rc, "cannot read the CPU policy: %s", strerror(-rc));
	}
	for (i = 0; !rc && i < g->cpuid_count; i++) {
		rc = cpuid_apply(leaves, count, g->cpuid[i], f);
	}
	if (!rc) {
		rc = domctl_set_policy(t->h, domid, leaves, count, &bad);
		if (rc) {
			failure_set(f, rc,
				    "the hypervisor refuses the CPU policy (leaf %#x): %s; the "
				    "machine does not have what `cpuid` asks for",
				    bad, strerror(-rc));
		}
	}
	free(leaves);
	return rc;
}
