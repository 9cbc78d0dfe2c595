/* SPDX-License-Identifier: MIT */
/*
 * Decoding of one 64-bit instruction from bytes: enough to know its operation, operand size and length for those
 * that the hypervisor emulates. Pure; the bytes are a private copy.
 */
#ifndef DAIS_INSN_H
#define DAIS_INSN_H

#include <stdbool.h>
#include <stdint.h>

#define INSN_MAX	15

#define INSN_OPSIZE	1U	/* 66 */
#define INSN_LOCK	2U	/* f0 */
#define INSN_REP	4U	/* f3 */
#define INSN_REPNE	8U	/* f2 */
#define INSN_ADDR32	16U	/* 67 */
#define INSN_SEG	32U	/* a segment override that matters: fs or gs */
#define INSN_OTHER	64U	/* any other, which changes nothing */

struct insn {
	uint16_t opcode;	/* 0x0fxx for the two-byte map */
	uint8_t len;		/* bytes in all */
	uint8_t prefixes;	/* INSN_* */
	uint8_t rex;		/* low four bits, W R X B */
	uint8_t modrm;
	uint8_t size;		/* operand: 1, 2, 4 or 8 bytes */
	bool mem;		/* r/m is memory */
	uint64_t imm;		/* sign-extended */
};

#define insn_reg(i)	((unsigned int)((((i)->modrm >> 3) & 7) | (((i)->rex & 4) << 1)))
#define insn_rm(i)	((unsigned int)(((i)->modrm & 7) | (((i)->rex & 1) << 3)))
#define insn_group(i)	((unsigned int)(((i)->modrm >> 3) & 7))

/* False when n bytes do not hold a whole instruction of a known shape. */
bool insn_decode(struct insn *i, const uint8_t *bytes, unsigned int n);

#endif
