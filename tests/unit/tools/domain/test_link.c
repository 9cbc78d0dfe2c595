/* SPDX-License-Identifier: MIT */
/*
 * Requests to a pretended kernel, which may say no, say other things first, or say nothing; and
 * waiting for an interface while messages are lost.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "domain/link.h"

#define INDEX 7

/*
 * kernel     its end of the socket that a request was sent by
 * error      what it answers; silent: nothing. noise: something else comes before
 * overruns   how often recv() is to say that messages were lost
 * looks      until the interface is there
 */
static struct {
	int kernel, error, overruns, looks;
	bool silent, noise;
	unsigned int requests;
} world;

int __wrap_socket(int domain, int type, int protocol)
{
	int pair[2];

	assert_int_equal(domain, AF_NETLINK);
	assert_int_equal(protocol, NETLINK_ROUTE);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | (type & SOCK_CLOEXEC), 0, pair), 0);
	world.kernel = pair[1];
	return pair[0];
}

static void answer(uint32_t type, uint32_t sequence, int error)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} m = { { sizeof(m), (uint16_t)type, 0, sequence, 0 }, { .error = error } };

	assert_int_equal(write(world.kernel, &m, sizeof(m)), sizeof(m));
}

ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
	const struct nlmsghdr *head = bytes;

	(void)fd;
	(void)flags;
	assert_int_equal(head->nlmsg_type, RTM_NEWLINK);
	assert_int_equal(head->nlmsg_len, len);
	assert_true(head->nlmsg_flags & NLM_F_ACK);
	world.requests++;
	if (world.noise) {
		answer(RTM_NEWLINK, head->nlmsg_seq, 0);
		answer(NLMSG_ERROR, head->nlmsg_seq - 1, -EPERM);
	}
	if (!world.silent) {
		answer(NLMSG_ERROR, head->nlmsg_seq, world.error);
	}
	return (ssize_t)len;
}

ssize_t __real_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags)
{
	if (world.overruns) {
		world.overruns--;
		errno = ENOBUFS;
		return -1;
	}
	return __real_recv(fd, bytes, len, flags);
}

unsigned int __wrap_if_nametoindex(const char *name)
{
	assert_string_equal(name, "vif5.0");
	return world.looks-- > 0 ? 0 : INDEX;
}

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	return 0;
}

/* And the socket is closed again. */
static int setup_link(void)
{
	int fd = open("/dev/null", O_RDONLY), rc, again;

	close(fd);
	rc = link_setup(INDEX, "name", "alias", 1500, 3);
	close(world.kernel);
	again = open("/dev/null", O_RDONLY);
	close(again);
	assert_int_equal(fd, again);
	return rc;
}

static void two_requests(void **state)
{
	(void)state;
	assert_int_equal(setup_link(), 0);
	assert_int_equal(world.requests, 2);
	world.noise = true;
	assert_int_equal(setup_link(), 0);
	assert_int_equal(world.requests, 4);
}

static void an_error_is_the_end(void **state)
{
	(void)state;
	world.error = -EEXIST;
	assert_int_equal(setup_link(), -EEXIST);
	assert_int_equal(world.requests, 1);
}

static void a_lost_answer_is_not_waited_for(void **state)
{
	(void)state;
	world.silent = true;
	assert_int_equal(setup_link(), -ETIMEDOUT);
	assert_int_equal(world.requests, 1);
}

static void lost_news_are_a_reason_to_look(void **state)
{
	int pair[2];
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	assert_int_equal(write(pair[1], "x", 1), 1);
	world.overruns = 1;
	world.looks = 1;
	assert_int_equal(link_wait(pair[0], "vif5.0", 1), INDEX);
	/* No news at all. */
	assert_int_equal(__real_recv(pair[0], &byte, 1, 0), 1);
	world.looks = 100;
	assert_int_equal(link_wait(pair[0], "vif5.0", 1), -ETIMEDOUT);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(two_requests, setup),
		cmocka_unit_test_setup(an_error_is_the_end, setup),
		cmocka_unit_test_setup(a_lost_answer_is_not_waited_for, setup),
		cmocka_unit_test_setup(lost_news_are_a_reason_to_look, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
