/* SPDX-License-Identifier: MIT */
/* The supervisor as a verb of `dais`. */
#ifndef SUPERVISE_MAIN_H
#define SUPERVISE_MAIN_H

int supervise_main(int argc, char **argv);

#endif
