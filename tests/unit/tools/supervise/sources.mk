# SPDX-License-Identifier: MIT
#
# The supervisor's pure parts: policies, and the inventory on disk.

UNIT_tools/supervise/test_policy := dom0-tools/supervise/policy.c
UNIT_CFLAGS_tools/supervise/test_policy := -D_GNU_SOURCE -Idom0-tools
UNIT_tools/supervise/test_inventory := $(addprefix dom0-tools/,supervise/inventory.c lib/failure.c \
	lib/log.c lib/xalloc.c)
UNIT_CFLAGS_tools/supervise/test_inventory := -D_GNU_SOURCE -Idom0-tools
UNIT_LIBS_tools/supervise/test_inventory := -ljansson -lz -Wl,--wrap=pread,--wrap=fsync

# The whole supervisor but its processes, in a pretended world.
SUPERVISE_WORLD := tests/unit/tools/supervise/world.c $(addprefix dom0-tools/,$(addprefix supervise/,claim.c \
	event.c inventory.c life.c methods.c methods_device.c methods_look.c metrics.c policy.c \
	record.c server.c watch.c) $(addprefix config/,cpus.c disk.c guest.c keys.c keys_value.c names.c \
	nic.c syntax.c) domain/roster.c $(addprefix lib/,failure.c kernel_cache.c \
	log.c uuid.c xalloc.c))
# What the world pretends of the C library.
SUPERVISE_WRAPS := -Wl,--wrap=getsockopt,--wrap=getgrnam,--wrap=accept4
define supervise-test
UNIT_tools/supervise/$(1) := $$(SUPERVISE_WORLD)
UNIT_CFLAGS_tools/supervise/$(1) := -D_GNU_SOURCE -Idom0-tools -Itests/unit/tools/supervise
UNIT_LIBS_tools/supervise/$(1) := -levent_core -ljansson -lz $$(SUPERVISE_WRAPS)
endef
$(foreach t,test_api test_lives test_metrics,$(eval $(call supervise-test,$(t))))
