/* SPDX-License-Identifier: MIT */
/*
 * A stream of bytes as a stream of page-table operations by several hostile domains: shared by the
 * random test and the fuzz target.
 */
#ifndef TESTS_UNIT_MM_PT_OPS_H
#define TESTS_UNIT_MM_PT_OPS_H

#include <stddef.h>
#include <stdint.h>

/* Once: build the machine. */
void pt_ops_init(void);

/*
 * Run the operations, auditing all domains and TLBs after every `audit_every` of them and at the
 * end; then destroy the domains and check that all memory came back. Aborts on any difference.
 */
void pt_ops_run(const uint8_t *data, size_t n, unsigned int audit_every);

/*
 * How often each operation succeeded and failed so far: the test asserts that it reached
 * everything.
 */
extern unsigned long pt_ops_ok[16], pt_ops_failed[16];

#endif
