/* SPDX-License-Identifier: MIT */
/* The verb `dais stored`. */
#ifndef STORED_MAIN_H
#define STORED_MAIN_H

/* Returns the exit status: 0 stopped by a signal, 1 could not start, 2 bad usage. */
int stored_main(int argc, char **argv);

#endif
