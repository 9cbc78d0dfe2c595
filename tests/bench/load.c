/* SPDX-License-Identifier: MIT */
/*
 * The workloads of tests/bench/workloads, one static program for dom0 and guests:
 *
 *	load forkexec N		N times fork, exec of this program, wait
 *	load pipe N		N round trips of a byte between two processes
 *	load faults N		N children that map, touch, copy on write, protect and unmap memory
 *	load disk PATH MODE	MODE seqwrite|seqread|randwrite|randread, O_DIRECT, 16 MB or 1000 blocks
 *	load now		the clock, in ns
 *
 * Prints one number: nanoseconds for each operation (disk: for each megabyte or block).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MB		(1UL << 20)
#define PAGE		4096UL
#define DISK_MB		16UL
#define DISK_BLOCKS	1000UL
#define HEAP		(4 * MB)

static const char *self;

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static pid_t start(void (*fn)(void *), void *arg)
{
	pid_t pid = fork();

	if (pid < 0) {
		die("fork");
	}
	if (pid == 0) {
		fn(arg);
		_exit(0);
	}
	return pid;
}

static void finish(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "load: a child failed (status %d)\n", status);
		exit(1);
	}
}

/* --- forkexec --- */

static void child_exec(void *arg)
{
	(void)arg;
	execl(self, self, "nothing", (char *)NULL);
	_exit(1);
}

static void load_forkexec(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		finish(start(child_exec, NULL));
	}
}

/* --- pipe --- */

static int there[2], back[2];

static void child_echo(void *arg)
{
	char c;

	(void)arg;
	close(there[1]);
	while (read(there[0], &c, 1) == 1) {
		if (write(back[1], &c, 1) != 1) {
			_exit(1);
		}
	}
}

static void load_pipe(unsigned long n)
{
	pid_t pid;
	char c = 'x';

	if (pipe(there) || pipe(back)) {
		die("pipe");
	}
	pid = start(child_echo, NULL);
	for (unsigned long i = 0; i < n; i++) {
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1) {
			die("pipe");
		}
	}
	close(there[1]);
	finish(pid);
}

/* --- faults: what a compiler does to its address space --- */

static char *heap;

static void touch(char *p, unsigned long size)
{
	for (unsigned long at = 0; at < size; at += PAGE) {
		p[at]++;
	}
}

static void child_compile(void *arg)
{
	char *fresh, *image;
	int fd = open(self, O_RDONLY);

	(void)arg;
	touch(heap, HEAP);			/* copied on write */
	fresh = mmap(NULL, HEAP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	image = mmap(NULL, 512 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (fd < 0 || fresh == MAP_FAILED || image == MAP_FAILED) {
		_exit(1);
	}
	touch(fresh, HEAP);
	touch(image, 512 << 10);
	for (unsigned long at = 0; at < HEAP; at += 64 * PAGE) {
		if (mprotect(fresh + at, 32 * PAGE, PROT_READ)) {
			_exit(1);
		}
	}
	if (munmap(fresh, HEAP) || munmap(image, 512 << 10)) {
		_exit(1);
	}
}

static void load_faults(unsigned long n)
{
	heap = mmap(NULL, HEAP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (heap == MAP_FAILED) {
		die("mmap");
	}
	touch(heap, HEAP);
	for (unsigned long i = 0; i < n; i++) {
		finish(start(child_compile, NULL));
	}
}

/* --- disk --- */

static void disk_one(int fd, int write_it, char *buffer, unsigned long size, unsigned long at)
{
	ssize_t done = write_it ? pwrite(fd, buffer, size, (off_t)at)
				: pread(fd, buffer, size, (off_t)at);

	if (done != (ssize_t)size) {
		die("disk");
	}
}

/* Returns how many operations one figure is divided by. */
static unsigned long load_disk(const char *path, const char *mode)
{
	int write_it = strstr(mode, "write") != NULL, sequential = !strncmp(mode, "seq", 3);
	int fd = open(path, (write_it ? O_RDWR : O_RDONLY) | O_DIRECT);
	char *buffer = aligned_alloc(PAGE, MB);
	unsigned long seed = 12345;

	if (fd < 0 || !buffer) {
		die(path);
	}
	memset(buffer, 0x5a, MB);
	for (unsigned long i = 0; sequential && i < DISK_MB; i++) {
		disk_one(fd, write_it, buffer, MB, i * MB);
	}
	for (unsigned long i = 0; !sequential && i < DISK_BLOCKS; i++) {
		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		disk_one(fd, write_it, buffer, PAGE, (seed >> 33) % (DISK_MB * MB / PAGE) * PAGE);
	}
	if (write_it && fdatasync(fd)) {
		die("fdatasync");
	}
	return sequential ? DISK_MB : DISK_BLOCKS;
}

/* --- */

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*fn)(unsigned long n);
	} loads[] = { { "forkexec", load_forkexec }, { "pipe", load_pipe }, { "faults", load_faults } };
	const char *name = argc > 1 ? argv[1] : "";
	uint64_t begin = now();
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	self = "/proc/self/exe";
	if (!strcmp(name, "nothing")) {
		return 0;
	}
	if (!strcmp(name, "now")) {
		printf("%lu\n", (unsigned long)begin);
		return 0;
	}
	for (unsigned long i = 0; n && i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (!strcmp(name, loads[i].name)) {
			loads[i].fn(n);
			printf("%lu\n", (unsigned long)(now() - begin) / n);
			return 0;
		}
	}
	if (!strcmp(name, "disk") && argc == 4) {
		n = load_disk(argv[2], argv[3]);
		printf("%lu\n", (unsigned long)(now() - begin) / n);
		return 0;
	}
	fprintf(stderr, "usage: load now | forkexec N | pipe N | faults N | disk PATH MODE\n");
	return 2;
}
