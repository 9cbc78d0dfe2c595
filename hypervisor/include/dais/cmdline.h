/* SPDX-License-Identifier: MIT */
/*
 * The command line: which options exist is one const table made of CMDLINE_PARAM()
 * lines all over the tree, gathered by the linker between __params_start and
 * __params_end (section ".init.params").
 *
 *	static int __init parse_foo(const char *value) { ... }
 *	CMDLINE_PARAM("foo", parse_foo, "foo=N: what it does");
 *
 * A handler gets the text after '=' ("" when there is none), and NULL when the option
 * was negated ("no-foo" or "foo=no", "off", "false", "0" for handlers made by
 * CMDLINE_BOOL). It returns 0 or -errno; a refusal and an unknown name are warned of.
 */
#ifndef DAIS_CMDLINE_H
#define DAIS_CMDLINE_H

#include <dais/compiler.h>
#include <dais/types.h>

struct cmdline_param {
	const char *name;
	int (*handler)(const char *value);
	bool *flag;		/* instead of a handler */
	const char *help;
};

#define CMDLINE_PARAM(_name, _handler, _help) \
	static const struct cmdline_param __section(".init.params") __used \
	__aligned(8) CMDLINE_UNIQUE(cmdline_param_, __LINE__) = \
		{ .name = (_name), .handler = (_handler), .help = (_help) }

/* An on/off option: name, no-name, name=on/off. */
#define CMDLINE_BOOL(_name, _flag, _help) \
	static const struct cmdline_param __section(".init.params") __used \
	__aligned(8) CMDLINE_UNIQUE(cmdline_param_, __LINE__) = \
		{ .name = (_name), .flag = &(_flag), .help = (_help) }

#define CMDLINE_UNIQUE(a, b)	CMDLINE_PASTE(a, b)
#define CMDLINE_PASTE(a, b)	a##b

/* Messages go to the early console. */
void cmdline_parse(const char *line);

/* 1 for on/yes/true/1/enable, 0 for off/no/false/0/disable, -1 otherwise. */
int cmdline_parse_bool(const char *s);
/* The same for what a handler gets: "" (the name alone) is on, NULL (no-name) is off. */
int cmdline_parse_switch(const char *value);

/* "64M", "2G", "512k", plain bytes ... default_shift for no suffix (10 = KiB). End in *end. */
uint64_t cmdline_parse_size(const char *s, unsigned int default_shift, const char **end);

/* Decimal or 0x number, UINT64_MAX at most; *end is where it stopped, == s when there was none. */
uint64_t cmdline_parse_u64(const char *s, const char **end);

#endif /* DAIS_CMDLINE_H */
