// SPDX-License-Identifier: MIT
/*
 * Debug keys: dispatch, help, and the few that belong to nobody else.
 *
 * Keys arrive in interrupt context; all but those marked in_irq wait for SOFTIRQ_CONSOLE.
 */
#include <dais/atomic.h>
#include <dais/console.h>
#include <dais/crash.h>
#include <dais/keys.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/softirq.h>
#include <dais/time.h>

extern const struct debug_key __keys_start[], __keys_end[];

static unsigned long waiting[256 / 64];	/* a bit for each key */

/* Who presses a key wants the answer, whatever level of messages is on. */
static void key_run(const struct debug_key *k, struct regs *regs)
{
	console_force_print(true);
	k->fn(regs);
	console_force_print(false);
}

void keys_press(char key, struct regs *regs)
{
	for (const struct debug_key *k = __keys_start; k < __keys_end; k++) {
		if (k->key == key && k->in_irq && regs) {
			key_run(k, regs);
		} else if (k->key == key && !k->in_irq) {
			atomic_set_bit((uint8_t)key, waiting);
			softirq_raise(SOFTIRQ_CONSOLE);
		}
	}
}

void keys_run_pending(void)
{
	for (const struct debug_key *k = __keys_start; k < __keys_end; k++) {
		if (atomic_test_and_clear_bit((uint8_t)k->key, waiting)) {
			key_run(k, NULL);
		}
	}
}

static void key_help(struct regs *regs __maybe_unused)
{
	pr_info("debug keys:\n");
	for (const struct debug_key *k = __keys_start; k < __keys_end; k++) {
		pr_info("  %c  %s\n", k->key, k->help);
	}
}
DEBUG_KEY('h', key_help, "show this list");

static void key_reset(struct regs *regs __maybe_unused)
{
	machine_restart();
}
DEBUG_KEY('R', key_reset, "reset the machine");

/* A real fault: what is printed comes the way that any other would. */
static void key_crash(struct regs *regs __maybe_unused)
{
	__builtin_trap();
}
DEBUG_KEY('C', key_crash, "crash the hypervisor, to see what is printed");

static void key_registers(struct regs *regs)
{
	pr_info("CPU %u:\n", cpu_id());
	crash_show_regs(regs);
}
DEBUG_KEY_IRQ('d', key_registers, "show the registers that this key interrupted");

static void key_time(struct regs *regs __maybe_unused)
{
	pr_info("system time %lu ns, kept by %s, TSC %lu kHz%s\n", time_now_ns(),
		time_platform_name(), time_tsc_hz() / 1000,
		time_is_stable() ? ", constant and in step" : "");
}
DEBUG_KEY('t', key_time, "show the clock");
