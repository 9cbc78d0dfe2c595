# SPDX-License-Identifier: MIT
#
# hypervisor/drivers: the devices the hypervisor itself owns.

HV_OBJS += $(addprefix $(O)/hypervisor/drivers/,$(addsuffix .o,serial screen font))
