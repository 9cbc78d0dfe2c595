# SPDX-License-Identifier: MIT
UNIT_x86/test_acpi := hypervisor/x86/acpi_s5.c hypervisor/x86/acpi_madt.c
