# SPDX-License-Identifier: MIT
#
# The supervisor's pure parts: policies, and the inventory on disk.

UNIT_tools/supervise/test_policy := dom0-tools/supervise/policy.c
UNIT_CFLAGS_tools/supervise/test_policy := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/supervise/test_inventory := $(addprefix dom0-tools/,supervise/inventory.c lib/failure.c \
	lib/log.c lib/xalloc.c)
UNIT_CFLAGS_tools/supervise/test_inventory := -D_GNU_SOURCE -Idom0-tools
UNIT_LIBS_tools/supervise/test_inventory := -ljansson -lz
