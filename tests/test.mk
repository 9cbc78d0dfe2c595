# SPDX-License-Identifier: MIT
#
#	make test          every check, without a terminal; O= is the build folder
#	make test STEPS="unit-test guest-test"    only these steps (tests/suite --list)
#	make test-oracle   the same tests on Debian's Xen
#	make soak          the long ones
#
# tests/suite knows the steps, their time limits, and adds up what they say.

O ?= build
SUITE = MAKE='$(MAKE)' tests/suite -O '$(O)' $(STEPS:%=--only %)

.PHONY: test test-oracle soak build-clang build-settings
test: packages
	@$(SUITE) test
test-oracle: packages
	@$(SUITE) oracle
soak: packages
	@$(SUITE) soak

# The other compiler, and the other end of every setting: both must compile without a warning.
build-clang:
	@$(MAKE) --no-print-directory CC=clang O=$(O)/clang all
build-settings:
	@mkdir -p $(O)/settings
	@printf '%s\n' CONFIG_NR_CPUS=256 '# CONFIG_DEBUG_KEYS is not set' >$(O)/settings/config
	@$(MAKE) --no-print-directory O=$(O)/settings all
