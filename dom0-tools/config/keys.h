/* SPDX-License-Identifier: MIT */
/*
 * The settings that xl.cfg files may have: one row each. A row says what the setting may look
 * like and which function takes it; nothing else in the toolstack knows the names.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/guest.h"

struct key_context {
	struct guest_config *g;
	const char *where;
	struct config_notes *notes;
	struct failure *f;
};

struct config_key {
	const char *name;
	int (*set)(struct key_context *c, const struct config_key *key,
		   const struct config_value *v);
	size_t offset;     /* of the field in struct guest_config */
	uint64_t min, max; /* of a number */
	const char *says;  /* for rows that only say something */
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* The row of that name; NULL, and *close the name that was perhaps meant (or NULL). */
const struct config_key *config_key_find(const char *name, const char **close);

/* keys_device.c, keys_number.c: what takes the values. */
int key_text(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_u32(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_s32(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_mib(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_bool(struct key_context *c, const struct config_key *key, const struct config_value *v);
/* As key_bool(), for one without effect: checked and dropped. */
int key_flag(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_hex_ranges(struct key_context *c, const struct config_key *key,
		   const struct config_value *v);
int key_disk(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_vif(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_cpus(struct key_context *c, const struct config_key *key, const struct config_value *v);
int key_cpuid(struct key_context *c, const struct config_key *key, const struct config_value *v);
/* A number in [min, max], or the refusal. */
int key_number(struct key_context *c, const char *name, const struct config_value *v, uint64_t min,
	       uint64_t max, uint64_t *number);
int key_complain(struct key_context *c, const char *name, const struct config_value *v,
		 const char *what);

#endif
