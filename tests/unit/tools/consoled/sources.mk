# SPDX-License-Identifier: MIT
#
# The console daemon's pure parts.

UNIT_tools/consoled/test_ring := $(addprefix dom0-tools/,consoled/ring.c consoled/history.c lib/xalloc.c)
UNIT_CFLAGS_tools/consoled/test_ring := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/consoled/test_logfile := $(addprefix dom0-tools/,consoled/logfile.c lib/xalloc.c)
UNIT_CFLAGS_tools/consoled/test_logfile := -D_GNU_SOURCE -Idom0-tools
