/* SPDX-License-Identifier: MIT */
/*
 * Sends a control command to the store and prints the answer: xs-ask COMMAND [ARGUMENT...]
 */
#include <stdio.h>
#include <string.h>
#include <xenstore.h>

int main(int argc, char **argv)
{
	struct xs_handle *xs = xs_open(0);
	char text[4096] = "", *reply;
	unsigned int len = 0;
	int i;

	for (i = 2; i < argc && len + strlen(argv[i]) + 1 < sizeof(text); i++) {
		strcpy(text + len, argv[i]);
		len += (unsigned int)strlen(argv[i]) + 1;
	}
	if (argc < 2 || !xs) {
		fprintf(stderr, "xs-ask: usage: xs-ask COMMAND [ARGUMENT...]\n");
		return 2;
	}
	reply = xs_control_command(xs, argv[1], text, len);
	if (!reply) {
		perror("xs-ask");
		return 1;
	}
	puts(reply);
	return 0;
}
