/* SPDX-License-Identifier: MIT */
/*
 * Console rings with a guest that behaves and one that does not; and the history, against a plain
 * stream.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoled/history.h"
#include "consoled/ring.h"

static uint32_t random_state = 7;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static void bytes_arrive_in_order(void **state)
{
	static struct xencons_interface page;
	struct console_ring r;
	uint8_t next_out = 0, expect_out = 0, next_in = 0, expect_in = 0;
	char piece[2048];
	size_t i, n;
	int step;

	(void)state;
	page.out_cons = page.out_prod = 0xfffffff0u;
	console_ring_attach(&r, &page);
	for (step = 0; step < 20000; step++) {
		n = draw(2048 - (page.out_prod - page.out_cons) + 1);
		for (i = 0; i < n; i++) {
			page.out[MASK_XENCONS_IDX(page.out_prod + i, page.out)] = (char)next_out++;
		}
		page.out_prod += (uint32_t)n;
		n = console_ring_read(&r, piece, 1 + draw(sizeof(piece)));
		for (i = 0; i < n; i++) {
			assert_int_equal((uint8_t)piece[i], expect_out++);
		}
		n = draw(1024);
		for (i = 0; i < n; i++) {
			piece[i] = (char)(next_in + i);
		}
		next_in = (uint8_t)(next_in + console_ring_write(&r, piece, n));
		n = draw(page.in_prod - page.in_cons + 1);
		for (i = 0; i < n; i++, page.in_cons++) {
			assert_int_equal((uint8_t)page.in[MASK_XENCONS_IDX(page.in_cons, page.in)],
					 expect_in++);
		}
	}
	assert_int_equal(r.resyncs, 0);
}

static void nonsense_is_skipped(void **state)
{
	static struct xencons_interface page;
	struct console_ring r;
	uint32_t *word = (uint32_t *)(void *)&page;
	char piece[2048];
	int step, k;

	(void)state;
	console_ring_attach(&r, &page);
	for (step = 0; step < 20000; step++) {
		for (k = 0; k < 4; k++) {
			word[sizeof(page) / 4 - 1 - draw(4)] = draw(1u << 24) << draw(9);
		}
		assert_true(console_ring_read(&r, piece, sizeof(piece)) <= sizeof(piece));
		assert_true(console_ring_write(&r, piece, draw(sizeof(piece))) <= sizeof(page.in));
		assert_true(console_ring_room(&r) <= sizeof(page.in));
	}
	assert_true(r.resyncs > 0);
	/* And it recovers. */
	page.out_prod = r.out_cons + 3;
	assert_int_equal(console_ring_read(&r, piece, sizeof(piece)), 3);
}

static void history_keeps_the_end(void **state)
{
	struct history h = { 0 };
	static char piece[5000];
	const char *from;
	uint64_t at[3] = { 0 }, lost, written = 0, i;
	size_t len;
	int step, k;

	(void)state;
	for (step = 0; step < 3000; step++) {
		len = draw(sizeof(piece));
		for (i = 0; i < len; i++) {
			piece[i] = (char)((written + i) * 31 % 251);
		}
		history_add(&h, piece, len);
		written += len;
		for (k = 0; k < 3; k++) {
			if (!draw(k == 2 ? 900 : 2)) {
				continue;
			}
			if (k == 2 && step % 700) {
				continue;
			}
			while ((len = history_peek(&h, &at[k], &from, &lost))) {
				for (i = 0; i < len; i++) {
					assert_int_equal(from[i], (char)((at[k] + i) * 31 % 251));
				}
				at[k] += len;
				assert_true(lost == 0 || k == 2);
			}
			assert_int_equal(at[k], written);
		}
	}
	assert_int_equal(h.kept, HISTORY_MAX);
	assert_int_equal(history_back(&h, 100), written - 100);
	assert_int_equal(history_back(&h, HISTORY_MAX * 2), written - HISTORY_MAX);
	history_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_arrive_in_order),
		cmocka_unit_test(nonsense_is_skipped),
		cmocka_unit_test(history_keeps_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
