# SPDX-License-Identifier: MIT
#
# The store's pure parts with a pretended hypervisor.

STORED_UNDER_TEST := $(addprefix dom0-tools/stored/,conn.c control.c deps.c domain.c journal.c ops_conn.c \
	ops_domain.c ops_node.c outq.c path.c perms.c quota.c ring.c state.c state_load.c store.c stored.c \
	transaction.c view.c watch.c wire.c) $(addprefix dom0-tools/lib/,hash.c log.c xalloc.c)

STORED_TESTS := test_journal test_ring test_store test_transaction test_wire

define stored-test
UNIT_tools/stored/$(1) := $$(STORED_UNDER_TEST) tests/unit/tools/stored/world.c
UNIT_CFLAGS_tools/stored/$(1) := -D_GNU_SOURCE -Idom0-tools
endef
$(foreach t,$(STORED_TESTS),$(eval $(call stored-test,$(t))))
