# SPDX-License-Identifier: MIT
#
# What is written into the store for a domain, changes of CPU policies, core dumps, saved guests' tables and
# registers, network interfaces, taking devices away.

UNIT_tools/domain/test_nodes := $(addprefix dom0-tools/,domain/nodes.c lib/uuid.c lib/xalloc.c)
UNIT_CFLAGS_tools/domain/test_nodes := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/domain/test_cpuid := $(addprefix dom0-tools/,domain/cpuid.c lib/failure.c lib/xalloc.c) \
	tests/unit/tools/domain/no_domctl.c
UNIT_CFLAGS_tools/domain/test_cpuid := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/domain/test_create := $(addprefix dom0-tools/,domain/create.c domain/nodes.c domain/retry.c lib/failure.c \
	lib/uuid.c lib/xalloc.c)
UNIT_CFLAGS_tools/domain/test_create := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/domain/test_dump := $(addprefix dom0-tools/,domain/dump.c domain/p2m.c lib/failure.c lib/xalloc.c)
UNIT_CFLAGS_tools/domain/test_dump := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/domain/test_canonical := $(addprefix dom0-tools/,domain/canonical.c domain/frames.c lib/xalloc.c)
UNIT_CFLAGS_tools/domain/test_canonical := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/domain/test_link := dom0-tools/domain/link.c
UNIT_CFLAGS_tools/domain/test_link := -D_GNU_SOURCE -DANSWER_SECONDS=1 -Idom0-tools
UNIT_LIBS_tools/domain/test_link := -Wl,--wrap=socket,--wrap=send,--wrap=recv,--wrap=if_nametoindex
UNIT_tools/domain/test_device := $(addprefix dom0-tools/,domain/nic.c lib/failure.c lib/xalloc.c)
UNIT_CFLAGS_tools/domain/test_device := -D_GNU_SOURCE -Idom0-tools
