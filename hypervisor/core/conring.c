// SPDX-License-Identifier: MIT
/*
 * The console ring: the last conring_size bytes of everything printed, for readconsole.
 *
 * Positions are free-running 32-bit counts; the ring's size is a power of two. The caller
 * of conring_write() holds console_lock; readers take it too.
 */
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/hv_alloc.h>
#include <dais/printk.h>
#include <dais/spinlock.h>
#include <xen/errno.h>

#include "console_private.h"

#define FIRST_SIZE	16384u		/* until memory can be allocated */
#define DEFAULT_SIZE	65536u
#define MAX_SIZE	(16u << 20)

static char first[FIRST_SIZE];
static char *ring = first;
static uint32_t ring_size = FIRST_SIZE;
static uint32_t head;			/* where the next byte goes */
static uint32_t start;			/* where plain reads begin: moved by clear */
static uint32_t opt_conring_size __initdata = DEFAULT_SIZE;

static int __init parse_conring_size(const char *value)
{
	const char *end;
	uint64_t size = value ? cmdline_parse_size(value, 10, &end) : 0;

	if (!value || *end || size > MAX_SIZE) {
		return -XEN_EINVAL;
	}
	opt_conring_size = size;
	return 0;
}
CMDLINE_PARAM("conring_size", parse_conring_size, "conring_size=SIZE: up to 16M");

void conring_write(const char *s, size_t n)
{
	while (n--) {
		ring[head++ & (ring_size - 1)] = *s++;
	}
	if (head - start > ring_size) {
		start = head - ring_size;
	}
}

void __init conring_replay(struct console_driver *drv)
{
	for (uint32_t pos = start; pos != head; pos++) {
		drv->write(drv, &ring[pos & (ring_size - 1)], 1);
	}
}

uint32_t conring_head(void)
{
	return READ_ONCE(head);
}

void __init conring_grow(void)
{
	uint32_t size = FIRST_SIZE;
	unsigned long flags;
	char *bigger;

	while (size < opt_conring_size) {
		size *= 2;
	}
	if (size == FIRST_SIZE) {
		return;
	}
	bigger = hv_alloc(size);
	if (!bigger) {
		pr_warn("console: no memory for a ring of %u bytes; it has %u\n", size, ring_size);
		return;
	}
	flags = spin_lock_irqsave(&console_lock);
	for (uint32_t i = head - min(head, ring_size); i != head; i++) {
		bigger[i & (size - 1)] = ring[i & (ring_size - 1)];
	}
	ring = bigger;
	ring_size = size;
	spin_unlock_irqrestore(&console_lock, flags);
}

size_t console_ring_read(char *buf, size_t n, uint32_t *index, bool clear, bool incremental)
{
	unsigned long flags = spin_lock_irqsave(&console_lock);
	uint32_t pos = incremental ? *index : start;
	size_t done = 0;

	/* A caller's position that was never ours: begin with the oldest. */
	if (head - pos > head - start) {
		pos = start;
	}
	while (done < n && pos != head) {
		buf[done++] = ring[pos++ & (ring_size - 1)];
	}
	if (clear) {
		start = head;
	}
	*index = pos;
	spin_unlock_irqrestore(&console_lock, flags);
	return done;
}
