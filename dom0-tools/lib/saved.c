/* SPDX-License-Identifier: MIT */
/*
 * The framing of saved guests' files: see saved.h. Owns the configuration and one buffer for the
 * record that is being looked at, which grows only as far as bytes really come.
 */
#include "lib/saved.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

#define STEP_BYTES    65536u     /* at once: a length costs no more memory than what follows it */
#define EMULATOR_MAX  (1u << 20) /* bytes of a record that is passed over */
#define NOT_SAVED     "it is not a saved guest; name a file that `save` wrote"
#define CUT_SHORT     "the file is cut short; take a complete copy of it, or save the guest again"

static int saved_read(struct saved *s, void *to, size_t len, struct failure *f)
{
	char *p = to;
	long n;

	while (len) {
		n = s->source.read(s->source.arg, p, len);
		if (n < 0) {
			return failure_set(f, (int)n, "the file cannot be read: %s",
					   strerror((int)-n));
		}
		if (!n) {
			return failure_set(f, -ENODATA, CUT_SHORT);
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int saved_skip(struct saved *s, uint32_t len, struct failure *f)
{
	char waste[512];
	uint32_t part;
	int rc = 0;

	for (; !rc && len; len -= part) {
		part = len < sizeof(waste) ? len : (uint32_t)sizeof(waste);
		rc = saved_read(s, waste, part, f);
	}
	return rc;
}

static uint32_t padding(uint32_t length)
{
	return -length % STREAM_ALIGN;
}

/* The body of a record whose length is fine, and its padding. */
static int saved_read_body(struct saved *s, uint32_t length, struct failure *f)
{
	size_t wanted = (size_t)length + padding(length), have = 0, part;
	int rc = 0;

	while (!rc && have < wanted) {
		part = wanted - have < STEP_BYTES ? wanted - have : STEP_BYTES;
		if (have + part > s->room) {
			s->room = 2 * s->room > have + part ? 2 * s->room : have + part;
			s->body = xrealloc(s->body, s->room, 1);
		}
		rc = saved_read(s, (char *)s->body + have, part, f);
		have += part;
	}
	return rc;
}

static int saved_check_file(const struct stream_file *head, struct failure *f)
{
	if (memcmp(head->magic, STREAM_FILE_MAGIC, STREAM_FILE_MAGIC_LEN)) {
		return failure_set(f, -EINVAL, NOT_SAVED);
	}
	if (head->order != STREAM_FILE_ORDER) {
		return failure_set(f, -EINVAL,
				   "it was saved on a machine of another byte order; restore it "
				   "there");
	}
	if (head->mandatory & ~STREAM_FILE_MANDATORY || !(head->mandatory & STREAM_FILE_V2)) {
		return failure_set(f, -EINVAL,
				   "it is of another version (flags %#x); restore it with the "
				   "tools it was saved by, and save it with those of Xen 4.6 or "
				   "later",
				   head->mandatory);
	}
	if (head->optional_len < sizeof(uint32_t) ||
	    head->optional_len > SAVED_CONFIG_MAX + sizeof(uint32_t)) {
		return failure_set(f, -EINVAL,
				   "the file is damaged: its configuration has %u bytes; save the "
				   "guest again",
				   head->optional_len);
	}
	return 0;
}

int saved_begin(struct saved *s, const struct saved_source *source, struct failure *f)
{
	struct stream_file head;
	uint32_t len = 0;
	struct failure cut = { 0 };
	int rc;

	memset(s, 0, sizeof(*s));
	s->source = *source;
	rc = saved_read(s, &head, sizeof(head), &cut);
	if (rc) {
		/* Too short to be anything. */
		return rc == -ENODATA ? failure_set(f, rc, NOT_SAVED)
				      : failure_set(f, rc, "%s", cut.text);
	}
	rc = saved_check_file(&head, f);
	rc = rc ? rc : saved_read(s, &len, sizeof(len), f);
	if (!rc && len > head.optional_len - sizeof(len)) {
		rc = failure_set(f, -EINVAL,
				 "the file is damaged: its configuration has %u bytes in %u; save "
				 "the guest again",
				 len, head.optional_len);
	}
	if (rc) {
		return rc;
	}
	s->json = head.mandatory & STREAM_FILE_JSON;
	s->config = xcalloc(len + 1, 1);
	rc = saved_read(s, s->config, len, f);
	/* Some writers count the zero at the end. */
	s->config_len = strnlen(s->config, len);
	return rc ? rc : saved_skip(s, head.optional_len - (uint32_t)sizeof(len) - len, f);
}

void saved_free(struct saved *s)
{
	free(s->config);
	free(s->body);
	memset(s, 0, sizeof(*s));
}

/* The next record of libxl's stream that is not passed over. */
static int saved_outer(struct saved *s, struct stream_record *r, struct failure *f)
{
	int rc = 0;

	for (;;) {
		rc = saved_read(s, r, sizeof(*r), f);
		if (rc) {
			return rc;
		}
		if (r->type == STREAM_LIBXL_CONTEXT || r->type == STREAM_LIBXL_END) {
			return r->length ? failure_set(f, -EINVAL,
						       "the file is damaged: record %u of libxl "
						       "has %u bytes; save the guest again",
						       r->type, r->length)
					 : 0;
		}
		/* What a device model knows; there is none behind our disks. */
		if (r->type != STREAM_LIBXL_EMULATOR_STORE &&
		    r->type != STREAM_LIBXL_EMULATOR_CONTEXT && !(r->type & STREAM_OPTIONAL)) {
			return failure_set(f, -EOPNOTSUPP,
					   "it has a record of libxl of the unknown type %#x; only "
					   "files of `save` can be restored",
					   r->type);
		}
		if (r->length > EMULATOR_MAX) {
			return failure_set(f, -EINVAL,
					   "the file is damaged: record %#x of libxl has %u bytes; "
					   "save the guest again",
					   r->type, r->length);
		}
		rc = saved_skip(s, r->length + padding(r->length), f);
		if (rc) {
			return rc;
		}
	}
}

static int saved_enter_libxl(struct saved *s, struct failure *f)
{
	struct stream_libxl head;
	struct stream_record r;
	int rc = saved_read(s, &head, sizeof(head), f);

	if (rc) {
		return rc;
	}
	if (be64toh(head.ident) != STREAM_LIBXL_IDENT ||
	    be32toh(head.version) != STREAM_LIBXL_VERSION || head.options) {
		return failure_set(f, -EINVAL,
				   "its libxl stream is damaged or of another version (%" PRIu32
				   ", options %#" PRIx32 "); version %u is known: save the guest "
				   "with Xen 4.6 or later",
				   be32toh(head.version), be32toh(head.options),
				   STREAM_LIBXL_VERSION);
	}
	rc = saved_outer(s, &r, f);
	if (!rc && r.type != STREAM_LIBXL_CONTEXT) {
		rc = failure_set(f, -EINVAL, "the file has no state of a guest; save it again");
	}
	return rc;
}

static int saved_check_domain(const struct stream_domain *domain, struct failure *f)
{
	if (domain->type != STREAM_DOMAIN_X86_PV) {
		return failure_set(f, -EOPNOTSUPP,
				   domain->type == STREAM_DOMAIN_X86_HVM
					   ? "it is an HVM guest; only PV guests can run here"
					   : "it is not a guest for x86 (type %u); restore it on a "
					     "machine of its kind",
				   domain->type);
	}
	if (domain->page_shift != 12) {
		return failure_set(f, -EINVAL,
				   "the file is damaged: pages of 2^%u bytes; save the guest again",
				   domain->page_shift);
	}
	return 0;
}

int saved_enter(struct saved *s, struct failure *f)
{
	struct stream_domain domain;
	struct stream_image image;
	int rc = saved_enter_libxl(s, f);

	rc = rc ? rc : saved_read(s, &image, sizeof(image), f);
	if (rc) {
		return rc;
	}
	s->version = be32toh(image.version);
	if (image.marker != STREAM_IMAGE_MARKER || be32toh(image.id) != STREAM_IMAGE_ID) {
		return failure_set(f, -EINVAL,
				   "the file is damaged: no state begins after its configuration; "
				   "save the guest again");
	}
	if ((s->version != STREAM_IMAGE_VERSION && s->version != STREAM_IMAGE_VERSION_2) ||
	    be16toh(image.options) & STREAM_IMAGE_BIG_ENDIAN) {
		return failure_set(f, -EOPNOTSUPP,
				   "its state is of version %" PRIu32 ", options %#x; versions 2 "
				   "and 3 are known: save the guest with Xen 4.6 to 4.17",
				   s->version, be16toh(image.options));
	}
	rc = saved_read(s, &domain, sizeof(domain), f);
	return rc ? rc : saved_check_domain(&domain, f);
}

/* After the state: the end of libxl's stream. */
static int saved_leave(struct saved *s, struct failure *f)
{
	struct stream_record r;
	int rc = saved_outer(s, &r, f);

	if (!rc && r.type != STREAM_LIBXL_END) {
		rc = failure_set(f, -EINVAL, "the file is damaged: it has two states; save the "
					     "guest again");
	}
	return rc;
}

int saved_next(struct saved *s, struct saved_record *r, struct failure *f)
{
	struct stream_record head;
	int rc;

	do {
		rc = saved_read(s, &head, sizeof(head), f);
		rc = rc ? rc : saved_check_length(head.type, head.length, f);
		rc = rc ? rc : saved_read_body(s, head.length, f);
		if (rc) {
			return rc;
		}
	} while (head.type >= STREAM_TYPES);
	*r = (struct saved_record){ head.type, head.length, s->body };
	return head.type == STREAM_END ? saved_leave(s, f) : 0;
}
