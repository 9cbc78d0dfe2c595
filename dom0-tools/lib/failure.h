/* SPDX-License-Identifier: MIT */
/*
 * Why something did not work, in words for the person who asked for it: one message that names
 * the cause and the cure. A function that can fail for many reasons takes a struct failure and
 * returns a negative errno; the first message stays, because it is the one nearest to the cause.
 */
#ifndef LIB_FAILURE_H
#define LIB_FAILURE_H

#include <stdarg.h>

struct failure {
	int code;       /* negative errno of the first failure, 0: none yet */
	char text[768]; /* a sentence without a full stop, "" when code is 0 */
};

/* Notes the message unless there is one already; returns `code`. f may be NULL. */
int failure_set(struct failure *f, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "WHERE: " in front of the message. */
void failure_prefix(struct failure *f, const char *where);

#endif
