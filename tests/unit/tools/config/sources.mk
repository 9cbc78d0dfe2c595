# SPDX-License-Identifier: MIT
#
# The language of xl.cfg files.

CONFIG_UNDER_TEST := $(addprefix dom0-tools/,$(addprefix config/,cpus.c disk.c guest.c keys.c keys_value.c \
	names.c nic.c syntax.c) lib/failure.c lib/uuid.c lib/xalloc.c)

define config-test
UNIT_tools/config/$(1) := $$(CONFIG_UNDER_TEST)
UNIT_CFLAGS_tools/config/$(1) := -D_GNU_SOURCE -Idom0-tools
endef
$(foreach t,test_syntax test_guest test_keys test_bad_configs,$(eval $(call config-test,$(t))))
UNIT_tools/config/test_libxl_json := $(CONFIG_UNDER_TEST) dom0-tools/config/libxl_json.c
UNIT_CFLAGS_tools/config/test_libxl_json := -D_GNU_SOURCE -Idom0-tools
UNIT_LIBS_tools/config/test_libxl_json := -ljansson
