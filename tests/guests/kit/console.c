/* SPDX-License-Identifier: MIT */
/*
 * Owns the choice of console (hypercall for dom0, shared ring for a domU) and the small
 * formatter. Promises that a printed line leaves the guest before the call returns as dom0;
 * as a domU it waits for room in the ring. No lock: one vCPU prints.
 */
#include "console.h"

#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#include "hypercall.h"
#include "paging.h"
#include "string.h"

static void console_write_ring(const char *text, size_t len)
{
	struct xencons_interface *ring = paging_va_of_mfn(start_info->console.domU.mfn);
	struct evtchn_send send = { .port = start_info->console.domU.evtchn };
	XENCONS_RING_IDX prod;

	while (len > 0) {
		prod = ring->out_prod;
		while (len > 0 && prod - *(volatile XENCONS_RING_IDX *)&ring->out_cons <
					  sizeof(ring->out)) {
			ring->out[MASK_XENCONS_IDX(prod, ring->out)] = *text++;
			prod++;
			len--;
		}
		barrier();
		ring->out_prod = prod;
		barrier();
		HC(event_channel_op, EVTCHNOP_send, &send);
		if (len > 0) {
			HC(sched_op, SCHEDOP_yield, 0);
		}
	}
}

void console_write(const char *text, size_t len)
{
	if (start_info->flags & SIF_INITDOMAIN) {
		HC(console_io, CONSOLEIO_write, len, text);
	} else {
		console_write_ring(text, len);
	}
}

struct sink {
	char *buf;
	size_t size;
	size_t used;
};

static void sink_put(struct sink *s, char c)
{
	if (s->used + 1 < s->size) {
		s->buf[s->used] = c;
		s->used++;
	}
}

static void sink_number(struct sink *s, unsigned long v, unsigned int base, int width, bool zero,
			bool negative)
{
	char digits[24];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	if (negative) {
		digits[n++] = '-';
	}
	for (int pad = width - n; pad > 0; pad--) {
		sink_put(s, zero ? '0' : ' ');
	}
	while (n > 0) {
		sink_put(s, digits[--n]);
	}
}

static void sink_string(struct sink *s, const char *str, int width)
{
	int len = 0;

	for (; *str != '\0'; str++, len++) {
		sink_put(s, *str);
	}
	for (; len < width; len++) {
		sink_put(s, ' ');
	}
}

/* One conversion; fmt points past the '%'. Returns the place after it. */
static const char *sink_convert(struct sink *s, const char *fmt, va_list *ap)
{
	bool zero = false, is_long = false;
	int width = 0;
	unsigned long v;

	if (*fmt == '-') {
		fmt++;
	}
	if (*fmt == '0') {
		zero = true;
		fmt++;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++) {
		width = width * 10 + (*fmt - '0');
	}
	for (; *fmt == 'l' || *fmt == 'z'; fmt++) {
		is_long = true;
	}
	switch (*fmt) {
	case 's':
		sink_string(s, va_arg(*ap, const char *), width);
		break;
	case 'c':
		sink_put(s, (char)va_arg(*ap, int));
		break;
	case 'd': {
		long d = is_long ? va_arg(*ap, long) : va_arg(*ap, int);

		v = d < 0 ? 0UL - (unsigned long)d : (unsigned long)d;
		sink_number(s, v, 10, width, zero, d < 0);
		break;
	}
	case 'p':
		sink_number(s, va_arg(*ap, unsigned long), 16, 16, true, false);
		break;
	case 'x':
	case 'u':
		v = is_long ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned int);
		sink_number(s, v, *fmt == 'x' ? 16 : 10, width, zero, false);
		break;
	default:
		sink_put(s, *fmt);
		break;
	}
	return fmt + 1;
}

int kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct sink s = { .buf = buf, .size = size };
	va_list args;

	va_copy(args, ap);
	while (*fmt != '\0') {
		if (*fmt == '%') {
			fmt = sink_convert(&s, fmt + 1, &args);
		} else {
			sink_put(&s, *fmt++);
		}
	}
	va_end(args);
	buf[s.used] = '\0';
	return (int)s.used;
}

void kprintf(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = kvsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_write(line, (size_t)len);
}
