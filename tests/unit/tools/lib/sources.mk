# SPDX-License-Identifier: MIT
#
# What all of the tools share.

UNIT_tools/lib/test_xs_client := $(addprefix dom0-tools/,lib/xs_client.c lib/xalloc.c)
UNIT_CFLAGS_tools/lib/test_xs_client := -D_GNU_SOURCE -Idom0-tools
