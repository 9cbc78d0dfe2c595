# SPDX-License-Identifier: MIT
# Which sources each test of boot/ is built from.

UNIT_boot/test_mbi := boot/mbi.c boot/memmap.c
UNIT_CFLAGS_boot/test_mbi := -Iboot
