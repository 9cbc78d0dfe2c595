/* SPDX-License-Identifier: MIT */
/*
 * Owns the copy of the ring and the position up to which it is old.
 */
#include "messages.h"

#include "console.h"
#include "domain.h"
#include "string.h"

static char text[16385];
static u32 old;

/* How many bytes there are from `old` on; *end is where the next will go. */
static size_t read_ring(u32 *end)
{
	struct xen_sysctl op;
	size_t have = 0;

	*end = old;
	do {
		memset(&op, 0, sizeof(op));
		op.u.readconsole.incremental = 1;
		op.u.readconsole.index = *end;
		op.u.readconsole.count = (u32)(sizeof(text) - 1 - have);
		SET_HANDLE(op.u.readconsole.buffer, text + have);
		if (domain_sysctl(XEN_SYSCTL_readconsole, &op) != 0) {
			break;
		}
		have += op.u.readconsole.count;
		*end = op.u.readconsole.index;
	} while (op.u.readconsole.count != 0);
	text[have] = '\0';
	return have;
}

void messages_forget(void)
{
	u32 end;

	while (read_ring(&end) != 0) {
		old = end;
	}
}

const char *messages_after(const char *words)
{
	const char *at;
	u32 end;

	read_ring(&end);
	at = strstr(text, words);
	return at != NULL ? at + strlen(words) : NULL;
}

bool messages_have(const char *fmt, ...)
{
	char words[256];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	return messages_after(words) != NULL;
}

long messages_press(const char *keys)
{
	struct xen_sysctl op;

	memset(&op, 0, sizeof(op));
	op.u.debug_keys.nr_keys = (u32)strlen(keys);
	SET_HANDLE(op.u.debug_keys.keys, keys);
	return domain_sysctl(XEN_SYSCTL_debug_keys, &op);
}
