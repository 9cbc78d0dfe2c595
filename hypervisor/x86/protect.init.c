/* SPDX-License-Identifier: MIT */
/*
 * What the processor offers against guests that do what they should not, and against what it lets
 * them see by itself: found, switched on and shown once, at boot, by one CPU.
 *
 * SMEP, SMAP and UMIP are bits of CR4 (x86/features.c); SMAP also needs the instructions of
 * dais/patch.h. The rest goes by spec-ctrl=.
 */
#include <dais/cmdline.h>
#include <dais/context.h>
#include <dais/cpuid.h>
#include <dais/msr.h>
#include <dais/pagetype.h>
#include <dais/paging.h>
#include <dais/patch.h>
#include <dais/printk.h>
#include <dais/string.h>
#include <dais/uaccess.h>
#include <dais/x86.h>
#include <dais/xpti.h>
#include <xen/errno.h>

#define VENDOR_INTEL		0x756e6547	/* "Genu" */
#define ARCH_CAP_RDCL_NO	(1UL << 0)	/* neither Meltdown nor L1TF */
#define ARCH_CAP_MDS_NO		(1UL << 5)

/* --- instructions --- */

struct patch_site {
	int32_t at;		/* from here */
	uint32_t kind;
};

extern const struct patch_site __patch_start[], __patch_end[];
extern const uint16_t verw_selector;	/* beside the instruction, in entry.S */
extern const char xpti_enter[], xpti_leave[], xpti_ring0[], xpti_ring0_end[];

/* kinds: a bit for each. Through the direct map, since the image is not writable. */
static void patch_apply(uint32_t kinds)
{
#define CALL	{ 0x66, 0x90, 0xe8 }	/* after a NOP of two bytes */
	static const struct {
		uint8_t code[3];
		const void *to;		/* what is 4 bytes further is the distance to this */
	} patches[] = {
		[PATCH_STAC] = { { 0x0f, 0x01, 0xcb }, NULL },
		[PATCH_CLAC] = { { 0x0f, 0x01, 0xca }, NULL },
		[PATCH_VERW] = { { 0x0f, 0x00, 0x2d }, &verw_selector },
		[PATCH_XPTI_ENTER] = { CALL, xpti_enter },
		[PATCH_XPTI_LEAVE] = { CALL, xpti_leave },
		[PATCH_XPTI_RING0] = { CALL, xpti_ring0 },
		[PATCH_XPTI_RING0_END] = { CALL, xpti_ring0_end },
	};
#undef CALL
	for (const struct patch_site *s = __patch_start; s < __patch_end; s++) {
		unsigned long at = (unsigned long)&s->at + (unsigned long)(long)s->at;
		const void *target = patches[s->kind].to;
		int32_t distance = (int32_t)((unsigned long)target - (at + 7));
		uint8_t *to = direct_map(paging_walk(at));

		if (kinds & (1U << s->kind)) {
			memcpy(to, patches[s->kind].code, 3);
			memcpy(to + 3, &distance, target != NULL ? 4 : 0);
		}
	}
	(void)cpuid(0);		/* what was fetched before is forgotten */
}

/* A setting that is -1 leaves it to what is known of the processor. */
static bool decide(int wanted, bool otherwise)
{
	return wanted < 0 ? otherwise : wanted;
}

/* --- spec-ctrl= --- */

enum { SPEC_IBPB, SPEC_MD_CLEAR, SPEC_L1TF, SPEC_NR };

static const char *const spec_names[SPEC_NR] = { "ibpb", "md-clear", "l1tf" };
static int spec_wanted[SPEC_NR] = { -1, -1, -1 };

/* One word of the list: NAME, no-NAME or NAME=BOOL. */
static int spec_word(const char *word, size_t len)
{
	char text[24] = "", *name = text, *value;
	int on = 1;

	if (len >= sizeof(text)) {
		return -XEN_EINVAL;
	}
	memcpy(text, word, len);
	if (memcmp(text, "no-", 3) == 0) {
		on = 0;
		name += 3;
	}
	value = strchr(name, '=');
	if (value != NULL) {
		*value = '\0';
		on = cmdline_parse_bool(value + 1);
	}
	for (unsigned int i = 0; on >= 0 && i < SPEC_NR; i++) {
		if (strcmp(name, spec_names[i]) == 0) {
			spec_wanted[i] = on;
			return 0;
		}
	}
	return -XEN_EINVAL;
}

static int parse_spec_ctrl(const char *value)
{
	int rc = 0;

	if (value == NULL || cmdline_parse_bool(value) == 0) {
		memset(spec_wanted, 0, sizeof(spec_wanted));
		return 0;
	}
	while (*value != '\0') {
		size_t len = strcspn(value, ",");

		rc = spec_word(value, len) ? -XEN_EINVAL : rc;
		value += len + (value[len] == ',');
	}
	return rc;
}
CMDLINE_PARAM("spec-ctrl", parse_spec_ctrl,
	      "spec-ctrl=no|ibpb,md-clear,l1tf: measures against speculation");

