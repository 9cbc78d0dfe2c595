// SPDX-License-Identifier: MIT
/*
 * The console: the ring of what was printed last (readconsole), which drivers take part, whose turn
 * input is, what dom0 writes and reads.
 *
 * console_lock guards output: ring, drivers, the state of the current line. input_lock
 * guards the bytes that wait for dom0 and who has the focus. Both are leaves and taken
 * with interrupts off. Event channels are told in SOFTIRQ_CONSOLE, without them.
 */
#include <dais/atomic.h>
#include <dais/boot_info.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/evtchn.h>
#include <dais/hv_alloc.h>
#include <dais/keys.h>
#include <dais/printk.h>
#include <dais/softirq.h>
#include <dais/spinlock.h>
#include <dais/string.h>
#include <dais/x86.h>
#include <xen/errno.h>
#include <xen/xen.h>

#include "console_private.h"

#define PREFIX		"(DAIS) "
#define CTRL_A		1
#define SWITCH_PRESSES	3
#define INPUT_SIZE	256		/* power of two */
#define RING_FIRST	16384u		/* until memory can be allocated */
#define RING_DEFAULT	65536u
#define RING_MAX	(16u << 20)

static spinlock_t console_lock = SPINLOCK_INIT;

static struct console_driver *const drivers[] = {
	&serial_com[0], &serial_com[1], &screen_console,
};

static bool opt_sync __ro_after_init;
CMDLINE_BOOL("sync_console", opt_sync, "sync_console: wait for every character to go out");

static bool opt_to_ring __ro_after_init;
CMDLINE_BOOL("console_to_ring", opt_to_ring,
	     "console_to_ring: keep what dom0 writes in the ring as well");

static bool crashing;			/* one CPU is left, and it takes no lock of the console's */
static bool late;			/* softirqs work */
static bool line_start = true;		/* nothing since the last newline */
static bool line_foreign;		/* the unfinished line is dom0's, not ours */
static bool vga_keep __initdata;

/* ---- console=, vga= ---- */

static char opt_console[64] __initdata = "";

static int __init parse_console(const char *value)
{
	if (!value || strlcpy(opt_console, value, sizeof(opt_console)) >= sizeof(opt_console)) {
		return -XEN_EINVAL;
	}
	return 0;
}
CMDLINE_PARAM("console", parse_console, "console=com1|com2|vga|none[,...]");

static int __init parse_vga(const char *value)
{
	for (const char *w = value; w && *w; w = strchr(w, ','), w = w ? w + 1 : NULL) {
		if (!strncmp(w, "keep", 4)) {
			vga_keep = true;
		} else if (strncmp(w, "text-80x25", 10) && strncmp(w, "current", 7)) {
			return -XEN_EINVAL;
		}
	}
	return value ? 0 : -XEN_EINVAL;
}
CMDLINE_PARAM("vga", parse_vga,
	      "vga=[text-80x25|current][,keep]; GRUB's gfxpayload sets graphics modes");

/* Is the name in console=? Then the driver must work; without the option it may. */
static bool __init console_named(const char *name)
{
	size_t len = strlen(name);

	for (const char *w = opt_console; w && *w; w = strchr(w, ','), w = w ? w + 1 : NULL) {
		/* "com1H" and "com1L" split one line between two users; it is ours alone. */
		if (!strncmp(w, name, len) && strchr(",HL", w[len])) {
			return true;
		}
	}
	return false;
}

/* ---- the ring; positions are free-running, its size is a power of two ---- */

static char first[RING_FIRST];
static char *ring = first;
static uint32_t ring_size = RING_FIRST;
static uint32_t head;			/* where the next byte goes */
static uint32_t start;			/* where plain reads begin: moved by clear */
static uint32_t opt_conring_size __initdata = RING_DEFAULT;

static int __init parse_conring_size(const char *value)
{
	const char *end;
	uint64_t size = value ? cmdline_parse_size(value, 10, &end) : 0;

	if (!value || *end || size > RING_MAX) {
		return -XEN_EINVAL;
	}
	opt_conring_size = size;
	return 0;
}
CMDLINE_PARAM("conring_size", parse_conring_size, "conring_size=SIZE: up to 16M");

static void ring_write(const char *s, size_t n)
{
	while (n--) {
		ring[head++ & (ring_size - 1)] = *s++;
	}
	if (head - start > ring_size) {
		start = head - ring_size;
	}
}

static void __init ring_grow(void)
{
	uint32_t size = RING_FIRST;
	unsigned long flags;
	char *bigger;

	while (size < opt_conring_size) {
		size *= 2;
	}
	if (size == RING_FIRST) {
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
		start = pos;
	}
	*index = pos;
	spin_unlock_irqrestore(&console_lock, flags);
	return done;
}

/* ---- output; console_lock held, and something to write ---- */

static void drivers_write(const char *s, size_t n)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (drivers[i]->active) {
			drivers[i]->write(drivers[i], s, n);
		}
	}
	line_start = s[n - 1] == '\n';
}

