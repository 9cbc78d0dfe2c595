# SPDX-License-Identifier: MIT
#
# Consoles, messages, the command line, arithmetic of clocks.

HV_OBJS += $(addprefix $(O)/hypervisor/core/,$(addsuffix .o,cmdline printk console time_math))
