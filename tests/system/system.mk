# SPDX-License-Identifier: MIT
#
# Booting what was built: `make iso`, `make run`, `make system-test`.
#
#   HV=dais|xen  FIRMWARE=bios|uefi  MACHINE=q35|pc  CPUS=2  MEM=4096  CPU=qemu64,...  TOOLS=dais|xl|min
#   CASES='regex ...' and JOBS=N for system-test
#
# $(O) is the build folder; $(O)/dais.gz, the image GRUB loads, is the top Makefile's business.

O ?= build
HV ?= dais
FIRMWARE ?= bios
MACHINE ?= q35
CPUS ?= 2
MEM ?= 4096
TOOLS ?= dais
# Boots at one time. Most have two CPUs of their own: where QEMU's threads are more than the
# machine's CPUs they hold each other up, and two boots take four times as long as one.
JOBS ?= $(shell n=$$(($$(nproc) / 2)); echo $$((n > 0 ? n : 1)))
TRIES ?= 1

SYSTEM_DIR := tests/system
SYSTEM_HV_IMAGE := $(if $(filter dais,$(HV)),$(O)/dais.gz)
SYSTEM_POINT = --hv $(HV) --firmware $(FIRMWARE) --machine $(MACHINE) --cpus $(CPUS) --mem $(MEM) \
	--tools $(TOOLS) $(if $(CPU),--cpu $(CPU)) $(if $(HV_ARGS),--hv-args '$(HV_ARGS)')

.PHONY: side-by-side system-packages system-images iso run run-check system-test

system-packages:
	@tests/install-packages.sh

SYSTEM_GUESTS := $(O)/guests/burn $(O)/guests/crash_no_handler    # TINY_GUESTS of mkdom0

system-images: system-packages $(SYSTEM_GUESTS)
	@mkdir -p $(O)/system
	@$(SYSTEM_DIR)/mkdom0 $(O)/system

# In this order: packages, what is booted, the boot. Each step says what it does when it does much. The
# `+` before it: make sees no $(MAKE) through a variable, and would keep its job server to itself.
SYSTEM_BUILD = $(MAKE) --no-print-directory system-packages && \
	$(MAKE) --no-print-directory $(SYSTEM_HV_IMAGE) tools && \
	$(MAKE) --no-print-directory system-images

iso:
	+@$(SYSTEM_BUILD)
	@$(SYSTEM_DIR)/boot -O $(O) $(SYSTEM_POINT) --kernel-args 'rig.demo $(KERNEL_ARGS)' \
		--iso $(O)/system/$(HV).iso
	@echo "$(O)/system/$(HV).iso boots on BIOS and UEFI; its serial line is 115200,8n1"

# Interactive: the terminal becomes the machine's serial line.
run:
	+@$(SYSTEM_BUILD)
	@$(SYSTEM_DIR)/boot -O $(O) $(SYSTEM_POINT) --kernel-args 'rig.demo $(KERNEL_ARGS)' --interactive

# The same boot without a terminal: succeeds when the demo guest runs.
run-check:
	+@$(SYSTEM_BUILD)
	@$(SYSTEM_DIR)/run-tests -O $(O) --hv $(HV) -j 1 '^demo\.'

system-test:
	+@$(SYSTEM_BUILD)
	@$(SYSTEM_DIR)/run-tests -O $(O) --hv $(HV) -j $(JOBS) -t $(TRIES) $(CASES)

# What the last runs on both hypervisors said.
side-by-side:
	@$(SYSTEM_DIR)/side-by-side -O $(O) $(CASES)
