# SPDX-License-Identifier: MIT
#
# libFuzzer targets for what parses other people's bytes, built by clang with ASan and UBSan.
#
# To add one: write tests/fuzz/fuzz_<x>.c, put a line with the sources under test below, and, if
# a start helps the fuzzer, tests/fuzz/seed_<x>*.S (assembled; the raw bytes, or the linked ELF
# file when there is a _start, are the seed) or a rule that writes $(O)/tests/fuzz/seeds/<x>/.
#
#	make fuzz-smoke              each for FUZZ_TIME (10) seconds, new findings are failures
#	make fuzz-smoke FUZZ=elf FUZZ_TIME=3600
#
# A finding is left as $(O)/tests/fuzz/<x>-crash-*; run the program with it as argument.

O ?= build
FUZZ ?=
FUZZ_TIME ?= 10
FUZZ_CC ?= clang

FUZZ_CFLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter -Werror -fno-strict-aliasing \
	-fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	-DDAIS_HOST_TEST=1 -Itests/fake -Ihypervisor/include -Ihypercalls/include -Iboot

FUZZ_mbi := boot/mbi.c boot/memmap.c
FUZZ_elf := hypervisor/lib/elf.c hypervisor/lib/elf_notes.c hypervisor/lib/pvlayout.c
FUZZ_bzimage := hypervisor/lib/bzimage.c hypervisor/lib/decompress.c \
	hypervisor/lib/lz4.c tests/fake/decompress_cpu.c
FUZZ_LIBS_bzimage := -llzma -lzstd -lz
FUZZ_lz4 := hypervisor/lib/lz4.c
FUZZ_LIBS_lz4 := -llz4
FUZZ_pagetype := tests/unit/mm/pt_ops.c tests/unit/mm/machine.c $(addprefix tests/fake/,fake.c arena.c \
	hv_alloc.c) hypervisor/core/spinlock.c $(addprefix hypervisor/mm/,frame.c frame_alloc.c \
	frame_domain.c pagetype.c pt_entry.c pt_hold.c pt_relinquish.c pt_audit.c seg_desc.c)
FUZZ_LIBS_pagetype := -Itests/unit/mm -DPT_ENTRIES=8 -DPT_HOLE_FIRST=6 -DPT_HOLE_LAST=7

fuzz-names := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz-wanted := $(strip $(foreach n,$(fuzz-names),$(if $(FUZZ),$(filter $(FUZZ),$(n)),$(n))))

# $(1) name
define fuzz-rule
$(O)/tests/fuzz/$(1): tests/fuzz/fuzz_$(1).c $(FUZZ_$(1)) $(wildcard hypervisor/include/dais/*.h)
	@mkdir -p $$(@D)/seeds/$(1)
	@echo "  FUZZCC  $(1)"
	@$$(FUZZ_CC) $$(FUZZ_CFLAGS) -o $$@ $$(filter %.c,$$^) $$(FUZZ_LIBS_$(1))
endef
$(foreach n,$(fuzz-names),$(eval $(call fuzz-rule,$(n))))

# One line of text in every format that decompress() knows, with small dictionaries.
$(O)/tests/fuzz/seeds/bzimage/.done: tests/fuzz/fuzz.mk
	@mkdir -p $(@D)
	@t="a kernel, a kernel, my kingdom for a kernel, a kernel"; \
	printf '%s' "$$t" | gzip -9nc >$(@D)/gzip; \
	printf '%s' "$$t" | xz -c --check=crc32 --x86 --lzma2=dict=4KiB >$(@D)/xz; \
	printf '%s' "$$t" | xz -c --check=crc64 --lzma2=dict=4KiB >$(@D)/xz64; \
	printf '%s' "$$t" | zstd -qc --no-check >$(@D)/zstd; \
	printf '%s' "$$t" | lz4 -qlc >$(@D)/lz4; touch $@

$(O)/tests/fuzz/seeds/elf/.done: tests/fuzz/seed_elf.S
	@mkdir -p $(@D)
	@$(CC) -Ihypercalls/include -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,-z,max-page-size=4096 -Wl,-Ttext=0xffffffff80001000 -s -o $(@D)/seed $< && touch $@

$(O)/tests/fuzz/seeds/mbi/.done: tests/fuzz/seed_mbi.S
	@mkdir -p $(@D)
	@$(CC) -c -o $(@D)/../mbi.o $< && objcopy -O binary $(@D)/../mbi.o $(@D)/seed && touch $@

$(O)/tests/fuzz/seeds/%/.done:
	@mkdir -p $(@D) && touch $@

.PHONY: fuzz-build fuzz-smoke
fuzz-build: $(foreach n,$(fuzz-wanted),$(O)/tests/fuzz/$(n) $(O)/tests/fuzz/seeds/$(n)/.done)

# New inputs go to a throw-away corpus: a smoke run starts from the seeds every time.
fuzz-smoke: fuzz-build
	@test -n "$(fuzz-wanted)" || { echo "no fuzz target is '$(FUZZ)'; there are: $(fuzz-names)"; exit 2; }
	@fail=0; for n in $(fuzz-wanted); do \
		d=$(O)/tests/fuzz/corpus-$$n; rm -rf $$d; mkdir -p $$d; echo "== fuzz $$n"; \
		$(O)/tests/fuzz/$$n -max_total_time=$(FUZZ_TIME) -max_len=4096 -rss_limit_mb=1024 \
			-verbosity=0 -print_final_stats=1 -artifact_prefix=$(O)/tests/fuzz/$$n- \
			$$d $(O)/tests/fuzz/seeds/$$n >$$d.log 2>&1 || \
			{ cat $$d.log; echo "FAILED: fuzz $$n"; fail=$$((fail + 1)); }; \
		sed -n 's/stat::number_of_executed_units: */   inputs tried: /p' $$d.log; \
	done; \
	echo "fuzz-smoke: $$(($(words $(fuzz-wanted)) - fail)) passed, $$fail failed"; test $$fail -eq 0
