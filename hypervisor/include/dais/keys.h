/* SPDX-License-Identifier: MIT */
/*
 * Debug keys: single characters typed at the hypervisor's console (Ctrl-a three times)
 * or sent by XEN_SYSCTL_debug_keys. 'h' lists them. Release builds link the stub twin.
 *
 *	DEBUG_KEY('r', dump_runqueues, "dump run queues");
 *
 * The table is gathered by the linker in section ".keys" between __keys_start
 * and __keys_end. Handlers run in softirq context with interrupts on; one with
 * in_irq set runs in the interrupt itself and gets the interrupted registers.
 */
#ifndef DAIS_KEYS_H
#define DAIS_KEYS_H

#include <dais/compiler.h>
#include <dais/types.h>

struct regs;

struct debug_key {
	char key;
	bool in_irq;
	void (*fn)(struct regs *regs);	/* regs NULL unless in_irq */
	const char *help;
};

#define DEBUG_KEY(_key, _fn, _help) \
	static const struct debug_key __section(".keys") __used __aligned(8) \
	debug_key_##_fn = { .key = (_key), .fn = (_fn), .help = (_help) }
#define DEBUG_KEY_IRQ(_key, _fn, _help) \
	static const struct debug_key __section(".keys") __used __aligned(8) \
	debug_key_##_fn = { .key = (_key), .in_irq = true, .fn = (_fn), .help = (_help) }

void keys_press(char key, struct regs *regs);	/* from input or sysctl */
void keys_run_pending(void);			/* SOFTIRQ_CONSOLE: what was put off */

#endif /* DAIS_KEYS_H */
