// SPDX-License-Identifier: MIT
/*
 * The twin of debug/keys.c for builds without debug keys: says so, once per key.
 */
#include <dais/compiler.h>
#include <dais/keys.h>
#include <dais/printk.h>

void keys_press(char key __maybe_unused, struct regs *regs __maybe_unused)
{
	pr_info("this build has no debug keys\n");
}

void keys_run_pending(void)
{
}
