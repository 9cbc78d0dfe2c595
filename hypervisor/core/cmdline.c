// SPDX-License-Identifier: MIT
/*
 * The command line: walks the words, finds each in the table the linker gathered, calls
 * its handler. Runs once, on the boot CPU, before there are consoles: warnings wait in
 * the console ring. The parsers of values are for handlers' use, and pure.
 */
#include <dais/cmdline.h>
#include <dais/printk.h>
#include <dais/string.h>
#include <xen/errno.h>

#define WORD_MAX	256

int cmdline_parse_bool(const char *s)
{
	static const char *const words[] = {
		"off", "on", "no", "yes", "false", "true", "0", "1", "disable", "enable",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(s, words[i])) {
			return i % 2;
		}
	}
	return -1;
}

int cmdline_parse_switch(const char *value)
{
	if (value == NULL) {
		return 0;
	}
	return *value ? cmdline_parse_bool(value) : 1;
}

/* 16: not a digit. */
static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

uint64_t cmdline_parse_u64(const char *s, const char **end)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16, overflow = false;
	unsigned int base = hex ? 16 : 10;
	uint64_t value = 0;

	for (s += hex ? 2 : 0; digit_value(*s) < base; s++) {
		overflow |= __builtin_mul_overflow(value, base, &value);
		overflow |= __builtin_add_overflow(value, digit_value(*s), &value);
	}
	*end = s;
	return overflow ? UINT64_MAX : value;
}

uint64_t cmdline_parse_size(const char *s, unsigned int shift, const char **end)
{
	static const char suffixes[] = "BKMGT";
	uint64_t v = cmdline_parse_u64(s, end);
	char c = *end != s ? **end & ~0x20 : '\0';
	const char *suffix = c ? strchr(suffixes, c) : NULL;

	if (suffix) {
		shift = 10 * (suffix - suffixes);
		(*end)++;
	}
	return v > UINT64_MAX >> shift ? UINT64_MAX : v << shift;
}

/* ---- the walk ---- */

extern const struct cmdline_param __params_start[], __params_end[];

static const struct cmdline_param *__init param_find(const char *name, size_t len)
{
	for (const struct cmdline_param *p = __params_start; p < __params_end; p++) {
		if (strlen(p->name) == len && !memcmp(p->name, name, len)) {
			return p;
		}
	}
	return NULL;
}

static int __init param_apply(const struct cmdline_param *p, const char *value, bool negated)
{
	int on;

	if (!p->flag) {
		return p->handler(negated ? NULL : value);
	}
	on = cmdline_parse_switch(value);
	if (on < 0) {
		return -XEN_EINVAL;
	}
	*p->flag = negated ? !on : on;
	return 0;
}

static void __init word_handle(const char *word)
{
	const char *eq = strchr(word, '='), *name = word;
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	const struct cmdline_param *p = param_find(name, len);
	bool negated = false;

	if (!p && len > 3 && !memcmp(name, "no-", 3)) {
		negated = true;
		p = param_find(name + 3, len - 3);
	}
	if (!p) {
		/* GRUB scripts put this word in front, where other loaders put the file. */
		if (strcmp(word, "placeholder")) {
			pr_warn("command line: unknown option \"%s\" ignored\n", word);
		}
	} else if (param_apply(p, eq ? eq + 1 : "", negated)) {
		pr_warn("command line: \"%s\" not understood; expected %s\n", word, p->help);
	}
}

void __init cmdline_parse(const char *line)
{
	char word[WORD_MAX];

	while (*line) {
		size_t len = strcspn(line, " \t\r\n");

		if (len && len < sizeof(word)) {
			memcpy(word, line, len);
			word[len] = '\0';
			word_handle(word);
		} else if (len) {
			pr_warn("command line: a word of %lu characters is too long: ignored\n",
				(unsigned long)len);
		}
		line += len;
		line += *line != '\0';
	}
}
