/* SPDX-License-Identifier: MIT */
/*
 * Who may do what to a node. A node has a list of (domain, rights); the first entry names the
 * owner, whose rights are always all, and gives the rights of every domain not listed further
 * down. A list is immutable and reference counted: children usually share their parent's.
 */
#ifndef STORED_PERMS_H
#define STORED_PERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERM_NONE  0
#define PERM_READ  1
#define PERM_WRITE 2
#define PERM_OWNER 4 /* may change the permissions */
#define PERM_ALL   (PERM_READ | PERM_WRITE | PERM_OWNER)

#define CRED_NO_TARGET UINT32_MAX

struct perm {
	uint16_t domid;
	uint16_t rights;
};

struct perms {
	uint32_t ref;
	uint32_t count; /* at least 1 */
	struct perm list[];
};

/*
 * On whose behalf a request is made. target: a domain this one serves as a device model, or
 * CRED_NO_TARGET; it has that domain's rights too.
 */
struct cred {
	uint32_t domid;
	uint32_t target;
	bool privileged; /* dom0: every right on every node, no quotas */
};

/* A new list of `count` (at least 1) entries, to be filled in by the caller. */
struct perms *perms_new(uint32_t count);
struct perms *perms_get(struct perms *p);
void perms_put(struct perms *p);

/* PERM_* bits that `who` has on a node with this list. */
unsigned int perms_rights(const struct perms *p, const struct cred *who);
bool perms_equal(const struct perms *a, const struct perms *b);

/* The same list with another owner, or without the (non-owner) entries of a domain. */
struct perms *perms_owned_by(const struct perms *p, uint16_t domid);
struct perms *perms_without(const struct perms *p, uint16_t domid);
bool perms_names(const struct perms *p, uint16_t domid);

/* Bloom mask: bit (domid % 64) of every domain named in the list. */
static inline uint64_t perms_domid_bit(uint16_t domid)
{
	return 1ull << (domid % 64);
}
uint64_t perms_mask(const struct perms *p);

/*
 * Wire form: strings like "n0" "r5" "w3" "b7", each zero-terminated. Parsing returns NULL and
 * sets *error to -EINVAL (malformed) or -ENOSPC (more than `max` entries). Formatting returns the
 * bytes needed; nothing beyond `room` is written.
 */
struct perms *perms_parse(const char *text, size_t len, uint32_t max, int *error);
size_t perms_format(const struct perms *p, char *text, size_t room);

#endif
