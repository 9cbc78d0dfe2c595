/* SPDX-License-Identifier: MIT */
/*
 * Operation streams of hostile domains against the page-type core (see tests/unit/mm/pt_ops.h).
 */
#include "fake.h"
#include "pt_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;

	if (!ready) {
		pt_ops_init();
		fake_quiet(true);
		ready = true;
	}
	pt_ops_run(data, size, 8);
	return 0;
}
