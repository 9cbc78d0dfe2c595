# SPDX-License-Identifier: MIT
#
# Host unit tests: every pure room compiled with the host's compiler under ASan and
# UBSan, and driven by cmocka.
#
# To add a test: write tests/unit/<area>/test_<x>.c (a cmocka main) and put one line
# in tests/unit/<area>/sources.mk that names the sources under test:
#
#	UNIT_<area>/test_<x> := hypervisor/core/foo.c tests/fake/bar.c
#
# Optional, for that test alone:
#
#	UNIT_CFLAGS_<area>/test_<x> := -Dsomething
#	UNIT_LIBS_<area>/test_<x>   := -lz
#
# A test without a line is still built, from its own source. tests/fake/ holds host
# stand-ins for x86; its folder comes before the hypervisor's own headers, so that
# tests/fake/dais/foo.h replaces <dais/foo.h>.
#
#	make unit-test                     build and run all
#	make unit-test UNIT=lib            only those whose name contains "lib"

O ?= build
UNIT ?=
UNIT_CC ?= $(CC)

UNIT_CFLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter -Werror -fno-strict-aliasing \
	-fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	-DDAIS_HOST_TEST=1 -Itests/fake -Ihypervisor/include -Ihypercalls/include -I$(O)/gen

-include $(wildcard tests/unit/*/sources.mk tests/unit/*/*/sources.mk)

unit-names := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c)))
unit-wanted := $(strip $(foreach n,$(unit-names),$(if $(UNIT),$(if $(findstring $(UNIT),$(n)),$(n)),$(n))))
unit-bins := $(addprefix $(O)/tests/unit/,$(unit-wanted))

# One program per test, from sources to binary in one step: the rooms are small and
# each test may compile them with its own flags. Prerequisites are found by -MMD.
define unit-rule
$(O)/tests/unit/$(1): tests/unit/$(1).c $(UNIT_$(1)) tests/unit/unit.mk $(wildcard tests/unit/$(dir $(1))sources.mk)
	@mkdir -p $$(@D)
	@echo "  UNITCC  $(1)"
	@for s in tests/unit/$(1).c $(UNIT_$(1)); do \
		o=$$@.obj/$$$$(echo $$$$s | tr / _).o; mkdir -p $$@.obj; \
		$$(UNIT_CC) $$(UNIT_CFLAGS) $$(UNIT_CFLAGS_$(1)) -MMD -MP -MT $$@ \
			-MF $$$${o%.o}.d -c -o $$$$o $$$$s || exit 1; \
	done
	@$$(UNIT_CC) $$(UNIT_CFLAGS) -o $$@ \
		$$(foreach s,tests/unit/$(1).c $(UNIT_$(1)),$$@.obj/$$(subst /,_,$$(s)).o) \
		-lcmocka $$(UNIT_LIBS_$(1))
-include $(foreach s,tests/unit/$(1).c $(UNIT_$(1)),$(O)/tests/unit/$(1).obj/$(subst /,_,$(s)).d)
endef
$(foreach n,$(unit-names),$(eval $(call unit-rule,$(n))))

.PHONY: unit-build unit-test
unit-build: $(unit-bins)

# All tests run even when one fails; the last line says how many did.
unit-test: $(unit-bins)
	@test -n "$(unit-wanted)" || { echo "no unit test has '$(UNIT)' in its name; there are: $(unit-names)"; exit 2; }
	@fail=0; n=0; for t in $(unit-wanted); do \
		n=$$((n + 1)); echo "== $$t"; \
		ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
			$(O)/tests/unit/$$t 2>&1 || { fail=$$((fail + 1)); echo "FAILED: $$t"; }; \
	done; \
	echo "unit tests: $$((n - fail)) passed, $$fail failed"; test $$fail -eq 0
