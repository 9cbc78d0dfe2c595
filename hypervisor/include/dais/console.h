/* SPDX-License-Identifier: MIT */
/*
 * The console: hypervisor messages and dom0's console_io go through one ring to every
 * console driver chosen with console=; input comes back to whoever has the focus.
 *
 * console_lock guards the ring and the output order, and is taken with interrupts off
 * below every other lock (printk works anywhere). The last CPU in a crash goes without it.
 */
#ifndef DAIS_CONSOLE_H
#define DAIS_CONSOLE_H

#include <dais/compiler.h>
#include <dais/types.h>

struct regs;
struct boot_info;

struct console_driver {
	const char *name;			/* as in console=: "com1", "vga" */
	void *port;				/* the driver's own */
	/* 0 or -errno: not there, or neither `named` in console= nor configured otherwise */
	int (*init)(struct console_driver *drv, const struct boot_info *bi, bool named);
	/* interrupts and timers work now; may be NULL */
	void (*init_late)(struct console_driver *drv);
	/* console_lock held; may queue */
	void (*write)(struct console_driver *drv, const char *s, size_t n);
	/* from now on every write waits for the wire; may be NULL */
	void (*sync)(struct console_driver *drv);
	bool active;
};

#define SERIAL_PORTS	2
#define SERIAL_IO	8			/* I/O ports of each */

extern struct console_driver serial_com[SERIAL_PORTS], screen_console;
void screen_clear(void);

void console_init_early(const struct boot_info *bi);	/* after cmdline_parse() */
void console_init_late(void);		/* conring_size= ring, interrupts, softirq */
void console_end_boot(void);		/* dom0 is about to start: give up VGA, focus to dom0 */
/* Panic, reset: no locks and no buffering from here on. The other CPUs have been stopped. */
void console_start_sync(void);

/* While a count of these is up, everything is printed, whatever loglvl= says. */
void console_force_print(bool on);

/* The first I/O port of a serial line that is in use here, so that dom0 may not have it; or 0. */
uint16_t serial_in_use(unsigned int i);

/* Drivers hand input over here (interrupt context). */
void console_input(char c, struct regs *regs);

/* CONSOLEIO_write/read for dom0 with bytes already copied in. write: always n, at least 1. */
void console_guest_write(const char *buf, size_t n);
size_t console_guest_read(char *buf, size_t n);

/*
 * XEN_SYSCTL_readconsole: copy ring text to buf. incremental: start at *index; else at
 * the oldest. clear: later reads start after what was read. *index is where to go on.
 * Returns bytes copied.
 */
size_t console_ring_read(char *buf, size_t n, uint32_t *index, bool clear, bool incremental);

#endif /* DAIS_CONSOLE_H */
