/* SPDX-License-Identifier: MIT */
/*
 * From an xl.cfg file to a checked struct guest_config: see guest.h. Pure.
 */
#include "config/guest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "lib/xalloc.h"

void config_note(struct config_notes *n, const char *format, ...)
{
	va_list args;
	char text[512];

	if (!n || n->count >= 256) {
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	n->text = xrealloc(n->text, n->count + 1, sizeof(*n->text));
	n->text[n->count++] = xstrdup(text);
}

void config_notes_free(struct config_notes *n)
{
	size_t i;

	for (i = 0; i < n->count; i++) {
		free(n->text[i]);
	}
	free(n->text);
	memset(n, 0, sizeof(*n));
}

/* A text setting that is looked at by name, or NULL; "" counts as nothing said. */
static const char *tree_text(const struct config_tree *tree, const char *name)
{
	const struct config_setting *s = config_find(tree, name);

	return s && !s->value.is_list && *s->value.text ? s->value.text : NULL;
}

/* cmdline wins; otherwise root and extra, the way xl joins them. */
static int guest_cmdline(struct guest_config *g, const struct config_tree *tree,
			 struct config_notes *notes, struct failure *f)
{
	const char *cmdline = tree_text(tree, "cmdline"), *root = tree_text(tree, "root");
	const char *extra = tree_text(tree, "extra");
	size_t room;

	if (cmdline) {
		if (root || extra) {
			config_note(notes, "root and extra have no effect beside cmdline");
		}
		g->cmdline = xstrdup(cmdline);
	} else {
		room = (root ? strlen(root) : 0) + (extra ? strlen(extra) : 0) + 16;
		g->cmdline = xcalloc(room, 1);
		snprintf(g->cmdline, room, "%s%s%s%s", root ? "root=" : "", root ? root : "",
			 root && extra ? " " : "", extra ? extra : "");
	}
	if (strlen(g->cmdline) > GUEST_CMDLINE_MAX) {
		return failure_set(f, -E2BIG,
				   "the kernel's command line has %zu characters; at most "
				   "%d fit",
				   strlen(g->cmdline), GUEST_CMDLINE_MAX);
	}
	return 0;
}

/* GRUB reads kernel, initial ramdisk and command line from the guest's disk. */
static void guest_grub(struct guest_config *g, struct config_notes *notes)
{
	if (!g->boots_grub) {
		return;
	}
	if (g->ramdisk || (g->kernel && strcmp(g->kernel, GUEST_PVGRUB))) {
		config_note(notes,
			    "kernel and ramdisk have no effect beside bootloader or firmware");
	}
	free(g->kernel);
	free(g->ramdisk);
	g->kernel = xstrdup(GUEST_PVGRUB);
	g->ramdisk = NULL;
}

static void guest_defaults(struct guest_config *g)
{
	memset(g, 0, sizeof(*g));
	g->on[END_POWEROFF] = ACTION_DESTROY;
	g->on[END_REBOOT] = ACTION_RESTART;
	g->on[END_SUSPEND] = ACTION_PRESERVE;
	g->on[END_CRASH] = ACTION_DESTROY;
	g->on[END_WATCHDOG] = ACTION_DESTROY;
	g->on[END_SOFT_RESET] = ACTION_SOFT_RESET;
	g->max_grant_frames = g->max_maptrack_frames = -1;
	g->max_event_channels = 1023;
}

static int guest_check(struct guest_config *g, const char *where, struct failure *f)
{
	if (!g->name) {
		return failure_set(f, -EINVAL, "%s: name is missing; add name = \"...\"", where);
	}
	if (!g->kernel) {
		return failure_set(f, -EINVAL,
				   "%s: kernel is missing; add kernel = \"/path\" of a "
				   "bzImage or ELF file with PV support, or firmware = "
				   "\"pvgrub64\" to boot from the guest's disk",
				   where);
	}
	if (!g->memory_kib) {
		g->memory_kib = g->maxmem_kib ? g->maxmem_kib : 32 << 10;
	}
	if (!g->maxmem_kib) {
		g->maxmem_kib = g->memory_kib;
	}
	if (g->maxmem_kib < g->memory_kib) {
		return failure_set(f, -EINVAL,
				   "%s: maxmem (%llu) is less than memory (%llu); raise "
				   "the one or lower the other",
				   where, (unsigned long long)(g->maxmem_kib >> 10),
				   (unsigned long long)(g->memory_kib >> 10));
	}
	if (!g->vcpus) {
		g->vcpus = 1;
	}
	if (!g->maxvcpus) {
		g->maxvcpus = g->vcpus;
	}
	if (g->maxvcpus < g->vcpus) {
		return failure_set(f, -EINVAL,
				   "%s: maxvcpus (%u) is less than vcpus (%u); raise the "
				   "one or lower the other",
				   where, g->maxvcpus, g->vcpus);
	}
	return 0;
}

static int guest_take(struct guest_config *g, const struct config_tree *tree, const char *where,
		      struct config_notes *notes, struct failure *f)
{
	struct key_context c = { .g = g, .where = where, .notes = notes, .f = f };
	const struct config_setting *s;
	const struct config_key *key;
	const char *close;
	int rc = 0;

	for (s = tree->first; !rc && s; s = s->next) {
		key = config_key_find(s->name, &close);
		if (!key) {
			config_note(notes, "%s:%u: unknown setting '%s' has no effect%s%s%s", where,
				    s->value.line, s->name, close ? "; did you mean '" : "",
				    close ? close : "", close ? "'?" : "");
		} else if (config_find(tree, s->name) == s) {
			rc = key->set(&c, key, &s->value);
		}
	}
	return rc;
}

int guest_parse(struct guest_config *g, const char *where, const char *text, size_t len,
		const char *overrides, struct config_notes *notes, struct failure *f)
{
	struct config_tree tree = { 0 };
	int rc;

	guest_defaults(g);
	rc = config_parse(&tree, where, text, len, f);
	if (!rc && overrides) {
		rc = config_parse(&tree, "command line", overrides, strlen(overrides), f);
	}
	if (!rc) {
		rc = guest_take(g, &tree, where, notes, f);
	}
	if (!rc) {
		guest_grub(g, notes);
		rc = guest_cmdline(g, &tree, notes, f);
	}
	if (!rc) {
		rc = guest_check(g, where, f);
	}
	config_tree_free(&tree);
	if (rc) {
		guest_free(g);
	}
	return rc;
}

void guest_free(struct guest_config *g)
{
	size_t i;

	for (i = 0; i < g->disk_count; i++) {
		guest_disk_free(&g->disks[i]);
	}
	for (i = 0; i < g->nic_count; i++) {
		guest_nic_free(&g->nics[i]);
	}
	for (i = 0; i < g->cpuid_count; i++) {
		free(g->cpuid[i]);
	}
	free(g->disks);
	free(g->nics);
	free(g->cpuid);
	free(g->name);
	free(g->kernel);
	free(g->ramdisk);
	free(g->cmdline);
	free(g->pool);
	free(g->cpus);
	free(g->cpus_soft);
	free(g->ioports);
	free(g->irqs);
	free(g->iomem);
	memset(g, 0, sizeof(*g));
}
