# SPDX-License-Identifier: MIT
#
# Builds the bench guest with the kit of tests/guests and compares costs in instructions.
#   make bench              oracle and Dais, table on the terminal, JSON in $(O)/bench/bench.json
#   make bench BENCH_HV=xen the oracle alone
#   make bench BENCH_FLAGS=--no-boot   without booting Debian's dom0 on both
#   make bench-workloads    what guests do all day, in stock guests under xl; takes minutes
#   make bench-workloads STORM=50      fifty guests created and booted
#   BENCH_FLAGS='--only REGEX --strict' and more: tests/bench/workloads --help

O ?= build
ifndef GUEST_CFLAGS
include tests/guests/guests.mk
endif

BENCH_OUT := $(O)/bench
BENCH_OBJECTS := $(BENCH_OUT)/bench.c.o $(BENCH_OUT)/bench_entry.S.o $(BENCH_OUT)/kit.o \
	$(KIT_OBJECTS) $(GUESTS_OUT)/kit/notes/default.S.o

$(BENCH_OUT)/%.o: tests/bench/%
	@mkdir -p $(@D)
	@echo "  GUEST   $@"
	@$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(BENCH_OUT)/kit.o: $(GUESTS_DIR)/kit/kit.c
	@mkdir -p $(@D)
	@echo "  GUEST   $@"
	@$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -DGUEST_NAME='"bench"' -c -o $@ $<

$(BENCH_OUT)/bench: $(BENCH_OBJECTS) $(GUESTS_DIR)/kit/guest.lds
	@echo "  LINK    $@"
	@$(GUEST_CC) $(GUEST_LDFLAGS) -Wl,-T,$(GUESTS_DIR)/kit/guest.lds -o $@ $(filter %.o,$^)

# The dom0 images and Dais are other fragments' business; alone, this one takes what is there.
bench: $(BENCH_OUT)/bench $(if $(SYSTEM_DIR),system-images $(O)/dais.gz)
	tests/bench/run --build $(O) $(if $(filter xen dais,$(BENCH_HV)),--hv $(BENCH_HV)) $(BENCH_FLAGS)
	@echo "make bench-workloads compares forks, disks, network and guests' lives likewise"

bench-workloads: $(if $(SYSTEM_DIR),system-images $(O)/dais.gz)
	tests/bench/workloads --build $(O) $(if $(filter xen dais,$(BENCH_HV)),--hv $(BENCH_HV)) \
		$(if $(STORM),--only storm --storm $(STORM)) $(BENCH_FLAGS)

.PHONY: bench bench-workloads
-include $(wildcard $(BENCH_OUT)/*.d)

# Our tools beside Debian's: creating, listing, the store. HV=xen for the oracle.
bench-tools: $(if $(SYSTEM_DIR),$(if $(filter dais,$(HV)),$(O)/dais.gz) tools store-tests guests)
	@$(MAKE) --no-print-directory system-images
	tests/bench/tools --build $(O) --hv $(HV)

.PHONY: bench-tools
