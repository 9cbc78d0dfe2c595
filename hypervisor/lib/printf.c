/* SPDX-License-Identifier: MIT */
/*
 * vsnprintf and its short form. Stateless.
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
	bool left, zero, alt, wide;
	size_t width;
	size_t precision;	/* SIZE_MAX: not given */
};

static void printf_putc(struct printf_out *out, char c)
{
	if (out->len + 1 < out->size) {
		out->buf[out->len] = c;
	}
	out->len++;
}

static void printf_text(struct printf_out *out, const struct printf_spec *sp, const char *s,
			size_t len)
{
	size_t pad = sp->width > len ? sp->width - len : 0;

	for (; !sp->left && pad > 0; pad--) {
		printf_putc(out, ' ');
	}
	for (; len > 0; len--) {
		printf_putc(out, *s++);
	}
	for (; pad > 0; pad--) {
		printf_putc(out, ' ');
	}
}

/* sign: a text put before the digits and before the zeros ("-", "0x", ""). */
static void printf_number(struct printf_out *out, const struct printf_spec *sp, uint64_t value,
			  unsigned int base, const char *sign)
{
	char text[40], *end = text + sizeof(text), *s = end;
	size_t signlen = strlen(sign);

	do {
		*--s = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	while (sp->zero && !sp->left && s > text + signlen && end - s + signlen < sp->width) {
		*--s = '0';
	}
	s -= signlen;
	memcpy(s, sign, signlen);
	printf_text(out, sp, s, end - s);
}

static size_t printf_parse_int(const char **fmt)
{
	size_t n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++) {
		n = n * 10 + (**fmt - '0');
	}
	return n;
}

/* Everything between % and the conversion letter, which is where the result points. */
static const char *printf_parse(const char *fmt, struct printf_spec *sp)
{
	*sp = (struct printf_spec){ .precision = SIZE_MAX };
	for (; *fmt == '-' || *fmt == '0' || *fmt == '#'; fmt++) {
		sp->left |= *fmt == '-';
		sp->zero |= *fmt == '0';
		sp->alt |= *fmt == '#';
	}
	sp->width = printf_parse_int(&fmt);
	if (*fmt == '.') {
		fmt++;
		sp->precision = printf_parse_int(&fmt);
	}
	for (; *fmt == 'l' || *fmt == 'z'; fmt++) {
		sp->wide = true;
	}
	return fmt;
}

static void printf_convert(struct printf_out *out, struct printf_spec *sp, char conversion,
			   va_list *ap)
{
	const char *s;
	uint64_t u;
	int64_t n;
	char c;

	switch (conversion) {
	case 'd':
		n = sp->wide ? va_arg(*ap, long) : va_arg(*ap, int);
		printf_number(out, sp, n < 0 ? -(uint64_t)n : (uint64_t)n, 10, n < 0 ? "-" : "");
		break;
	case 'u':
	case 'x':
		u = sp->wide ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned int);
		printf_number(out, sp, u, conversion == 'u' ? 10 : 16,
			      sp->alt && u != 0 ? "0x" : "");
		break;
	case 'p':
		*sp = (struct printf_spec){ .zero = true, .width = 18 };
		printf_number(out, sp, (uint64_t)(uintptr_t)va_arg(*ap, void *), 16, "0x");
		break;
	case 's':
		s = va_arg(*ap, const char *);
		s = s != NULL ? s : "(null)";
		printf_text(out, sp, s, strnlen(s, sp->precision));
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		printf_text(out, sp, &c, 1);
		break;
	default:
		printf_putc(out, '%');
		if (conversion != '%') {
			printf_putc(out, conversion);
		}
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
		fmt = printf_parse(fmt + 1, &sp);
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
