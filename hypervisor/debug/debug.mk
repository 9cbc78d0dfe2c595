# SPDX-License-Identifier: MIT
#
# Either debug/ or its twin release/ is linked. CONFIG_DEBUG_KEYS=n chooses the latter.

ifeq ($(CONFIG_DEBUG_KEYS),n)
HV_OBJS += $(O)/hypervisor/release/keys.o
else
HV_OBJS += $(O)/hypervisor/debug/keys.o $(O)/hypervisor/debug/audit.o
endif
