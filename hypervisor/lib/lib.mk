# SPDX-License-Identifier: MIT
#
# hypervisor/lib: pure C used by everything above it. What is only used while booting is built
# as *.init.o, which boot/dais.lds puts into memory that is freed afterwards.

LIB_NAMES := string printf ksyms
LIB_INIT_NAMES := bzimage elf elf_notes pvlayout decompress_cpu decompress_all

HV_OBJS += $(addprefix $(O)/hypervisor/lib/,$(addsuffix .o,$(LIB_NAMES)) \
	$(addsuffix .init.o,$(LIB_INIT_NAMES)))

# The compiler must not turn the loops in memcpy and strlen into calls of themselves. (clang does
# not in freestanding code, and does not know the option.)
LIB_OWN_LOOPS := $(shell echo | $(CC) -fno-tree-loop-distribute-patterns -E - >/dev/null 2>&1 && \
	echo -fno-tree-loop-distribute-patterns)
$(O)/hypervisor/lib/string.o $(O)/hypervisor/lib/libc_shim.init.o: HV_CFLAGS += $(LIB_OWN_LOOPS)

# The distribution's decoders, linked into one object together with what calls them and what
# they call. Only the entry points of decompress.c stay visible, so that nothing else can use
# the libraries or the shim by accident, and only the functions named here may be missing.
LIB_STATIC ?= $(shell $(CC) -print-file-name=libc.a | xargs dirname)
LIB_DECODERS := $(addprefix $(LIB_STATIC)/,liblzma.a libzstd.a libz.a)
LIB_DECODER_API := decompress decompress_arena_size
LIB_DECODER_NEEDS := boot_halt|decompress_cpu_begin|decompress_cpu_end|memcmp|memmove|memset|payload_format|_GLOBAL_OFFSET_TABLE_

$(O)/hypervisor/lib/decompress_all.init.o: $(O)/hypervisor/lib/decompress.init.o \
		$(O)/hypervisor/lib/lz4.init.o $(O)/hypervisor/lib/libc_shim.init.o $(LIB_DECODERS)
	@echo "  LD -r   $@"
	@ld -r --gc-sections $(addprefix -u ,$(LIB_DECODER_API)) -o $@.tmp $(filter %.o %.a,$^)
	@objcopy $(addprefix --keep-global-symbol=,$(LIB_DECODER_API)) $@.tmp
	@nm -u $@.tmp | awk '$$2 !~ /^($(LIB_DECODER_NEEDS))$$/ { \
		print "$@: the libraries need " $$2; bad = 1 } END { exit bad }'
	@mv $@.tmp $@
