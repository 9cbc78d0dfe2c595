# SPDX-License-Identifier: MIT
#
#	make abi-test    compare hypercalls/include with libxen-dev's headers, and check that each
#	                 of our headers stands alone in C (both compilers) and passes the assembler
#
# ABI_THEIRS may name another copy of the interface, for instance of a newer release.

O ?= build
ABI_OURS := hypercalls/include
ABI_THEIRS ?= /usr/include
ABI_HEADERS := $(wildcard $(ABI_OURS)/xen/*.h $(ABI_OURS)/xen/*/*.h)
ABI_CC := gcc -std=gnu11 -O0 -Wall -Wextra -Werror
ABI_OUT := $(O)/tests/abi

$(ABI_OUT)/probe.c: tests/abi/abi.py tests/abi/known $(ABI_HEADERS)
	@mkdir -p $(@D)
	@python3 tests/abi/abi.py probe $(ABI_OURS) tests/abi/known > $@.tmp || { rm -f $@.tmp; exit 1; }
	@mv $@.tmp $@

$(ABI_OUT)/ours: $(ABI_OUT)/probe.c
	@echo "  ABI     ours"
	@$(ABI_CC) -I$(ABI_OURS) -o $@ $<

# Not our code: its warnings are not ours to fix, but an unknown name is an error all the same.
$(ABI_OUT)/theirs: $(ABI_OUT)/probe.c
	@echo "  ABI     theirs ($(ABI_THEIRS)/xen)"
	@test -e $(ABI_THEIRS)/xen/xen.h || { \
		echo "no $(ABI_THEIRS)/xen/xen.h: apt-get install libxen-dev"; exit 1; }
	@gcc -std=gnu11 -O0 -w -Werror=implicit-function-declaration -D__XEN_TOOLS__ \
		$(if $(filter-out /usr/include,$(ABI_THEIRS)),-I$(ABI_THEIRS)) -o $@ $<

.PHONY: abi-test abi-headers
abi-headers:
	@fail=0; for h in $(ABI_HEADERS); do \
		for cc in gcc $(if $(shell command -v clang),clang); do \
			$$cc -std=c11 -Wall -Wextra -Werror -ffreestanding -I$(ABI_OURS) \
				-fsyntax-only -x c $$h || { echo "FAIL $$h: $$cc"; fail=1; }; \
		done; \
		case $$h in */io/*) ;; *) \
			echo "#include \"$$h\"" | gcc -I$(ABI_OURS) -I. -x assembler-with-cpp \
				-c -o /dev/null - || { echo "FAIL $$h: assembler"; fail=1; };; \
		esac; \
	done; exit $$fail

abi-test: abi-headers $(ABI_OUT)/ours $(ABI_OUT)/theirs
	@$(ABI_OUT)/ours > $(ABI_OUT)/ours.txt
	@$(ABI_OUT)/theirs > $(ABI_OUT)/theirs.txt
	@python3 tests/abi/abi.py compare tests/abi/known $(ABI_OUT)/ours.txt $(ABI_OUT)/theirs.txt
