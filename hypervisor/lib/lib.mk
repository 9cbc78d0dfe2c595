# SPDX-License-Identifier: MIT
#
# hypervisor/lib: pure C used by everything above it.

LIB_NAMES := string printf strext bitmap rangeset ksyms
HV_OBJS += $(addprefix $(O)/hypervisor/lib/,$(addsuffix .o,$(LIB_NAMES)))

# The compiler must not turn the loops in memset and strlen into calls of themselves.
$(O)/hypervisor/lib/string.o: HV_CFLAGS += -fno-tree-loop-distribute-patterns
