/* SPDX-License-Identifier: MIT */
/*
 * Taking the values of settings into struct guest_config: see keys.h. Pure.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/keys.h"
#include "lib/xalloc.h"

int key_complain(struct key_context *c, const char *name, const struct config_value *v,
		 const char *what)
{
	return failure_set(c->f, -EINVAL, "%s:%u: %s: %s", c->where, v->line, name, what);
}

static void *field(struct key_context *c, const struct config_key *key)
{
	return (char *)c->g + key->offset;
}

int key_text(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	char **to = field(c, key);

	if (v->is_list) {
		return key_complain(c, key->name, v, "expected a text, not a list");
	}
	free(*to);
	*to = *v->text ? xstrdup(v->text) : NULL;
	return 0;
}

int key_number(struct key_context *c, const char *name, const struct config_value *v, uint64_t min,
	       uint64_t max, uint64_t *number)
{
	char *end;

	if (v->is_list) {
		return key_complain(c, name, v, "expected a number, not a list");
	}
	errno = 0;
	*number = strtoull(v->text, &end, 0);
	if (errno || end == v->text || *end || *v->text == '-') {
		return failure_set(c->f, -EINVAL, "%s:%u: %s: '%s' is not a number", c->where,
				   v->line, name, v->text);
	}
	if (*number < min || *number > max) {
		return failure_set(c->f, -EINVAL, "%s:%u: %s: %s is not between %llu and %llu",
				   c->where, v->line, name, v->text, (unsigned long long)min,
				   (unsigned long long)max);
	}
	return 0;
}

int key_u32(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	uint64_t n;
	int rc = key_number(c, key->name, v, key->min, key->max, &n);

	if (!rc) {
		*(uint32_t *)field(c, key) = (uint32_t)n;
	}
	return rc;
}

int key_s32(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	uint64_t n;
	int rc = key_number(c, key->name, v, key->min, key->max, &n);

	if (!rc) {
		*(int32_t *)field(c, key) = (int32_t)n;
	}
	return rc;
}

int key_mib(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	uint64_t n;
	int rc = key_number(c, key->name, v, key->min, key->max, &n);

	if (!rc) {
		*(uint64_t *)field(c, key) = n << 10;
	}
	return rc;
}

static int flag_of(struct key_context *c, const struct config_key *key,
		   const struct config_value *v, bool *flag)
{
	bool yes = !v->is_list && (!strcmp(v->text, "1") || !strcasecmp(v->text, "true") ||
				   !strcasecmp(v->text, "yes"));
	bool no = !v->is_list && (!strcmp(v->text, "0") || !strcasecmp(v->text, "false") ||
				  !strcasecmp(v->text, "no"));

	if (!yes && !no) {
		return key_complain(c, key->name, v, "expected 1 or 0");
	}
	*flag = yes;
	return 0;
}

int key_bool(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	return flag_of(c, key, v, field(c, key));
}

int key_flag(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	bool dropped;

	return flag_of(c, key, v, &dropped);
}

/* Elements of a setting that may be one text or a list of texts. */
static int each_text(struct key_context *c, const struct config_key *key,
		     const struct config_value *v,
		     int (*take)(struct key_context *c, const struct config_key *key,
				 const struct config_value *v))
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < (v->is_list ? v->count : 1); i++) {
		const struct config_value *item = v->is_list ? &v->items[i] : v;

		rc = item->is_list ? key_complain(c, key->name, item, "expected texts in the list")
				   : take(c, key, item);
	}
	return rc;
}

static int take_disk(struct key_context *c, const struct config_key *key,
		     const struct config_value *v)
{
	struct guest_disk d;
	size_t i;
	int rc = guest_parse_disk(&d, v->text, c->notes, c->f);

	(void)key;
	for (i = 0; !rc && i < c->g->disk_count; i++) {
		if (c->g->disks[i].device == d.device) {
			rc = failure_set(c->f, -EINVAL,
					 "disk '%s': %s is taken by another disk; give "
					 "it another name",
					 v->text, d.vdev);
			guest_disk_free(&d);
		}
	}
	if (rc) {
		return rc;
	}
	c->g->disks = xrealloc(c->g->disks, c->g->disk_count + 1, sizeof(d));
	c->g->disks[c->g->disk_count++] = d;
	return 0;
}

