/* SPDX-License-Identifier: MIT */
/*
 * Which segment descriptors a guest may have. Guest kernel and user both run in ring 3, so nothing
 * may lead to a more privileged level. Pure.
 */
#include <dais/pagetype.h>

#define DESC_TYPE(d)	(((d) >> 40) & 0xf)
#define DESC_S		(1UL << 44)		/* code or data */
#define DESC_DPL	(3UL << 45)
#define DESC_P		(1UL << 47)
#define TYPE_CALL_GATE	0xc
#define GATE_ZERO	(0xffUL << 32)		/* reserved in a 64-bit call gate */

#define GDT_RESERVED_FIRST 7168u		/* first entry of Dais's own part of the GDT */
#define SEL_KERNEL_CS	0xe033u
#define SEL_USER32_CS	0xe023u

/* The code selector a call gate names: the guest's own, or the flat ones every guest has. */
static bool gate_selector_ok(uint16_t sel)
{
	return (sel & 4) || (sel >> 3) < GDT_RESERVED_FIRST || (sel | 3) == SEL_KERNEL_CS ||
	       (sel | 3) == SEL_USER32_CS;
}

bool seg_desc_fix(uint64_t *desc)
{
	uint64_t d = *desc;

	if (!(d & DESC_P)) {
		return true;		/* faults when used */
	}
	if ((d & DESC_S) || DESC_TYPE(d) == 0) {
		*desc = d | DESC_DPL;	/* type 0: the upper half of a call gate */
		return true;
	}
	if (DESC_TYPE(d) != TYPE_CALL_GATE || !gate_selector_ok((uint16_t)(d >> 16)) ||
	    (d & GATE_ZERO)) {
		/* LDT, TSS, interrupt and task gates are the hypervisor's */
		return false;
	}
	/* DPL 0: using the gate faults with its selector in the error code. */
	*desc = d & ~DESC_DPL;
	return true;
}
