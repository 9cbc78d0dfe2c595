/* SPDX-License-Identifier: MIT */
/* A test's conversation with the supervisor of the pretended world: one client, as whom it likes. */
#ifndef SESSION_H
#define SESSION_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "world.h"

#define CONFIG "name = 'web'\nkernel = '/boot/vmlinuz'\nmemory = 256\n"

static struct talker t; /* who talks to the supervisor */

static inline int setup(void **state)
{
	(void)state;
	world_begin();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	if (world.job) {
		world_job_ends(NULL, -EINTR, "the test is over");
	}
	talker_close(&t);
	world_end();
	return 0;
}

static inline void be(unsigned int uid, unsigned int gid, unsigned int group)
{
	world.uid = uid;
	world.gid = gid;
	world.groups[0] = group;
	world.group_count = !!group;
	talker_open(&t);
}

static inline void say(const char *text)
{
	talker_send(&t, text, strlen(text));
}

static inline void be_root(void)
{
	be(0, 0, 0);
}

static inline size_t record_count(void)
{
	struct record *r;
	size_t n = 0;

	LIST_FOREACH(r, &world.s.records, link)
	{
		n++;
	}
	return n;
}

static inline void define(const char *config)
{
	assert_int_equal(talker_errno(&t, "define", json_pack("{s:s}", "config", config)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