static void console_emit(const char *s, size_t n)
{
	ring_write(s, n);
	drivers_write(s, n);
}

static void console_work_raise(void)
{
	if (late && !crashing) {
		softirq_raise(SOFTIRQ_CONSOLE);
	}
}

void console_message(const char *s)
{
	if (line_foreign && !line_start) {
		drivers_write("\n", 1);
	}
	line_foreign = false;
	while (*s) {
		size_t part = strcspn(s, "\n");

		part += s[part] == '\n';
		if (line_start) {
			console_emit(PREFIX, sizeof(PREFIX) - 1);
		}
		console_emit(s, part);
		s += part;
	}
	console_work_raise();
}

unsigned long console_output_lock(void)
{
	unsigned long flags = irq_save();

	if (likely(!atomic_read(&crashing))) {
		spin_lock(&console_lock);
	}
	return flags;
}

void console_output_unlock(unsigned long flags)
{
	if (likely(!atomic_read(&crashing))) {
		spin_unlock(&console_lock);
	}
	irq_restore(flags);
}

void console_start_sync(void)
{
	atomic_set(&crashing, true);
	for (unsigned int i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (drivers[i]->active && drivers[i]->sync) {
			drivers[i]->sync(drivers[i]);
		}
	}
}

/* ---- input ---- */

static spinlock_t input_lock = SPINLOCK_INIT;
static char input[INPUT_SIZE];
static uint32_t input_prod, input_cons;
static bool focus_dom0;
static unsigned int presses;

static void focus_set(bool dom0)
{
	focus_dom0 = dom0;
	console_force_print(true);
	pr_info("*** Serial input to %s (type 'CTRL-a' three times to switch input)\n",
		dom0 ? "DOM0" : "Dais");
	console_force_print(false);
}

static void input_route(char c, struct regs *regs)
{
	unsigned long flags;

	if (!focus_dom0) {
		keys_press(c, regs);
		return;
	}
	flags = spin_lock_irqsave(&input_lock);
	if (input_prod - input_cons < INPUT_SIZE) {
		input[input_prod++ % INPUT_SIZE] = c;
	}
	spin_unlock_irqrestore(&input_lock, flags);
	console_work_raise();
}

void console_input(char c, struct regs *regs)
{
	if (c == CTRL_A) {
		if (++presses == SWITCH_PRESSES) {
			presses = 0;
			focus_set(!focus_dom0);
		}
		return;
	}
	/* Fewer than three were meant for whoever has the focus. Another line may interrupt this. */
	for (unsigned int n = atomic_xchg(&presses, 0); n > 0; n--) {
		input_route(CTRL_A, regs);
	}
	input_route(c, regs);
}

/* ---- dom0 ---- */

void console_guest_write(const char *buf, size_t n)
{
	unsigned long flags = console_output_lock();

	if (opt_to_ring) {
		ring_write(buf, n);
	}
	drivers_write(buf, n);
	line_foreign = true;
	console_work_raise();
	console_output_unlock(flags);
}

size_t console_guest_read(char *buf, size_t n)
{
	unsigned long flags = spin_lock_irqsave(&input_lock);
	size_t done = 0;

	while (done < n && input_cons != input_prod) {
		buf[done++] = input[input_cons++ % INPUT_SIZE];
	}
	spin_unlock_irqrestore(&input_lock, flags);
	return done;
}

static void console_softirq(void)
{
	static uint32_t told;	/* a race costs one event too many */
	uint32_t now = READ_ONCE(head);

	keys_run_pending();
	if (atomic_read(&input_prod) != atomic_read(&input_cons)) {
		virq_send_global(VIRQ_CONSOLE);
	}
	if (now != told) {
		told = now;
		virq_send_global(VIRQ_CON_RING);
	}
}

/* ---- life ---- */

void __init console_init_early(const struct boot_info *bi)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(drivers); i++) {
		struct console_driver *drv = drivers[i];
		bool named = console_named(drv->name);

		/* Without console=, the screen and every serial line that was configured. */
		if ((*opt_console && !named) || drv->init(drv, bi, named)) {
			continue;
		}
		/* What was said before there was anybody to hear it. */
		for (uint32_t pos = start; pos != head; pos++) {
			drv->write(drv, &ring[pos & (ring_size - 1)], 1);
		}
		drv->active = true;
		if (opt_sync && drv->sync) {
			drv->sync(drv);
		}
	}
}

void __init console_init_late(void)
{
	ring_grow();
	softirq_register(SOFTIRQ_CONSOLE, console_softirq);
	for (unsigned int i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (drivers[i]->active && drivers[i]->init_late) {
			drivers[i]->init_late(drivers[i]);
		}
	}
	atomic_set_release(&late, true);
}

void __init console_end_boot(void)
{
	unsigned long flags;

	focus_set(true);
	if (screen_console.active && !vga_keep) {
		flags = spin_lock_irqsave(&console_lock);
		screen_console.active = false;
		screen_clear();
		spin_unlock_irqrestore(&console_lock, flags);
	}
}
