# SPDX-License-Identifier: MIT
#
# Builds the one-question kernels of tests/guests into $(O)/guests/ and runs them.
#   make guests             build all
#   make guest-test         run all on Dais
#   make guest-test HV=xen  run all on the oracle
#   make guest-test GUESTS_ONLY="boot_state evtchn"
#   make guest-density      how many guests of 4 MB a machine of 4 GB holds
#   make guest-domu-test    the same kernels as domU, made by the guest `launch`
#   make guest-bochs-test   on Bochs, which has other processors than QEMU
# Every tests/guests/*.c is a guest; adding one takes no change here. A guest with ELF notes of
# its own has a NOTES_<name> line, one that is linked in another way an LDFLAGS_<name> line.

O ?= build
GUESTS_DIR := tests/guests
GUESTS_OUT := $(O)/guests
GUEST_CC ?= $(CC)
HOSTILE_DIR := tests/hostile
GUEST_NAMES := $(sort $(basename $(notdir $(wildcard $(GUESTS_DIR)/*.c $(HOSTILE_DIR)/*.c))))

# The generated stubs (hypercalls/hypercalls.mk makes them).
ifndef HYPERCALLS_GEN_HDRS
include hypercalls/hypercalls.mk
endif

NOTES_boot_p2m := init_p2m
NOTES_hypercall_page := hypercall_page
LDFLAGS_boot_offset := -Wl,--defsym=image_offset=0x240

# Kernel code model for the addresses, no red zone because bounce frames land at the stack
# pointer, no vector registers because the FPU is a thing under test.
GUEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-pic \
	-fno-pie -fno-stack-protector -fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-fcf-protection=none -mno-red-zone -mgeneral-regs-only -mcmodel=kernel \
	-I$(GUESTS_DIR)/kit -Ihypercalls/include -I$(O)/gen
GUEST_LDFLAGS := -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

KIT_SOURCES := $(wildcard $(GUESTS_DIR)/kit/*.c $(GUESTS_DIR)/kit/*.S)
KIT_SOURCES := $(filter-out $(GUESTS_DIR)/kit/kit.c,$(KIT_SOURCES))
KIT_OBJECTS := $(patsubst $(GUESTS_DIR)/kit/%,$(GUESTS_OUT)/kit/%.o,$(KIT_SOURCES))
GUEST_IMAGES := $(GUEST_NAMES:%=$(GUESTS_OUT)/%)

$(GUESTS_OUT)/kit/%.o: $(GUESTS_DIR)/kit/%
	@mkdir -p $(@D)
	@echo "  GUEST   $@"
	@$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(GUESTS_OUT)/%.c.o: $(GUESTS_DIR)/%.c
	@mkdir -p $(@D)
	@echo "  GUEST   $@"
	@$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(GUESTS_OUT)/%.c.o: $(HOSTILE_DIR)/%.c
	@mkdir -p $(@D)
	@echo "  GUEST   $@"
	@$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

# kit.c carries the guest's name, so it is compiled once for each.
$(GUESTS_OUT)/%.kit.o: $(GUESTS_DIR)/kit/kit.c
	@mkdir -p $(@D)
	@echo "  GUEST   $@"
	@$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -DGUEST_NAME='"$*"' -c -o $@ $<

$(GUEST_IMAGES): $(GUESTS_OUT)/%: $(GUESTS_OUT)/%.c.o $(GUESTS_OUT)/%.kit.o $(KIT_OBJECTS) \
		$(GUESTS_DIR)/kit/guest.lds
	@echo "  LINK    $@"
	@$(GUEST_CC) $(GUEST_LDFLAGS) $(LDFLAGS_$*) -Wl,-T,$(GUESTS_DIR)/kit/guest.lds -o $@ $(filter %.o,$^)

guest-notes = $(GUESTS_OUT)/kit/notes/$(or $(NOTES_$(1)),default).S.o
$(foreach g,$(GUEST_NAMES),$(eval $(GUESTS_OUT)/$(g): $(call guest-notes,$(g))))

guests: $(GUEST_IMAGES)

# What is run: with the whole tree's Makefile, an up-to-date Dais.
GUEST_SUBJECT = $(if $(filter xen,$(HV)),,$(if $(BOOT_OBJS),$(O)/dais.gz))

guest-test: guests $(GUEST_SUBJECT)
	$(GUESTS_DIR)/run --build $(O) --hv $(or $(HV),dais) --options "$(GUESTS_OPTIONS)" $(GUESTS_ONLY)

guest-domu-test: guests $(GUEST_SUBJECT)
	$(GUESTS_DIR)/run --domu --build $(O) --hv $(or $(HV),dais) --options "$(GUESTS_OPTIONS)" $(GUESTS_ONLY)

# Those that ask about processors, on a second machine with other ones.
guest-bochs-test: guests $(GUEST_SUBJECT)
	$(GUESTS_DIR)/run --bochs --build $(O) --hv $(or $(HV),dais) --deadline 60 --options "$(GUESTS_OPTIONS)" $(GUESTS_ONLY)

# As many guests of 4 MB as fit into 4 GB: 500 and more.
guest-density: guests $(GUEST_SUBJECT)
	$(GUESTS_DIR)/run --build $(O) --hv $(or $(HV),dais) --mem 4096 --deadline 900 -v crowd

# What a guest's page tables show of the hypervisor.
unseen-test: $(GUESTS_OUT)/burn $(GUEST_SUBJECT)
	$(GUESTS_DIR)/unseen --build $(O)

.PHONY: guests guest-test guest-domu-test guest-bochs-test guest-density unseen-test
$(GUESTS_OUT)/hypercall_regs.c.o: $(O)/gen/guest_stubs.h
-include $(wildcard $(GUESTS_OUT)/*.d $(GUESTS_OUT)/kit/*.d $(GUESTS_OUT)/kit/notes/*.d)
