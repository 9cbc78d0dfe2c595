/* SPDX-License-Identifier: MIT */
/*
 * The console verb: lends the terminal to a guest. The console daemon's socket is tried first, so
 * that several people can look at once; with another console daemon it is the pty that it names
 * in the store. Owns the terminal's settings while it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "domain/store.h"

#define SOCKET_PATH "/run/dais/console"
#define LEAVE       0x1d /* Ctrl-] */
#define TTY_SECONDS 15

static struct termios terminal_was;
static bool terminal_raw;

static void terminal_restore(void)
{
	if (terminal_raw) {
		tcsetattr(0, TCSANOW, &terminal_was);
		terminal_raw = false;
	}
}

static void terminal_end(int signal_number)
{
	terminal_restore();
	_exit(128 + signal_number);
}

static void terminal_take(void)
{
	struct termios raw;

	if (tcgetattr(0, &terminal_was)) {
		return; /* input comes from a file or pipe */
	}
	raw = terminal_was;
	cfmakeraw(&raw);
	terminal_raw = !tcsetattr(0, TCSANOW, &raw);
	atexit(terminal_restore);
	signal(SIGTERM, terminal_end);
	signal(SIGHUP, terminal_end);
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, bytes, len);
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			return false;
		}
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* Both ways until the guest's side ends, or Ctrl-] or end of input on ours. */
static int relay(int fd)
{
	struct pollfd fds[2] = { { fd, POLLIN, 0 }, { 0, POLLIN, 0 } };
	char buffer[4096], *leave;
	ssize_t n;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR) {
			return EXIT_FAILED;
		}
		if (fds[0].revents) {
			n = read(fd, buffer, sizeof(buffer));
			if (n <= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR))) {
				return 0;
			}
			if (n > 0 && !write_all(1, buffer, (size_t)n)) {
				return 0;
			}
		}
		if (fds[1].revents) {
			n = read(0, buffer, sizeof(buffer));
			leave = n > 0 ? memchr(buffer, LEAVE, (size_t)n) : NULL;
			if (n <= 0) {
				fds[1].fd = -1; /* no more input; go on watching */
			} else if (!write_all(fd, buffer,
					      leave ? (size_t)(leave - buffer) : (size_t)n) ||
				   leave) {
				return 0;
			}
		}
	}
}

/* One line of the daemon's answer. */
static bool answer_ok(int fd, char *line, size_t room)
{
	size_t len = 0;

	while (len + 1 < room && read(fd, line + len, 1) == 1 && line[len] != '\n') {
		len++;
	}
	line[len] = 0;
	return !strncmp(line, "ok ", 3);
}

/* A descriptor, -ENOENT when the daemon has no such guest, -ECONNREFUSED without a daemon. */
static int attach_socket(uint32_t domid)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = SOCKET_PATH };
	char line[256];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		if (fd >= 0) {
			close(fd);
		}
		return -ECONNREFUSED;
	}
	n = snprintf(line, sizeof(line), "attach %u\n", domid);
	if (!write_all(fd, line, (size_t)n) || !answer_ok(fd, line, sizeof(line))) {
		close(fd);
		return -ENOENT;
	}
	return fd;
}

static int tty_ready(struct xs_client *xs, void *arg)
{
	char **tty = arg;

	free(*tty);
	*tty = xs_client_read(xs, 0, tty[1]);
	return *tty && **tty;
}

static int attach_tty(struct toolstack *t, uint32_t domid, struct failure *f)
{
	char path[64], *tty[2] = { NULL, path };
	int fd, rc;

	snprintf(path, sizeof(path), "/local/domain/%u/console/tty", domid);
	rc = store_wait(t->xs, path, TTY_SECONDS, tty_ready, tty);
	if (rc < 0) {
		free(tty[0]);
		return failure_set(f, rc, "domain %u has no console; is `dais consoled` running?",
				   domid);
	}
	fd = open(tty[0], O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		failure_set(f, -errno, "cannot open %s: %s", tty[0], strerror(errno));
	}
	free(tty[0]);
	return fd;
}

int cli_console(const char *what)
{
	struct failure f = { 0 };
	struct toolstack t;
	uint32_t domid;
	int fd, rc = cli_open_domain(&t, what, &domid), tries = 0;

	if (rc) {
		return rc;
	}
	/* Right after creation the daemon may not have met the guest yet. */
	do {
		fd = attach_socket(domid);
		if (fd == -ENOENT) {
			poll(NULL, 0, 50);
		}
	} while (fd == -ENOENT && ++tries < 100);
	if (fd < 0) {
		fd = attach_tty(&t, domid, &f);
	}
	toolstack_close(&t);
	if (fd < 0) {
		return cli_fail(&f);
	}
	terminal_take();
	rc = relay(fd);
	terminal_restore();
	close(fd);
	return rc;
}

int verb_console(int argc, char **argv)
{
	int c, status = 0;

	while ((c = cli_option(argc, argv, "t:n:", NULL, NULL, &status)) >= 0) {
		/* -t pv and -n 0 are the only console there is. */
		if ((c == 't' && strcmp(optarg, "pv")) || (c == 'n' && strcmp(optarg, "0"))) {
			return cli_error("guests have one console, of type pv and number 0");
		}
	}
	if (c == -2 || (status = cli_arguments(argc, 1, 1))) {
		return status;
	}
	return cli_console(argv[optind]);
}