/* --- SMAP --- */

#define HV_LEAF		0x40000000u
#define HV_TCG		0x54474354u	/* "TCGT" */

static int smap_wanted = -1;	/* when it can be trusted */

static int parse_smap(const char *value)
{
	smap_wanted = cmdline_parse_switch(value);
	return smap_wanted < 0 ? -XEN_EINVAL : 0;
}
CMDLINE_PARAM("smap", parse_smap, "smap=no|yes: no stray access of ring 0 to guests' user pages");

/* --- xpti= --- */

static int xpti_wanted = -1;	/* where Meltdown is possible */

static int parse_xpti(const char *value)
{
	if (value != NULL && strcmp(value, "default") == 0) {
		xpti_wanted = -1;
		return 0;
	}
	xpti_wanted = cmdline_parse_switch(value);
	return xpti_wanted < 0 ? -XEN_EINVAL : 0;
}
CMDLINE_PARAM("xpti", parse_xpti, "xpti=yes|no|default: guests run on page tables without the hypervisor's memory");

/* --- L1TF --- */

#define L1TF_CACHE_BITS	44U	/* what every such processor with much memory has, whatever it says */

/*
 * Honest guests store the complement of an address. With memory in the upper half of what the
 * processor says it can address that would look like memory as well.
 */
static void __init l1tf_init(void)
{
	unsigned int bits = x86_features.phys_bits;

	if (frame_max >> (bits - 1 - PAGE_SHIFT)) {
		bits = max(bits, L1TF_CACHE_BITS);
	}
	pt_l1tf_limit = mfn_to_paddr(frame_max) - 1;
	pt_l1tf_bits &= (1UL << bits) - 1;
}

/* --- all of it --- */

void protect_init(void)
{
	bool has_ibpb = cpuid_has(CPU_IBRS_IBPB) || cpuid_has(CPU_AMD_IBPB);
	bool leaky, verw, l1tf, xpti;
	uint64_t caps = 0, cr4;
	uint32_t kinds = 0;

	x86_lfence_init();
	if (cpuid_has(CPU_ARCH_CAPS)) {
		(void)rdmsr_safe(MSR_ARCH_CAPABILITIES, &caps);
	}
	leaky = cpuid(0).ebx == VENDOR_INTEL && !(caps & ARCH_CAP_RDCL_NO);
	verw = decide(spec_wanted[SPEC_MD_CLEAR],
		      cpuid_has(CPU_MD_CLEAR) && !(caps & ARCH_CAP_MDS_NO));
	l1tf = decide(spec_wanted[SPEC_L1TF], leaky);
	xpti = decide(xpti_wanted, leaky);
	context_ibpb = has_ibpb && spec_wanted[SPEC_IBPB] != 0;

	/*
	 * QEMU's emulation checks what a far return of ring 3 reads from its stack as if ring 0 did,
	 * and Linux begins with such a return.
	 */
	if (!decide(smap_wanted, !cpuid_has(CPU_HYPERVISOR) || cpuid(HV_LEAF).ebx != HV_TCG)) {
		x86_features.cr4 &= ~CR4_SMAP;
		write_cr4(x86_features.cr4);
	}
	cr4 = x86_features.cr4;
	if (cr4 & CR4_SMAP) {
		kinds |= 1U << PATCH_STAC | 1U << PATCH_CLAC;
	}
	if (verw) {
		kinds |= 1U << PATCH_VERW;
	}
	if (l1tf) {
		l1tf_init();
	}
	if (xpti) {
		xpti_init();
		kinds |= 1U << PATCH_XPTI_ENTER | 1U << PATCH_XPTI_LEAVE | 1U << PATCH_XPTI_RING0 |
			 1U << PATCH_XPTI_RING0_END;
	}
	patch_apply(kinds);
	pr_info("protection: NX%s%s%s; XPTI: %s; IBPB between domains: %s; VERW: %s; L1TF checks: %s\n",
		cr4 & CR4_SMEP ? " SMEP" : "", cr4 & CR4_SMAP ? " SMAP" : "",
		cr4 & CR4_UMIP ? " UMIP" : "", xpti ? "on" : "off", context_ibpb ? "on" : "off",
		verw ? "on" : "off", l1tf ? "on" : "off");
	if (leaky && !xpti) {
		pr_warn("this processor is open to Meltdown: programs in guests can read all memory. "
			"Run nothing here that you do not trust, or leave out xpti=no\n");
	}
}
