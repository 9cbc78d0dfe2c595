/* SPDX-License-Identifier: MIT */
/*
 * The log of one process. Owns the name, threshold and target; daemons are single-threaded, so
 * there is no lock.
 */
#include "lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

static const char *log_name = "dais";
static bool log_syslog;
static enum log_level log_threshold = LOG_LEVEL_INFO;

void log_open(const char *name, bool to_syslog)
{
	log_name = name;
	log_syslog = to_syslog;
	if (to_syslog) {
		openlog(name, LOG_PID, LOG_DAEMON);
	}
}

void log_set_level(enum log_level level)
{
	log_threshold = level;
}

void log_at(enum log_level level, const char *format, ...)
{
	static const int priority[] = {
		[LOG_LEVEL_ERROR] = LOG_ERR,
		[LOG_LEVEL_WARN] = LOG_WARNING,
		[LOG_LEVEL_INFO] = LOG_INFO,
		[LOG_LEVEL_DEBUG] = LOG_DEBUG,
	};
	va_list args;

	if (level > log_threshold) {
		return;
	}
	va_start(args, format);
	if (log_syslog) {
		vsyslog(priority[level], format, args);
	} else {
		fprintf(stderr, "%s: ", log_name);
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
	}
	va_end(args);
}
