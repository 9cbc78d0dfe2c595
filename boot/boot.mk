# SPDX-License-Identifier: MIT
#
# The image: $(O)/dais (ELF64 with symbols) and $(O)/dais.gz (stripped, what GRUB loads).
#
# Needs from the top-level Makefile, before the rules run:
#   HV_OBJS                all objects of the hypervisor, hypercalls included; the fragments
#                          of each folder append to it. Objects named *.init.o are placed in
#                          memory that is freed after boot.
#   HV_CFLAGS, HV_ASFLAGS  how hypervisor C and assembly is compiled, used by its rules
#                          $(O)/%.o and $(O)/%.init.o from %.c and %.S
#
# The link has two passes. The first makes the addresses from which the symbol table is made,
# the second includes that table, which lies behind all functions, so that none of them moves;
# the comparison at the end proves it.

O ?= build
LD ?= ld
NM ?= nm
OBJCOPY ?= objcopy
OBJDUMP ?= objdump
# --no-relax: addresses of functions in other files are read from a constant table; turning that
# into address arithmetic is what GNU ld 2.40 fails at in this image.
HV_LDFLAGS ?= -static -nostdlib --gc-sections --no-relax --build-id=sha1 \
	-z max-page-size=4096 -z noexecstack --no-warn-rwx-segments --orphan-handling=error

BOOT_OBJS := $(addprefix $(O)/boot/,head.o trampoline.o start.o halt.init.o mbi.init.o \
	memmap.init.o)

boot-link = $(LD) -m elf_x86_64 $(HV_LDFLAGS) -T boot/dais.lds -o

# HV_OBJS may still grow in fragments that are read after this one.
.SECONDEXPANSION:

$(O)/gen/ksyms0.S: boot/ksyms.awk
	@mkdir -p $(@D)
	@awk -f $< </dev/null >$@

$(O)/gen/dais.pass1: $$(HV_OBJS) $(BOOT_OBJS) $(O)/gen/ksyms0.o boot/dais.lds
	@echo "  LD      $@"
	@$(boot-link) $@ $(BOOT_OBJS) $(HV_OBJS) $(O)/gen/ksyms0.o

$(O)/gen/ksyms.S: $(O)/gen/dais.pass1 boot/ksyms.awk
	@$(NM) -n --defined-only $< | awk -f boot/ksyms.awk >$@

$(O)/gen/ksyms0.o $(O)/gen/ksyms.o: %.o: %.S
	@$(CC) -Wa,--fatal-warnings -c -o $@ $<

$(O)/dais: $(O)/gen/dais.pass1 $(O)/gen/ksyms.o
	@echo "  LD      $@"
	@$(boot-link) $@ $(BOOT_OBJS) $(HV_OBJS) $(O)/gen/ksyms.o
	@$(NM) -n --defined-only $@ | awk -f boot/ksyms.awk | cmp -s - $(O)/gen/ksyms.S || \
		{ echo "$@: functions moved between the two passes of the link"; rm -f $@; exit 1; }

$(O)/dais.gz: $(O)/dais
	@echo "  GZIP    $@"
	@$(OBJCOPY) -S $< $@.elf
	@gzip -9n <$@.elf >$@ && rm -f $@.elf

# What GRUB and the design ask of the image: recognised as multiboot2, small, and nothing that
# stays refers to what is freed.
BOOT_GZ_MAX := 307200

.PHONY: image-check
image-check: $(O)/dais $(O)/dais.gz
	@grub-file --is-x86-multiboot2 $(O)/dais || \
		{ echo "$(O)/dais: GRUB finds no multiboot2 header"; exit 1; }
	@n=$$(wc -c <$(O)/dais.gz); test $$n -le $(BOOT_GZ_MAX) || \
		{ echo "$(O)/dais.gz: $$n bytes, more than $(BOOT_GZ_MAX)"; exit 1; }
	@$(boot-link) $(O)/gen/dais.relocs -q $(BOOT_OBJS) $(HV_OBJS) $(O)/gen/ksyms.o
	@{ $(NM) -n $(O)/gen/dais.relocs; readelf -rW $(O)/gen/dais.relocs; } | \
		awk -f boot/initcheck.awk
	@rm -f $(O)/gen/dais.relocs
	@test "$(CONFIG_RETPOLINE)" != y || ! $(OBJDUMP) -d -j .text --no-show-raw-insn $(O)/dais | \
		awk '/^[0-9a-f]+ <boot_/ { boot = 1 } /^[0-9a-f]+ <[^b]/ { boot = 0 } \
		     !boot && /(call|jmp) +\*/' | grep . || \
		{ echo "$(O)/dais: calls through pointers that CONFIG_RETPOLINE should have replaced"; exit 1; }
	@echo "image-check: $(O)/dais.gz is $$(wc -c <$(O)/dais.gz) bytes, good"
