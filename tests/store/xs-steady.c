/* SPDX-License-Identifier: MIT */
/*
 * A client that must not notice the store dying: it talks through the kernel's own ring
 * (/dev/xen/xenbus), counts in the store in transactions and without, watches its counter, and
 * checks every answer. Meanwhile somebody else kills and restarts the store.
 *
 *   xs-steady NAME SECONDS
 *
 * Prints "steady: N rounds, E events, R retries" and exits 0, or says what was wrong and exits 1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xenstore.h>

static struct xs_handle *xs;
static char base[64];
static unsigned long retries;

static void fail(const char *what)
{
	fprintf(stderr, "steady: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned long number(xs_transaction_t t, const char *leaf)
{
	char path[128], *text;
	unsigned int len;
	unsigned long n;

	snprintf(path, sizeof(path), "%s/%s", base, leaf);
	text = xs_read(xs, t, path, &len);
	if (!text) {
		fail(path);
	}
	n = strtoul(text, NULL, 10);
	free(text);
	return n;
}

static void set(xs_transaction_t t, const char *leaf, unsigned long n)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "%s/%s", base, leaf);
	snprintf(text, sizeof(text), "%lu", n);
	if (!xs_write(xs, t, path, text, (unsigned int)strlen(text))) {
		fail(path);
	}
}

/* Adds one to two counters, together. */
static void count_in_transaction(unsigned long expected)
{
	xs_transaction_t t;

	for (;;) {
		t = xs_transaction_start(xs);
		if (t == XBT_NULL) {
			fail("transaction start");
		}
		if (number(t, "a") != expected || number(t, "b") != expected) {
			errno = 0;
			fail("a counter inside a transaction is wrong");
		}
		set(t, "a", expected + 1);
		set(t, "b", expected + 1);
		if (xs_transaction_end(xs, t, false)) {
			return;
		}
		if (errno != EAGAIN) {
			fail("transaction end");
		}
		retries++;
	}
}

int main(int argc, char **argv)
{
	unsigned long rounds = 0, events = 0;
	time_t end;
	char **event, path[128];
	unsigned int n;

	if (argc != 3) {
		fprintf(stderr, "usage: xs-steady NAME SECONDS\n");
		return 2;
	}
	setenv("XENSTORED_PATH", "/dev/xen/xenbus", 1);
	xs = xs_open(0);
	if (!xs) {
		fail("xs_open");
	}
	snprintf(base, sizeof(base), "/steady/%s", argv[1]);
	snprintf(path, sizeof(path), "%s/c", base);
	set(XBT_NULL, "a", 0);
	set(XBT_NULL, "b", 0);
	if (!xs_watch(xs, path, "token")) {
		fail("watch");
	}
	free(xs_read_watch(xs, &n));
	end = time(NULL) + atoi(argv[2]);
	while (time(NULL) < end) {
		count_in_transaction(rounds);
		rounds++;
		set(XBT_NULL, "c", rounds);
		event = xs_read_watch(xs, &n);
		if (!event || strcmp(event[XS_WATCH_PATH], path)) {
			fail("a wrong event");
		}
		events++;
		free(event);
		if (number(XBT_NULL, "a") != rounds || number(XBT_NULL, "b") != rounds ||
		    number(XBT_NULL, "c") != rounds) {
			errno = 0;
			fail("a counter is wrong");
		}
	}
	printf("steady: %lu rounds, %lu events, %lu retries\n", rounds, events, retries);
	xs_rm(xs, XBT_NULL, base);
	return 0;
}
