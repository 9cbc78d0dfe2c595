/* SPDX-License-Identifier: MIT */
/*
 * The instruction decoder of the emulators (see dais/insn.h). Knows the length of an instruction from two small
 * tables: which opcodes have a ModRM byte, and what immediate follows.
 */
#include <dais/insn.h>

#define M	1	/* ModRM */
#define B	2	/* operands of one byte */
#define I8	4	/* 8-bit immediate */
#define IZ	8	/* immediate of operand size, 32 bits at most */
#define OK	16	/* known, no operands to decode */

/* Opcodes that are emulated at all; everything else is unknown. */
static const uint8_t map1[256] = {
	[0x08] = M | B, [0x09] = M, [0x20] = M | B, [0x21] = M, [0x30] = M | B, [0x31] = M,
	[0x6c] = OK | B, [0x6d] = OK, [0x6e] = OK | B, [0x6f] = OK,
	[0x80] = M | B | I8, [0x81] = M | IZ, [0x83] = M | I8,
	[0x86] = M | B, [0x87] = M, [0x88] = M | B, [0x89] = M,
	[0xc6] = M | B | I8, [0xc7] = M | IZ,
	[0xe4] = I8 | B, [0xe5] = I8, [0xe6] = I8 | B, [0xe7] = I8,
	[0xec] = OK | B, [0xed] = OK, [0xee] = OK | B, [0xef] = OK,
	[0xf4] = OK, [0xfa] = OK, [0xfb] = OK,
	[0xab] = OK,
};

static const uint8_t map2[256] = {
	[0x01] = M, [0x06] = OK, [0x08] = OK, [0x09] = OK,
	[0x20] = M, [0x21] = M, [0x22] = M, [0x23] = M,
	[0x30] = OK, [0x31] = OK, [0x32] = OK, [0x33] = OK, [0xa2] = OK,
	[0xab] = M, [0xb0] = M | B, [0xb1] = M, [0xb3] = M, [0xba] = M | I8, [0xbb] = M,
	[0xc7] = M,
};

struct reader {
	const uint8_t *p, *end;
	bool short_of;
};

static uint8_t next(struct reader *r)
{
	if (r->p == r->end) {
		r->short_of = true;
		return 0;
	}
	return *r->p++;
}

static uint64_t next_signed(struct reader *r, unsigned int bytes)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < bytes; i++) {
		v |= (uint64_t)next(r) << (8 * i);
	}
	return (uint64_t)((int64_t)(v << (64 - 8 * bytes)) >> (64 - 8 * bytes));
}

/* 0: not a prefix. The segments that do not matter in 64-bit mode are INSN_OTHER. */
static const uint8_t prefix_map[256] = {
	[0x66] = INSN_OPSIZE, [0x67] = INSN_ADDR32, [0xf0] = INSN_LOCK,
	[0xf2] = INSN_REPNE, [0xf3] = INSN_REP, [0x64] = INSN_SEG, [0x65] = INSN_SEG,
	[0x26] = INSN_OTHER, [0x2e] = INSN_OTHER, [0x36] = INSN_OTHER, [0x3e] = INSN_OTHER,
};

static uint8_t read_prefixes(struct insn *i, struct reader *r)
{
	uint8_t b = next(r);

	for (; prefix_map[b]; b = next(r)) {
		i->prefixes |= prefix_map[b];
	}
	if ((b & 0xf0) == 0x40) {
		i->rex = b & 0xf;
		b = next(r);
	}
	return b;
}

static void read_modrm(struct insn *i, struct reader *r)
{
	unsigned int mod, base, skip;

	i->modrm = next(r);
	mod = i->modrm >> 6;
	base = i->modrm & 7;
	i->mem = mod != 3;
	if (!i->mem) {
		return;
	}
	if (base == 4) {
		base = next(r) & 7;	/* of the SIB byte */
	}
	skip = mod == 1 ? 1 : mod == 2 || base == 5 ? 4 : 0;
	while (skip--) {
		(void)next(r);
	}
}

bool insn_decode(struct insn *i, const uint8_t *bytes, unsigned int n)
{
	struct reader r = { bytes, bytes + (n < INSN_MAX ? n : INSN_MAX), false };
	uint8_t op, what;

	*i = (struct insn){ 0 };
	op = read_prefixes(i, &r);
	if (op == 0x0f) {
		op = next(&r);
		what = map2[op];
		i->opcode = 0x0f00 | op;
	} else {
		what = map1[op];
		i->opcode = op;
	}
	if (what == 0 || r.short_of) {
		return false;
	}
	i->size = what & B ? 1 : i->rex & 8 ? 8 : i->prefixes & INSN_OPSIZE ? 2 : 4;
	if (what & M) {
		read_modrm(i, &r);
	}
	if (what & I8) {
		i->imm = next_signed(&r, 1);
	} else if (what & IZ) {
		i->imm = next_signed(&r, i->size == 2 ? 2 : 4);
	}
	i->len = (uint8_t)(r.p - bytes);
	return !r.short_of;
}
