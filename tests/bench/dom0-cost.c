/* SPDX-License-Identifier: MIT */
/*
 * What a command costs dom0: dom0-cost COMMAND... runs it and prints two numbers to standard
 * error, the nanoseconds that passed and those that dom0 ran meanwhile, everything it did included.
 * The second is the hypervisor's figure, so interrupts and other processes are not forgotten.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xenctrl.h>

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + (unsigned long long)t.tv_nsec;
}

int main(int argc, char **argv)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xc_dominfo_t before, after;
	unsigned long long began, ended;
	int status = -1;
	pid_t pid;

	if (argc < 2 || !xch || xc_domain_getinfo(xch, 0, 1, &before) != 1) {
		fprintf(stderr, "dom0-cost: usage, in dom0: dom0-cost COMMAND...\n");
		return 2;
	}
	began = now();
	pid = fork();
	if (!pid) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	ended = now();
	xc_domain_getinfo(xch, 0, 1, &after);
	fprintf(stderr, "cost %llu %llu\n", ended - began,
		(unsigned long long)(after.cpu_time - before.cpu_time));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
