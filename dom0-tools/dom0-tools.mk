# SPDX-License-Identifier: MIT
#
# The toolstack: `make tools` links $(O)/dom0-tools/dais from every .c file of the folders below,
# against Debian's libxen* and libevent. A new file in one of them is built by being there.

O ?= build
TOOLS_CC ?= $(CC)

TOOLS_DIRS := cli config consoled domain lib stored supervise
TOOLS_SRC := $(wildcard $(TOOLS_DIRS:%=dom0-tools/%/*.c))
# What builds dom0 in the hypervisor builds all other domains here.
TOOLS_SHARED := bzimage decompress elf elf_notes lz4 pvlayout
TOOLS_OBJ := $(TOOLS_SRC:dom0-tools/%.c=$(O)/dom0-tools/obj/%.o) \
	$(TOOLS_SHARED:%=$(O)/dom0-tools/obj/shared/%.o)
TOOLS_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -fstack-protector-strong \
	-D_FORTIFY_SOURCE=2 -fPIE -Idom0-tools -Ihypercalls/include -Ihypervisor/include -MMD -MP
# Debian's libraries go into the program: loading a dozen of them is half of what `dais list` costs.
TOOLS_LIBS := -Wl,-Bstatic -lxencall -lxenevtchn -lxenforeignmemory -lxengnttab -lxentoollog \
	-lxentoolcore -levent_core -ljansson -llzma -lzstd -lz -Wl,-Bdynamic -lutil

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

# Transactions: one that is committed, two that conflict, one of a guest.
$(O)/tests/fuzz/seeds/store/.done: dom0-tools/dom0-tools.mk
	@mkdir -p $(@D)
	@printf '\1\144\0\0\13\3\2\1\7\144\3\0\0\2\0\1\1' >$(@D)/commit
	@printf '\0\144\0\0\2\3\1\1\144\0\0\13\3\2\1\7\144\3\0\144\3\1' >$(@D)/conflict
	@printf '\1\237\0\156\13\3\2\5\7\237\3\0\0\13\0\2\2\7' >$(@D)/guest; touch $@

# And tests/fuzz/fuzz_config.c.
FUZZ_config := $(addprefix dom0-tools/,$(addprefix config/,cpus.c disk.c guest.c keys.c keys_value.c \
	names.c nic.c syntax.c) $(addprefix lib/,failure.c uuid.c xalloc.c))
FUZZ_LIBS_config := -D_GNU_SOURCE -Idom0-tools

$(O)/tests/fuzz/seeds/config/.done: $(wildcard dom0-tools/examples/*.cfg)
	@mkdir -p $(@D)
	@for f in $^; do cp $$f $(@D)/; done; touch $@

# fuzz_api.c, fuzz_inventory.c: the supervisor in the pretended world of its unit tests.
FUZZ_api = $(SUPERVISE_WORLD)
FUZZ_LIBS_api = -D_GNU_SOURCE -Idom0-tools -Itests/unit/tools/supervise -levent_core -ljansson -lz \
	$(SUPERVISE_WRAPS)
FUZZ_inventory = $(FUZZ_api)
FUZZ_LIBS_inventory = $(FUZZ_LIBS_api)

# Lives of guests: made, run, ended by themselves or destroyed, defined and started again.
$(O)/tests/fuzz/seeds/api/.done: dom0-tools/dom0-tools.mk
	@mkdir -p $(@D)
	@printf '\0\0\0\0\0\7\202\062\264\1\1\264\1\1\202\062\364\0\0\0\0\0\2' >$(@D)/create
	@printf '\0\0\0\1\1\10\0\0\1\1\12\202\310\350\0\0\1\1\14' >$(@D)/define
	@printf '\0\0\0\2\2\7\202\062\264\1\1\264\1\3\264\1\200\350\0\0\2\0\4' >$(@D)/crash
	@printf '\310\170\036{"id":1,"method":"list"}\n\n\n\n\n\n\n' >$(@D)/raw; touch $@
$(O)/tests/fuzz/seeds/inventory/.done: dom0-tools/dom0-tools.mk
	@mkdir -p $(@D)
	@printf '%s\n' '+{"key":"boot","value":"1"}' '+{"key":"domain/1","value":{"uuid":"4f192fc4-89b9-4d71-8669-a900cb7461a4","name":"a","defined":true,"autostart":false,"order":50,"wanted":true,"building":false,"soon":0,"last_reason":-1,"last_end":0,"config":"name=\"a\"\nkernel=\"/k\"","where":"a.cfg","cwd":"/"}}' '+{"key":"domain/1","value":null}' >$(@D)/seed; touch $@
$(O)/tests/fuzz/seeds/console/.done: dom0-tools/dom0-tools.mk
	@mkdir -p $(@D)
	@printf '\377\377\377\360\0\0\0\0\0\40\106\20\214\0\100\0\100\106\377\214\0\377' >$(@D)/print
	@printf '\0\0\0\0\0\0\0\0\264\100\101\322\346\1\177\0\0\0\106\100' >$(@D)/type; touch $@

# fuzz_console.c
FUZZ_console := $(addprefix dom0-tools/,consoled/ring.c consoled/history.c lib/xalloc.c)
FUZZ_LIBS_console := -D_GNU_SOURCE -Idom0-tools

# fuzz_saved.c: sound files, and changed ones.
FUZZ_saved = $(RESTORE_WORLD) dom0-tools/config/libxl_json.c
FUZZ_LIBS_saved := -D_GNU_SOURCE -Idom0-tools -Itests/unit/tools/restore -ljansson
$(O)/tests/fuzz/seeds/saved/.done: dom0-tools/dom0-tools.mk
	@mkdir -p $(@D)
	@printf '\377' >$(@D)/sound; printf '\376' >$(@D)/sound2
	@printf '\377\100\1\0\0\1\0\0\0\0\0\0\0' >$(@D)/changed; printf '\377\100\1\0\200\1\0\0\0\0\0\0\0' >$(@D)/byte
	@printf '\0{"c_info":{"name":"a"},"disks":[{"pdev_path":"/a"}],"nics":[{"devid":0}]}' >$(@D)/json; touch $@

# Programs that exercise a running store from dom0; see tests/store.
STORE_TESTS := $(patsubst tests/store/%.c,$(O)/dom0-tools/tests/%,$(wildcard tests/store/*.c))
.PHONY: store-tests
store-tests: $(STORE_TESTS)
$(O)/dom0-tools/tests/%: tests/store/%.c
	@mkdir -p $(@D)
	@echo "  TOOLCC  $<"
	@$(TOOLS_CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o $@ $< -lxenstore
