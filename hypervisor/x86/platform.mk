# SPDX-License-Identifier: MIT
#
# hypervisor/x86, the platform's half: firmware tables, interrupt controllers, PCI, other
# CPUs, clocks, the end.

X86_PLATFORM := acpi acpi_s5 paging_tables apic ioapic irq \
	pci msi msi_hw smp smpboot clock tsc platform_timer reset

HV_OBJS += $(addprefix $(O)/hypervisor/x86/,$(addsuffix .o,$(X86_PLATFORM)))
