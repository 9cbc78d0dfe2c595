/* SPDX-License-Identifier: MIT */
/*
 * Ending: reset and power-off of the machine. Each may be called from any context,
 * even a fault; other CPUs are stopped first.
 */
#ifndef DAIS_RESET_H
#define DAIS_RESET_H

#include <dais/compiler.h>

/*
 * Reset by the method reboot= names, then ACPI, keyboard controller, 0xcf9, triple fault
 * in turn. noreboot does not stop a reset that was asked for, only that after a crash.
 */
void __noreturn machine_restart(void);
void __noreturn machine_poweroff(void);	/* halts when power-off does not work */

void __noreturn machine_halt(void);	/* this CPU alone, for good */

/* What a panic ends in: restart after a few seconds, or halt under noreboot. */
void __noreturn machine_crash_end(void);

#endif /* DAIS_RESET_H */
