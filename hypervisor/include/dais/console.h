/* SPDX-License-Identifier: MIT */
/*
 * The console: hypervisor messages and dom0's console_io go through one ring to every
 * console driver chosen with console=; input comes back to whoever has the focus.
 *
 * console_lock guards the ring and the output order, and is taken with interrupts off
 * below every other lock (printk works anywhere). Panic output breaks the lock.
 */
#ifndef DAIS_CONSOLE_H
#define DAIS_CONSOLE_H

#include <dais/compiler.h>
#include <dais/types.h>

struct domain;
struct regs;
struct boot_info;

struct console_driver {
	const char *name;			/* as in console=: "com1", "vga" */
	/* 0 or -errno: not there, or neither `named` in console= nor configured otherwise */
	int (*init)(const struct boot_info *bi, bool named);
	void (*init_late)(void);		/* interrupts and timers work now; may be NULL */
	void (*write)(const char *s, size_t n);	/* console_lock held; may queue */
	void (*sync)(bool on);			/* on: every write waits for the wire; may be NULL */
	void (*end_boot)(void);			/* dom0 takes the device over; may be NULL */
	bool active;
};

extern struct console_driver serial_com1, serial_com2, vga_console, fb_console;

void console_init_early(const struct boot_info *bi);	/* after cmdline_parse() */
void console_init_late(void);		/* conring_size= ring, interrupts, softirq */
void console_end_boot(void);		/* dom0 is about to start: give up VGA, focus to dom0 */
void console_start_sync(void);		/* panic, reset: no buffering from here on */

/* While a count of these is up, everything is printed, whatever loglvl= says. */
void console_force_print(bool on);

/* True for I/O ports of a serial line that is in use here: dom0 may not have them. */
bool serial_owns_port(uint16_t port);

/* Drivers hand input over here (interrupt context). */
void console_input(char c, struct regs *regs);

/* CONSOLEIO_write/read for dom0 with bytes already copied in. write: always n. */
void console_guest_write(struct domain *d, const char *buf, size_t n);
size_t console_guest_read(char *buf, size_t n);

/*
 * XEN_SYSCTL_readconsole: copy ring text to buf. incremental: start at *index; else at
 * the oldest. clear: later plain reads start after what is there now. *index is where
 * to go on. Returns bytes copied.
 */
size_t console_ring_read(char *buf, size_t n, uint32_t *index, bool clear, bool incremental);

#endif /* DAIS_CONSOLE_H */
