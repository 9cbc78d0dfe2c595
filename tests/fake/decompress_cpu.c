/* SPDX-License-Identifier: MIT */
/* A host process may use its FPU: nothing to prepare for the decompression libraries. */
#include <dais/decompress.h>

void decompress_cpu_begin(struct decompress_cpu *saved)
{
	*saved = (struct decompress_cpu){ 0 };
}

void decompress_cpu_end(const struct decompress_cpu *saved)
{
	(void)saved;
}
