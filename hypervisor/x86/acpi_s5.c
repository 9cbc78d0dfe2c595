// SPDX-License-Identifier: MIT
/*
 * Finding the \_S5_ package in AML by its pattern: Dais has no AML interpreter, and this
 * one object, which tells what to write for soft-off, is plain data in every firmware.
 * Pure: reads only the bytes it is given.
 */
#include <dais/acpi.h>
#include <dais/string.h>

#define AML_NAME_OP	0x08
#define AML_PACKAGE_OP	0x12

/* One integer constant of AML; moves *p past it. */
static bool aml_integer(const uint8_t **p, const uint8_t *end, uint8_t *value)
{
	static const uint8_t extra[] = { [0x0a] = 1, [0x0b] = 2, [0x0c] = 4, [0x0e] = 8 };
	uint8_t op, n;

	if (*p >= end) {
		return false;
	}
	op = *(*p)++;
	if (op == 0x00 || op == 0x01 || op == 0xff) {
		*value = op;
		return true;
	}
	n = op < sizeof(extra) ? extra[op] : 0;
	if (!n || (size_t)(end - *p) < n) {
		return false;
	}
	*value = **p;
	*p += n;
	return true;
}

static bool aml_s5_package(const uint8_t *p, const uint8_t *end, uint8_t *a, uint8_t *b)
{
	uint8_t elements;

	if (end - p < 3 || *p++ != AML_PACKAGE_OP) {
		return false;
	}
	p += 1 + (*p >> 6);	/* PkgLength: the top two bits count further bytes */
	elements = p < end ? *p++ : 0;
	if (elements < 1 || !aml_integer(&p, end, a)) {
		return false;
	}
	*b = *a;
	return elements < 2 || aml_integer(&p, end, b);
}

bool acpi_aml_find_s5(const uint8_t *aml, size_t len, uint8_t *typ_a, uint8_t *typ_b)
{
	const uint8_t *end = aml + len;

	for (size_t i = 1; i + 4 <= len; i++) {
		bool named = aml[i - 1] == AML_NAME_OP ||
			     (i >= 2 && aml[i - 1] == '\\' && aml[i - 2] == AML_NAME_OP);

		if (named && !memcmp(aml + i, "_S5_", 4) &&
		    aml_s5_package(aml + i + 4, end, typ_a, typ_b)) {
			*typ_a &= 7;
			*typ_b &= 7;
			return true;
		}
	}
	return false;
}
