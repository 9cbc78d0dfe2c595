/* SPDX-License-Identifier: MIT */
/*
 * The syntax of xl.cfg files, without any meaning:
 *
 *	name = "text"        'text' too; \n \t \\ \" \' \ooo \xhh are escapes
 *	memory = 512         numbers are texts that happen to be digits
 *	disk = [ "a", "b", ] lists, also of lists; may go over several lines
 *	extra += " more"     adds to a text or a list
 *
 * A setting ends at the line's end or at a semicolon; # begins a comment. Of settings with one
 * name the last counts. Pure: no file is opened, no global state.
 */
#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/failure.h"

#define SYNTAX_TEXT_MAX  (1u << 20) /* bytes of one file */
#define SYNTAX_DEPTH_MAX 8          /* lists in lists */

struct config_value {
	unsigned int line;
	bool is_list;
	char *text;                 /* when it is no list */
	struct config_value *items; /* when it is */
	size_t count;
};

struct config_setting {
	char *name;
	struct config_value value;
	struct config_setting *next;
};

struct config_tree {
	struct config_setting *first, *last;
};

/*
 * Adds the settings in text[0, len) to *tree (zeroed before its first use). A failure's message
 * begins with "WHERE:LINE: ". What was read before the mistake stays in the tree.
 */
int config_parse(struct config_tree *tree, const char *where, const char *text, size_t len,
		 struct failure *f);
void config_tree_free(struct config_tree *tree);

/* The setting of that name that counts, or NULL. */
const struct config_setting *config_find(const struct config_tree *tree, const char *name);

#endif
