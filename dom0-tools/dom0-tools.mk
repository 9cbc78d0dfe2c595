# SPDX-License-Identifier: MIT
#
# The toolstack: `make tools` links $(O)/dom0-tools/dais from every .c file of the folders below,
# against Debian's libxen* and libevent. A new file in one of them is built by being there.

O ?= build
TOOLS_CC ?= $(CC)

TOOLS_DIRS := cli config consoled domain lib stored supervise
TOOLS_SRC := $(wildcard $(TOOLS_DIRS:%=dom0-tools/%/*.c))
# What builds dom0 in the hypervisor builds all other domains here.
TOOLS_SHARED := bzimage decompress elf elf_notes lz4 payload pvlayout
TOOLS_OBJ := $(TOOLS_SRC:dom0-tools/%.c=$(O)/dom0-tools/obj/%.o) \
	$(TOOLS_SHARED:%=$(O)/dom0-tools/obj/shared/%.o)
TOOLS_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -fstack-protector-strong \
	-D_FORTIFY_SOURCE=2 -fPIE -Idom0-tools -Ihypercalls/include -Ihypervisor/include -MMD -MP
TOOLS_LIBS := -lxencall -lxenevtchn -lxenforeignmemory -lxengnttab -lxenstore -levent_core -lutil \
	-ljansson -llzma -lzstd -lz

# The manual page and the completion come from the table of verbs.
TOOLS_DOCS := $(O)/dom0-tools/dais.1 $(O)/dom0-tools/completion/dais

.PHONY: tools
tools: $(O)/dom0-tools/dais $(TOOLS_DOCS)

$(O)/dom0-tools/dais.1: $(O)/dom0-tools/dais
	@$< manual > $@

$(O)/dom0-tools/completion/dais: $(O)/dom0-tools/dais
	@mkdir -p $(@D)
	@$< completion bash > $@

$(O)/dom0-tools/dais: $(TOOLS_OBJ)
	@echo "  LINK    $@"
	@$(TOOLS_CC) -pie -Wl,-z,relro,-z,now -o $@ $^ $(TOOLS_LIBS)

$(O)/dom0-tools/obj/%.o: dom0-tools/%.c
	@mkdir -p $(@D)
	@echo "  TOOLCC  $<"
	@$(TOOLS_CC) $(TOOLS_CFLAGS) -c -o $@ $<

$(O)/dom0-tools/obj/shared/%.o: hypervisor/lib/%.c
	@mkdir -p $(@D)
	@echo "  TOOLCC  $<"
	@$(TOOLS_CC) $(TOOLS_CFLAGS) -c -o $@ $<

-include $(TOOLS_OBJ:.o=.d)

# What tests/fuzz/fuzz_store.c is linked with.
FUZZ_store := $(addprefix dom0-tools/,$(addprefix stored/,conn.c control.c deps.c domain.c journal.c \
	ops_conn.c ops_domain.c ops_node.c outq.c path.c perms.c quota.c ring.c state.c state_load.c \
	store.c stored.c transaction.c view.c watch.c wire.c) $(addprefix lib/,hash.c log.c xalloc.c)) \
	tests/unit/tools/stored/world.c
FUZZ_LIBS_store := -D_GNU_SOURCE -Idom0-tools -Itests/unit/tools/stored

# And tests/fuzz/fuzz_config.c.
FUZZ_config := $(addprefix dom0-tools/,$(addprefix config/,cpus.c disk.c guest.c keys.c keys_value.c \
	names.c nic.c syntax.c) $(addprefix lib/,failure.c uuid.c xalloc.c))
FUZZ_LIBS_config := -D_GNU_SOURCE -Idom0-tools

$(O)/tests/fuzz/seeds/config/.done: $(wildcard dom0-tools/examples/*.cfg)
	@mkdir -p $(@D)
	@for f in $^; do cp $$f $(@D)/; done; touch $@

# Programs that exercise a running store from dom0; see tests/store.
STORE_TESTS := $(patsubst tests/store/%.c,$(O)/dom0-tools/tests/%,$(wildcard tests/store/*.c))
.PHONY: store-tests
store-tests: $(STORE_TESTS)
$(O)/dom0-tools/tests/%: tests/store/%.c
	@mkdir -p $(@D)
	@echo "  TOOLCC  $<"
	@$(TOOLS_CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o $@ $< -lxenstore
