/* SPDX-License-Identifier: MIT */
/*
 * What the processor offers against guests that do what they should not, and against what it lets
 * them see by itself: found, switched on and shown once, at boot, by one CPU.
 *
 * SMEP, SMAP and UMIP are bits of CR4 (x86/paging.c); SMAP also needs the instructions of
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

static void patch_write(unsigned long at, uint32_t kind)
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
	uint8_t *to = direct_map(paging_walk(at));
	int32_t distance = (int32_t)((unsigned long)patches[kind].to - (at + 7));

	memcpy(to, patches[kind].code, 3);
	if (patches[kind].to != NULL) {
		memcpy(to + 3, &distance, 4);
	}
}

/* Through the direct map, where the image is one piece too. */
static void patch_apply(uint32_t kind)
{
	for (const struct patch_site *s = __patch_start; s < __patch_end; s++) {
		if (s->kind == kind) {
			patch_write((unsigned long)&s->at + (unsigned long)(long)s->at, kind);
		}
	}
	(void)cpuid(0);		/* what was fetched before is forgotten */
}

/* --- spec-ctrl= --- */

enum { SPEC_IBPB, SPEC_MD_CLEAR, SPEC_L1TF, SPEC_NR };
enum { SPEC_OFF, SPEC_AUTO, SPEC_ON };

static const char *const spec_names[SPEC_NR] = { "ibpb", "md-clear", "l1tf" };
static uint8_t spec_wanted[SPEC_NR] = { SPEC_AUTO, SPEC_AUTO, SPEC_AUTO };

/* One word of the list: NAME, no-NAME or NAME=BOOL. */
static int spec_word(const char *word, size_t len)
{
	bool on = true;

	if (len > 3 && memcmp(word, "no-", 3) == 0) {
		on = false;
		word += 3;
		len -= 3;
	}
	for (unsigned int i = 0; i < SPEC_NR; i++) {
		size_t n = strlen(spec_names[i]);

		if (len < n || memcmp(word, spec_names[i], n) != 0) {
			continue;
		}
		if (len > n + 1 && word[n] == '=') {
			char value[8] = "";
			int b;

			memcpy(value, word + n + 1, min(len - n - 1, sizeof(value) - 1));
			b = cmdline_parse_bool(value);
			if (b < 0) {
				return -XEN_EINVAL;
			}
			on = b;
		} else if (len != n) {
			continue;
		}
		spec_wanted[i] = on ? SPEC_ON : SPEC_OFF;
		return 0;
	}
	return -XEN_EINVAL;
}

static int parse_spec_ctrl(const char *value)
{
	int rc = 0;

	if (value == NULL || cmdline_parse_bool(value) == 0) {
		memset(spec_wanted, SPEC_OFF, sizeof(spec_wanted));
		return 0;
	}
	while (*value != '\0') {
		size_t len = 0;

		while (value[len] != '\0' && value[len] != ',') {
			len++;
		}
		rc = spec_word(value, len) ? -XEN_EINVAL : rc;
		value += len + (value[len] == ',');
	}
	return rc;
}
CMDLINE_PARAM("spec-ctrl", parse_spec_ctrl,
	      "spec-ctrl=no|ibpb,md-clear,l1tf: measures against speculation");

static bool spec_on(unsigned int what, bool useful)
{
	return spec_wanted[what] == SPEC_ON || (spec_wanted[what] == SPEC_AUTO && useful);
}

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

/*
 * QEMU's emulation checks what a far return of ring 3 reads from its stack as if ring 0 did, and
 * Linux begins with such a return.
 */
static bool smap_sound(void)
{
	return !cpuid_has(CPU_HYPERVISOR) || cpuid(HV_LEAF).ebx != HV_TCG;
}

static void smap_decide(void)
{
	if (smap_wanted < 0 ? !smap_sound() : !smap_wanted) {
		x86_features.smap = false;
		write_cr4(paging_boot_cr4());
	}
}

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

static void xpti_start(void)
{
	xpti_init();
	for (uint32_t kind = PATCH_XPTI_ENTER; kind <= PATCH_XPTI_RING0_END; kind++) {
		patch_apply(kind);
	}
}

/* --- all of it --- */

static bool vendor_intel(void)
{
	return cpuid(0).ebx == 0x756e6547;	/* "Genu" */
}

static uint64_t arch_capabilities(void)
{
	uint64_t caps = 0;

	if (cpuid_has(CPU_ARCH_CAPS) && rdmsr_safe(MSR_ARCH_CAPABILITIES, &caps) != 0) {
		caps = 0;
	}
	return caps;
}

void protect_init(void)
{
	uint64_t caps = arch_capabilities();
	bool has_ibpb = cpuid_has(CPU_IBRS_IBPB) || cpuid_has(CPU_AMD_IBPB);
	bool leaky = vendor_intel() && !(caps & ARCH_CAP_RDCL_NO);
	bool verw = spec_on(SPEC_MD_CLEAR, cpuid_has(CPU_MD_CLEAR) && !(caps & ARCH_CAP_MDS_NO));
	bool l1tf = spec_on(SPEC_L1TF, leaky);
	bool xpti = xpti_wanted < 0 ? leaky : xpti_wanted;
	unsigned long cr4;

	smap_decide();
	cr4 = paging_boot_cr4();
	if (cr4 & CR4_SMAP) {
		patch_apply(PATCH_STAC);
		patch_apply(PATCH_CLAC);
	}
	if (verw) {
		patch_apply(PATCH_VERW);
	}
	context_ibpb = has_ibpb && spec_on(SPEC_IBPB, true);
	if (l1tf) {
		pt_l1tf_limit = mfn_to_paddr(frame_max) - 1;
	}
	if (xpti) {
		xpti_start();
	}
	pr_info("protection: NX%s%s%s; XPTI: %s; IBPB between domains: %s; VERW: %s; L1TF checks: %s\n",
		cr4 & CR4_SMEP ? " SMEP" : "", cr4 & CR4_SMAP ? " SMAP" : "",
		cr4 & CR4_UMIP ? " UMIP" : "", xpti ? "on" : "off", context_ibpb ? "on" : "off", verw ? "on" : "off",
		l1tf ? "on" : "off");
	if (leaky && !xpti) {
		pr_warn("this processor is open to Meltdown: programs in guests can read all memory. "
			"Run nothing here that you do not trust, or leave out xpti=no\n");
	}
}
