# SPDX-License-Identifier: MIT
#
# hypervisor/mm: frames, their allocation and their types. Pure C; what it needs of the
# processor is in <dais/pt_env.h>.

HV_OBJS += $(addprefix $(O)/hypervisor/mm/,frame.o frame_alloc.o frame_domain.o hv_alloc.o \
	pagetype.o pt_entry.o pt_hold.o pt_relinquish.o pt_audit.o seg_desc.o)
