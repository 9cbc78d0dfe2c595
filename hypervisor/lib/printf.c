/* SPDX-License-Identifier: MIT */
/*
 * vsnprintf and its short forms. Stateless.
 *
 * One output cursor that counts everything but stores only what fits, one parser for
 * the text between % and the conversion letter, one function a kind of conversion.
 */
#include <stdbool.h>
#include <stdint.h>
#include <dais/printf.h>
#include <dais/string.h>

struct printf_out {
	char *buf;
	size_t size;		/* bytes at buf, the final NUL included */
	size_t len;		/* of the whole text so far */
};

struct printf_spec {
	bool left, zero, plus, space, alt, upper;
	int width;
	int precision;		/* -1: not given */
	unsigned int bytes;	/* of the integer argument */
};

static void printf_putc(struct printf_out *out, char c)
{
	if (out->len + 1 < out->size) {
		out->buf[out->len] = c;
	}
	out->len++;
}

static void printf_pad(struct printf_out *out, char c, int n)
{
	while (n-- > 0) {
		printf_putc(out, c);
	}
}

static void printf_text(struct printf_out *out, const struct printf_spec *sp, const char *s,
			size_t len)
{
	int pad = sp->width > (int)len ? sp->width - (int)len : 0;

	if (!sp->left) {
		printf_pad(out, ' ', pad);
	}
	for (; len > 0; len--) {
		printf_putc(out, *s++);
	}
	if (sp->left) {
		printf_pad(out, ' ', pad);
	}
}

static void printf_string(struct printf_out *out, const struct printf_spec *sp, const char *s)
{
	if (s == NULL) {
		s = "(null)";
	}
	printf_text(out, sp, s, sp->precision < 0 ? strlen(s) : strnlen(s, (size_t)sp->precision));
}

/* sign: a text put before the digits and before zero padding ("-", "0x", ""). */
static void printf_number(struct printf_out *out, const struct printf_spec *sp, uint64_t value,
			  unsigned int base, const char *sign)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
	char digits[24];
	int n = 0, signlen = (int)strlen(sign), zeros, pad;

	for (; value != 0; value /= base) {
		digits[n++] = (sp->upper ? upper : lower)[value % base];
	}
	zeros = (sp->precision < 0 ? 1 : sp->precision) - n;
	if (zeros < 0) {
		zeros = 0;
	}
	pad = sp->width - signlen - zeros - n;
	if (sp->zero && !sp->left && sp->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!sp->left) {
		printf_pad(out, ' ', pad);
	}
	for (; *sign != '\0'; sign++) {
		printf_putc(out, *sign);
	}
	printf_pad(out, '0', zeros);
	while (n > 0) {
		printf_putc(out, digits[--n]);
	}
	if (sp->left) {
		printf_pad(out, ' ', pad);
	}
}

static void printf_signed(struct printf_out *out, const struct printf_spec *sp, int64_t value)
{
	const char *sign = value < 0 ? "-" : sp->plus ? "+" : sp->space ? " " : "";

	printf_number(out, sp, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, sign);
}

static void printf_unsigned(struct printf_out *out, const struct printf_spec *sp,
			    uint64_t value, char conversion)
{
	unsigned int base = conversion == 'u' ? 10 : conversion == 'o' ? 8 : 16;
	const char *prefix = "";

	if (sp->alt && base == 16 && value != 0) {
		prefix = sp->upper ? "0X" : "0x";
	}
	printf_number(out, sp, value, base, prefix);
}

/* Digits, or a * that takes the next argument. Huge values are cut, not wrapped. */
static int printf_parse_int(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++) {
		if (n < 100000) {
			n = n * 10 + (**fmt - '0');
		}
	}
	return n;
}

static void printf_parse_flags(const char **fmt, struct printf_spec *sp)
{
	for (;; (*fmt)++) {
		switch (**fmt) {
		case '-':
			sp->left = true;
			break;
		case '0':
			sp->zero = true;
			break;
		case '+':
			sp->plus = true;
			break;
		case ' ':
			sp->space = true;
			break;
		case '#':
			sp->alt = true;
			break;
		default:
			return;
		}
	}
}

static void printf_parse_size(const char **fmt, struct printf_spec *sp)
{
	sp->bytes = sizeof(int);
	for (;; (*fmt)++) {
		switch (**fmt) {
		case 'h':
			sp->bytes /= 2;
			break;
		case 'l':
		case 'z':
		case 't':
		case 'j':
			sp->bytes = sizeof(long);
			break;
		default:
			return;
		}
	}
}

/* Everything between % and the conversion letter. */
static void printf_parse(const char **fmt, struct printf_spec *sp, va_list *ap)
{
	*sp = (struct printf_spec){ .precision = -1 };
	printf_parse_flags(fmt, sp);
	sp->width = printf_parse_int(fmt, ap);
	if (sp->width < 0) {
		sp->left = true;
		sp->width = sp->width < -100000 ? 100000 : -sp->width;
	}
	if (**fmt == '.') {
		(*fmt)++;
		sp->precision = printf_parse_int(fmt, ap);
	}
	printf_parse_size(fmt, sp);
}

static int64_t printf_arg_signed(const struct printf_spec *sp, va_list *ap)
{
	int value;

	if (sp->bytes == sizeof(long)) {
		return va_arg(*ap, long);
	}
	value = va_arg(*ap, int);
	return sp->bytes == 4 ? value : sp->bytes == 2 ? (int16_t)value : (int8_t)value;
}

static uint64_t printf_arg_unsigned(const struct printf_spec *sp, va_list *ap)
{
	unsigned int value;

	if (sp->bytes == sizeof(long)) {
		return va_arg(*ap, unsigned long);
	}
	value = va_arg(*ap, unsigned int);
	return sp->bytes == 4 ? value : sp->bytes == 2 ? (uint16_t)value : (uint8_t)value;
}

static void printf_convert(struct printf_out *out, struct printf_spec *sp, char conversion,
			   va_list *ap)
{
	char c;

	switch (conversion) {
	case 'd':
	case 'i':
		printf_signed(out, sp, printf_arg_signed(sp, ap));
		break;
	case 'X':
		sp->upper = true;
		/* fall through */
	case 'x':
	case 'u':
	case 'o':
		printf_unsigned(out, sp, printf_arg_unsigned(sp, ap), conversion);
		break;
	case 'p':
		sp->precision = 16;
		printf_number(out, sp, (uint64_t)(uintptr_t)va_arg(*ap, void *), 16, "0x");
		break;
	case 's':
		printf_string(out, sp, va_arg(*ap, const char *));
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		printf_text(out, sp, &c, 1);
		break;
	case '%':
		printf_putc(out, '%');
		break;
	default:
		printf_putc(out, '%');
		printf_putc(out, conversion);
		break;
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct printf_out out = { .buf = buf, .size = size };
	struct printf_spec sp;
	va_list ap;

	va_copy(ap, args);	/* a real object, so that its address can be passed on */
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			printf_putc(&out, *fmt);
			continue;
		}
		fmt++;
		printf_parse(&fmt, &sp, &ap);
		if (*fmt == '\0') {
			break;
		}
		printf_convert(&out, &sp, *fmt, &ap);
	}
	va_end(ap);
	if (size > 0) {
		buf[out.len < size ? out.len : size - 1] = '\0';
	}
	return (int)out.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
