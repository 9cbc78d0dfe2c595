/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_HV_ALLOC_H
#define TESTS_FAKE_HV_ALLOC_H

void fake_hv_alloc_fail_at(unsigned long n);

#endif
