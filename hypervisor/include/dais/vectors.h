/* SPDX-License-Identifier: MIT */
/*
 * The plan of the 256 interrupt vectors. Higher vectors have higher priority.
 *
 * 0x80 and 0x82 stay free for guests' software interrupts. Vectors from
 * VECTOR_DYN_FIRST to VECTOR_DYN_LAST are handed out for each CPU separately.
 */
#ifndef DAIS_VECTORS_H
#define DAIS_VECTORS_H

#define VECTOR_LEGACY_FIRST	0x20	/* where the masked 8259s would deliver */
#define VECTOR_LEGACY_LAST	0x2f
#define VECTOR_DYN_FIRST	0x30
#define VECTOR_DYN_LAST		0xef
#define VECTOR_GUEST_INT80	0x80
#define VECTOR_GUEST_INT82	0x82

#define VECTOR_TIMER		0xf9	/* this CPU's local APIC timer */
#define VECTOR_CALL		0xfa	/* smp_call */
#define VECTOR_EVENT_CHECK	0xfb	/* look at your softirqs on the way out */
#define VECTOR_TLB_FLUSH	0xfc	/* page-table flush */
#define VECTOR_APIC_ERROR	0xfe
#define VECTOR_SPURIOUS		0xff

#endif /* DAIS_VECTORS_H */
