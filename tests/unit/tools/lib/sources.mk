# SPDX-License-Identifier: MIT
#
# What all of the tools share.

UNIT_tools/lib/test_xs_client := $(addprefix dom0-tools/,lib/xs_client.c lib/xalloc.c)
UNIT_CFLAGS_tools/lib/test_xs_client := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/lib/test_kernel_cache := $(addprefix dom0-tools/lib/,kernel_cache.c daemon.c)
UNIT_CFLAGS_tools/lib/test_kernel_cache := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/lib/test_stream_write := dom0-tools/lib/stream_write.c
UNIT_CFLAGS_tools/lib/test_stream_write := -D_GNU_SOURCE -Idom0-tools
