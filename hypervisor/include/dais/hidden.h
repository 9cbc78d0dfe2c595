/* SPDX-License-Identifier: MIT */
/*
 * Included before everything in ring-0 code: nothing is visible outside the image, so that every reference is
 * relative to RIP and no offset table is needed.
 */
#pragma GCC visibility push(hidden)
