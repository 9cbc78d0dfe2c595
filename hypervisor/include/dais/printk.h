/* SPDX-License-Identifier: MIT */
/*
 * Messages of the hypervisor. Levels follow Xen's loglvl= words: error, warning, info, debug.
 * The g-forms are for messages a guest can cause: they obey guest_loglvl= and are rate limited.
 */
#ifndef DAIS_PRINTK_H
#define DAIS_PRINTK_H

#include <stdarg.h>

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_GUEST = 4 /* added to one */ };

void printk(enum log_level lvl, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define pr_err(...)	printk(LOG_ERR, __VA_ARGS__)
#define pr_warn(...)	printk(LOG_WARN, __VA_ARGS__)
#define pr_info(...)	printk(LOG_INFO, __VA_ARGS__)
#define pr_debug(...)	printk(LOG_DEBUG, __VA_ARGS__)
#define gpr_err(...)	printk(LOG_GUEST | LOG_ERR, __VA_ARGS__)
#define gpr_warn(...)	printk(LOG_GUEST | LOG_WARN, __VA_ARGS__)
#define gpr_info(...)	printk(LOG_GUEST | LOG_INFO, __VA_ARGS__)
#define gpr_debug(...)	printk(LOG_GUEST | LOG_DEBUG, __VA_ARGS__)

/* A hypervisor bug, never a guest mistake: prints where and stops the machine. */
#define BUG_ON(cond) \
	do { \
		if (__builtin_expect(!!(cond), 0)) { \
			panic("bug at %s:%d: %s", __FILE__, __LINE__, #cond); \
		} \
	} while (0)

#endif
