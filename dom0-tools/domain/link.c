/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces: see link.h. No state of its own.
 *
 * Who listens may be behind: what is more than its socket holds is lost, answers to requests too.
 * So requests have a socket of their own, and whoever waits for news looks at what is.
 */
#include "domain/link.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"

#define MESSAGE_ROOM 512
#ifndef ANSWER_SECONDS
#define ANSWER_SECONDS 10 /* a request waits for its turn among all changes of interfaces */
#endif

struct message {
	struct nlmsghdr head;
	struct ifinfomsg info;
	char attributes[MESSAGE_ROOM];
};

int link_listen(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc;

	if (fd < 0) {
		return -errno;
	}
	if (bind(fd, (struct sockaddr *)&to, sizeof(to))) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

int link_wait(int socket, const char *name, unsigned int seconds)
{
	struct pollfd fd = { socket, POLLIN, 0 };
	long long end = clock_ms() + seconds * 1000ll, left;
	char buffer[8192];
	unsigned int index;

	/* What the messages say is not looked at: each is a reason to ask again, lost ones too. */
	for (;;) {
		index = if_nametoindex(name);
		if (index) {
			return (int)index;
		}
		left = end - clock_ms();
		if (left <= 0) {
			return -ETIMEDOUT;
		}
		if (poll(&fd, 1, (int)left) > 0 &&
		    recv(socket, buffer, sizeof(buffer), MSG_DONTWAIT) < 0 && errno != EAGAIN &&
		    errno != EINTR && errno != ENOBUFS) {
			return -errno;
		}
	}
}

static void message_add(struct message *m, unsigned short type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)((char *)m + NLMSG_ALIGN(m->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	m->head.nlmsg_len = NLMSG_ALIGN(m->head.nlmsg_len) + (uint32_t)RTA_LENGTH(len);
}

/* A socket that hears only answers, and not for ever. */
static int message_socket(void)
{
	const struct timeval patience = { ANSWER_SECONDS, 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience))) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd < 0 ? -errno : fd;
}

/* Sends a request and waits for its acknowledgement; -ETIMEDOUT when there is none. */
static int message_do(int socket, struct message *m)
{
	static uint32_t sequence;
	union {
		struct nlmsghdr head;
		char bytes[16384];
	} answer;
	struct nlmsghdr *h;
	ssize_t got;

	m->head.nlmsg_seq = ++sequence;
	if (send(socket, m, m->head.nlmsg_len, 0) < 0) {
		return -errno;
	}
	for (;;) {
		got = recv(socket, &answer, sizeof(answer), 0);
		if (got < 0 && errno != EINTR) {
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		}
		for (h = &answer.head; got > 0 && NLMSG_OK(h, (size_t)got);
		     h = NLMSG_NEXT(h, got)) {
			if (h->nlmsg_type == NLMSG_ERROR && h->nlmsg_seq == sequence) {
				return ((struct nlmsgerr *)NLMSG_DATA(h))->error;
			}
		}
	}
}

static void message_begin(struct message *m, int index)
{
	memset(m, 0, sizeof(*m));
	m->head.nlmsg_len = NLMSG_LENGTH(sizeof(m->info));
	m->head.nlmsg_type = RTM_NEWLINK;
	m->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m->info.ifi_family = AF_UNSPEC;
	m->info.ifi_index = index;
}

int link_setup(int index, const char *new_name, const char *alias, uint32_t mtu, int bridge)
{
	int socket = message_socket(), rc = 0;
	struct message m;

	if (socket < 0) {
		return socket;
	}
	/* The name can only change while the interface is down. */
	if (new_name || alias || mtu) {
		message_begin(&m, index);
		if (new_name) {
			message_add(&m, IFLA_IFNAME, new_name, strlen(new_name) + 1);
		}
		if (alias) {
			message_add(&m, IFLA_IFALIAS, alias, strlen(alias) + 1);
		}
		if (mtu) {
			message_add(&m, IFLA_MTU, &mtu, sizeof(mtu));
		}
		rc = message_do(socket, &m);
	}
	if (!rc) {
		message_begin(&m, index);
		m.info.ifi_flags = m.info.ifi_change = IFF_UP;
		message_add(&m, IFLA_MASTER, &bridge, sizeof(bridge));
		rc = message_do(socket, &m);
	}
	close(socket);
	return rc;
}

int link_bridge(const char *name)
{
	char path[64 + IFNAMSIZ];
	unsigned int index = if_nametoindex(name);

	if (!index) {
		return -ENOENT;
	}
	snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", name);
	return access(path, F_OK) ? -EINVAL : (int)index;
}

uint32_t link_mtu(const char *name)
{
	char path[64 + IFNAMSIZ];
	unsigned int mtu = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/mtu", name);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%u", &mtu) != 1) {
			mtu = 0;
		}
		fclose(f);
	}
	return mtu;
}
