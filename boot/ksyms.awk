# SPDX-License-Identifier: MIT
#
# nm -n of the linked image in, the symbol table of hypervisor/lib/ksyms.c out, as assembly:
# one entry for each function address, the first name winning. Empty input gives the empty
# table that the first pass of the link uses. Arithmetic on addresses is left to the
# assembler, because not every awk has 64-bit numbers.

BEGIN {
	n = 0
}

$2 ~ /^[TtWw]$/ && $3 !~ /^(\.L|__.*_(start|end)$|__start_|__stop_)/ && $1 != last {
	last = $1
	offset[n] = $1
	name[n] = $3
	n++
}

END {
	print "\t.section .ksyms, \"a\", @progbits"
	print "\t.globl ksyms_count, ksyms_offsets, ksyms_names"
	print "\t.balign 8"
	printf "ksyms_count:\n\t.long %d\nksyms_offsets:\n", n
	for (i = 0; i < n; i++) {
		printf "\t.long 0x%s - 0xffff828000200000\n", offset[i]
	}
	print "ksyms_names:"
	for (i = 0; i < n; i++) {
		printf "\t.asciz \"%s\"\n", name[i]
	}
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
