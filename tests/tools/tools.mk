# SPDX-License-Identifier: MIT
#
#	make tools-test     our tools as programs of the host: bad input, listings, manuals,
#	                    completion, installation, other people's scripts     TOOLS_CASES=bad

O ?= build
TOOLS_CASES ?=

.PHONY: tools-test
tools-test: tools guests
	@O=$(O) tests/tools/run $(TOOLS_CASES)
