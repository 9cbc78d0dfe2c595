# SPDX-License-Identifier: MIT
#
# Saved guests: what their files may hold, and giving it to a domain of a pretended hypervisor.

RESTORE_WORLD := $(addprefix tests/unit/tools/restore/,sample.c world.c) $(addprefix dom0-tools/lib/,domain_pages.c \
	failure.c localise.c restorer.c restorer_info.c restorer_memory.c restorer_vcpu.c saved.c saved_body.c \
	xalloc.c)
define restore-test
UNIT_tools/restore/$(1) := $$(RESTORE_WORLD)
UNIT_CFLAGS_tools/restore/$(1) := -D_GNU_SOURCE -Idom0-tools -Itests/unit/tools/restore
endef
$(foreach t,test_saved test_restorer test_localise,$(eval $(call restore-test,$(t))))
