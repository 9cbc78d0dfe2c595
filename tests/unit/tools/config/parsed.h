/* SPDX-License-Identifier: MIT */
/*
 * The one guest that these tests parse again and again, with its notes and what was wrong with it.
 */
#ifndef CONFIG_PARSED_H
#define CONFIG_PARSED_H

#include <string.h>

#include "config/guest.h"

static struct guest_config g;
static struct config_notes notes;
static struct failure why;

static inline int parsed_free(void **state)
{
	(void)state;
	guest_free(&g);
	config_notes_free(&notes);
	return 0;
}

/* What guest_parse() says of a file x.cfg with this text. */
static inline int parsed(const char *text, const char *overrides)
{
	parsed_free(NULL);
	memset(&why, 0, sizeof(why));
	return guest_parse(&g, "x.cfg", text, strlen(text), overrides, &notes, &why);
}

#endif
