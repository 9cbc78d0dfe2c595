# SPDX-License-Identifier: MIT
# Which sources each test of hypervisor/lib is built from.

UNIT_lib/test_string := hypervisor/lib/string.c hypervisor/lib/printf.c
UNIT_CFLAGS_lib/test_string := -include tests/unit/lib/host_names.h
UNIT_lib/test_printf := hypervisor/lib/printf.c
UNIT_CFLAGS_lib/test_printf := -include tests/unit/lib/host_printf.h
UNIT_lib/test_list :=
UNIT_lib/test_ksyms := hypervisor/lib/ksyms.c
UNIT_lib/test_bzimage := hypervisor/lib/bzimage.c
UNIT_lib/test_decompress := hypervisor/lib/decompress.c hypervisor/lib/bzimage.c \
	hypervisor/lib/lz4.c tests/fake/decompress_cpu.c
UNIT_LIBS_lib/test_decompress := -llzma -lzstd -llz4 -lz
UNIT_lib/test_shim := hypervisor/lib/libc_shim.c
UNIT_CFLAGS_lib/test_shim := -include tests/unit/lib/host_shim.h
UNIT_LIBS_lib/test_shim := -llzma
UNIT_lib/test_elf := hypervisor/lib/elf.c hypervisor/lib/elf_notes.c
UNIT_lib/test_pvlayout := hypervisor/lib/pvlayout.c