/* Where a message about a whole setting comes from. */
static int located(struct key_context *c, const struct config_value *v, int rc)
{
	char where[256];

	if (rc) {
		snprintf(where, sizeof(where), "%s:%u", c->where, v->line);
		failure_prefix(c->f, where);
	}
	return rc;
}

int key_disk(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	if (!v->is_list) {
		return key_complain(c, key->name, v, "expected a list: disk = [ \"...\", ]");
	}
	return located(c, v, each_text(c, key, v, take_disk));
}

static int take_vif(struct key_context *c, const struct config_key *key,
		    const struct config_value *v)
{
	struct guest_nic n;
	int rc = guest_parse_nic(&n, v->text, c->notes, c->f);

	(void)key;
	if (!rc) {
		c->g->nics = xrealloc(c->g->nics, c->g->nic_count + 1, sizeof(n));
		c->g->nics[c->g->nic_count++] = n;
	}
	return rc;
}

int key_vif(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	if (!v->is_list) {
		return key_complain(c, key->name, v,
				    "expected a list: vif = [ \"bridge=xenbr0\", ]");
	}
	return located(c, v, each_text(c, key, v, take_vif));
}

/* cpus: a text for all vCPUs, or a list with an entry for each. */
int key_cpus(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	bool soft = key->offset == offsetof(struct guest_config, cpus_soft);
	struct cpu_set **sets = soft ? &c->g->cpus_soft : &c->g->cpus;
	size_t *count = soft ? &c->g->cpus_soft_count : &c->g->cpus_count, i;
	const struct config_value *item;
	int rc;

	free(*sets);
	*count = v->is_list ? v->count : 1;
	*sets = xcalloc(*count + 1, sizeof(**sets));
	for (i = 0; i < *count; i++) {
		item = v->is_list ? &v->items[i] : v;
		if (item->is_list) {
			return key_complain(c, key->name, item, "expected texts in the list");
		}
		rc = guest_parse_cpus(&(*sets)[i], item->text, c->f);
		if (rc) {
			return located(c, item, rc);
		}
	}
	if (v->is_list && *count == 1) {
		/* Only of the first vCPU, unlike a text. */
		memset(&(*sets)[1], 0xff, sizeof(**sets));
		*count = 2;
	}
	return 0;
}

static int take_cpuid(struct key_context *c, const struct config_key *key,
		      const struct config_value *v)
{
	(void)key;
	c->g->cpuid = xrealloc(c->g->cpuid, c->g->cpuid_count + 1, sizeof(*c->g->cpuid));
	c->g->cpuid[c->g->cpuid_count++] = xstrdup(v->text);
	return 0;
}

int key_cpuid(struct key_context *c, const struct config_key *key, const struct config_value *v)
{
	return each_text(c, key, v, take_cpuid);
}

/* "START-END" or "START,COUNT" (iomem), hexadecimal for all but irqs. */
static int take_range(struct key_context *c, const struct config_key *key,
		      const struct config_value *v)
{
	int base = key->offset == offsetof(struct guest_config, irqs) ? 10 : 16;
	bool memory = key->offset == offsetof(struct guest_config, iomem);
	struct guest_range **list = field(c, key), range;
	size_t *count = memory       ? &c->g->iomem_count
			: base == 10 ? &c->g->irq_count
				     : &c->g->ioport_count;
	unsigned long long first, last;
	char *s;

	first = last = strtoull(v->text, &s, base);
	if (s != v->text && *s == '-' && !memory) {
		last = strtoull(s + 1, &s, base);
	} else if (s != v->text && *s == ',' && memory) {
		last = first + strtoull(s + 1, &s, base) - 1;
	}
	if (memory && *s == '@') {
		/* A place in the guest: for PV it is where the device is. */
		strtoull(s + 1, &s, base);
	}
	if (s == v->text || *s || last < first || last > key->max) {
		return failure_set(c->f, -EINVAL, "%s:%u: %s: '%s' is not a range; %s", c->where,
				   v->line, key->name, v->text, key->says);
	}
	range = (struct guest_range){ first, last - first + 1 };
	*list = xrealloc(*list, *count + 1, sizeof(range));
	(*list)[(*count)++] = range;
	return 0;
}

int key_hex_ranges(struct key_context *c, const struct config_key *key,
		   const struct config_value *v)
{
	return each_text(c, key, v, take_range);
}
