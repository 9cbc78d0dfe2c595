/* SPDX-License-Identifier: MIT */
/* The verb `dais consoled`. */
#ifndef CONSOLED_MAIN_H
#define CONSOLED_MAIN_H

/* Returns the exit status: 0 stopped by a signal, 1 could not start, 2 bad usage. */
int consoled_main(int argc, char **argv);

#endif
