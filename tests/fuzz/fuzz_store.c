/* SPDX-License-Identifier: MIT */
/*
 * The store's wire protocol and transactions: the input is a program of requests by dom0, by two
 * guests through their rings, and of scribbling over the ring pages. Requests are made of pieces
 * that make sense now and then; transactions are begun and ended more often than chance would.
 * Afterwards what the store counts must be what it holds, and, when it kept a journal, a store
 * that dies now and begins again must hold the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "stored/wire.h"
#include "world.h"

struct input {
	const uint8_t *at, *end;
};

static uint8_t take(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

/* Pieces that random bytes would take long to form. */
static const char *const words[] = {
	"/",
	"/a",
	"/a/b",
	"/a/b/c",
	"/local/domain/1",
	"/local/domain/1/x",
	"/local/domain/2/x",
	"x",
	"x/y",
	"@releaseDomain",
	"@introduceDomain",
	"1",
	"2",
	"3",
	"T",
	"F",
	"n1",
	"r2",
	"b0",
	"n0",
	"token",
	"quota",
	"set",
	"nodes",
	"9",
	"check",
	"0",
	"4294967295",
	"",
	"/local/domain/1/x/y/z",
};

/* A payload of words and raw bytes. */
static size_t payload_make(struct input *in, char *to)
{
	size_t len = 0, n;
	uint8_t pieces = take(in) % 6, what;

	while (pieces--) {
		what = take(in);
		if (what < 0xe0) {
			const char *word = words[what % (sizeof(words) / sizeof(words[0]))];

			n = strlen(word) + 1;
			memcpy(to + len, word, n);
		} else {
			n = take(in) % 64;
			n = n < (size_t)(in->end - in->at) ? n : (size_t)(in->end - in->at);
			memcpy(to + len, in->at, n);
			in->at += n;
		}
		len += n;
	}
	return len;
}

static struct mailbox dom0, guest;

/* None, or one of the last that were begun. */
static uint32_t transaction_pick(struct input *in, const struct conn *c)
{
	uint8_t n = take(in) % 8;

	return n < 3 ? 0 : c->last_transaction - (n - 3u);
}

static void step_transaction(struct input *in, struct mailbox *m)
{
	struct xsd_sockmsg header = { .type = XS_TRANSACTION_START, .len = 1 };
	uint8_t what = take(in) % 8;

	if (what >= 3) {
		header.type = XS_TRANSACTION_END;
		header.tx_id = m->conn->last_transaction - take(in) % 3u;
		header.len = 2;
	}
	wire_request(world.st, m->conn, &header, what < 3 ? "" : what < 7 ? "T" : "F");
	stored_publish(world.st);
	m->len = 0;
}

static void step_client(struct input *in, struct mailbox *m)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg header = { .type = take(in) % 26 };

	header.tx_id = transaction_pick(in, m->conn);
	header.len = (uint32_t)payload_make(in, payload);
	wire_request(world.st, m->conn, &header, payload);
	stored_publish(world.st);
	m->len = 0;
}

static void step_ring(struct input *in)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	uint32_t domid = 1 + take(in) % 2, type = take(in) % 26, tx = take(in) % 5;
	struct xenstore_domain_interface *page = &world.page[domid];
	size_t len = payload_make(in, payload);

	if (!domain_find(world.st, domid)) {
		domain_introduce(world.st, domid, 1, 1);
	}
	/* A page that was scribbled on is used no further than a guest's own code would. */
	if (page->req_prod - page->req_cons <= XENSTORE_RING_SIZE) {
		guest_send(domid, type, tx, payload, len);
	}
	world_settle();
	if (page->rsp_prod - page->rsp_cons <= XENSTORE_RING_SIZE && take(in) % 2) {
		page->rsp_cons = page->rsp_prod;
	}
}

static void step_scribble(struct input *in)
{
	uint32_t domid = 1 + take(in) % 2;
	uint8_t *page = (uint8_t *)&world.page[domid];
	size_t at = (take(in) << 8 | take(in)) % sizeof(world.page[0]);

	page[at] = take(in);
	if (domain_find(world.st, domid)) {
		conn_wake(world.st, domain_find(world.st, domid)->conn);
	}
	world_settle();
}

static int64_t counted[8];

static void recount(const char *path, const struct node *n, void *arg)
{
	uint64_t *mask = arg;

	(void)path;
	if (n->perms->list[0].domid < 8) {
		counted[n->perms->list[0].domid]++;
	}
	*mask |= perms_mask(n->perms);
}

static void judge(void)
{
	uint64_t mask = 0;
	uint32_t i;

	memset(counted, 0, sizeof(counted));
	store_walk(world.st->root, "/", 0, recount, &mask);
	if (mask & ~world.st->root->domids) {
		abort();
	}
	for (i = 0; i < 8; i++) {
		if (usage_of(&world.st->usage, (uint16_t)i)->nodes != counted[i]) {
			abort();
		}
	}
}

/* The power fails, and comes back. */
static void judge_journal(const char *journal)
{
	char *before = world_dump(), *after;

	world_crash();
	if (world_resume(journal) < 0) {
		abort();
	}
	after = world_dump();
	if (strcmp(before, after)) {
		fprintf(stderr, "before:\n%s\nafter:\n%s\n", before, after);
		abort();
	}
	free(before);
	free(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in = { bytes, bytes + len };
	bool keeps = take(&in) & 1;
	char journal[64];
	uint8_t what;

	world_begin();
	log_set_level(LOG_LEVEL_NONE);
	snprintf(journal, sizeof(journal), "%s/fuzz-store-%d",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", (int)getpid());
	if (keeps && state_open(world.st, journal)) {
		abort();
	}
	client_open(&dom0, 0);
	client_open(&guest, 1);
	do_op(&dom0, XS_MKDIR, 0, "/local/domain/1");
	do_op(&dom0, XS_SET_PERMS, 0, "/local/domain/1", "n1");
	while (in.at < in.end) {
		what = take(&in);
		if (what < 80) {
			step_client(&in, &dom0);
		} else if (what < 110) {
			step_transaction(&in, &dom0);
		} else if (what < 145) {
			step_client(&in, &guest);
		} else if (what < 160) {
			step_transaction(&in, &guest);
		} else if (what < 230) {
			step_ring(&in);
		} else {
			step_scribble(&in);
		}
	}
	judge();
	client_close(&dom0);
	client_close(&guest);
	if (keeps) {
		world_settle();
		judge_journal(journal);
		judge();
	}
	world_end();
	unlink(journal);
	return 0;
}
