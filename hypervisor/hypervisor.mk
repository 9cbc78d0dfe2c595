# SPDX-License-Identifier: MIT
#
# The objects of ring 0 that no other fragment lists, and how ring-0 code is compiled.

HV_CPPFLAGS := -include hypervisor/include/dais/hidden.h -Ihypervisor/include -Ihypercalls/include -Ihypercalls -I$(O)/gen -DNR_CPUS=$(CONFIG_NR_CPUS)
HV_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -ffreestanding -fPIE -fvisibility=hidden \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fno-strict-aliasing \
	-fno-asynchronous-unwind-tables -fcf-protection=none -fno-jump-tables \
	-ffunction-sections -fdata-sections
HV_ASFLAGS := -g

# Calls through pointers as returns that are not mispredicted: each compiler has its own name.
HV_RETPOLINE := $(if $(findstring clang,$(CC)),-mretpoline-external-thunk,-mindirect-branch=thunk-extern \
	-mindirect-branch-register)
HV_CFLAGS += $(if $(filter y,$(CONFIG_RETPOLINE)),$(HV_RETPOLINE))

HV_OBJS += $(O)/hypervisor/main.o
HV_OBJS += $(addprefix $(O)/hypervisor/core/,$(addsuffix .o,boot_mem domain domain_run \
	softirq spinlock timer vtime cpupool sched sched_cap sched_dump sched_place \
	sched_queue sched_wait version memory_exchange memory_map memory_use rangeset evtchn evtchn_2l evtchn_close evtchn_dump evtchn_fifo \
	virq vcpu grant_copy grant_dump grant_map grant_pin grant_table grant_version maptrack))
HV_OBJS += $(addprefix $(O)/hypervisor/x86/,$(addsuffix .o,entry asm_check context crash desc \
	efi features fpu paging pirq tlb topology traps uaccess xpti))
HV_OBJS += $(addprefix $(O)/hypervisor/x86/pv/,$(addsuffix .o,bounce descriptors grant_pte hypercall \
	insn iret msr ports priv_emul root state switch walk write_emul cpuid_guest \
	cpuid_policy cpuid_policy_list))
HV_OBJS += $(addprefix $(O)/hypervisor/x86/dom0/,$(addsuffix .init.o,build hardware kernel params)) $(O)/hypervisor/x86/protect.init.o

HV_OBJS += $(addprefix $(O)/hypercalls/,$(addsuffix .o,subop compat mmu mmuext traps descriptor multicall physdev \
	platform platform_efi mca version event_channel memory memory_exchange memory_info memory_map \
	memory_reservation sched vcpu console_io grant_table ctlbitmap policy_copy))
HV_OBJS += $(addprefix $(O)/hypercalls/domctl/,$(addsuffix .o,domctl access info life memory sched \
	settings vcpu))
HV_OBJS += $(addprefix $(O)/hypercalls/sysctl/,$(addsuffix .o,sysctl console info sched))
HV_OBJS += $(HYPERCALLS_GEN_SRCS:.c=.o)
