# SPDX-License-Identifier: MIT
#
# guest_stubs.h: HYPERVISOR_<name>() for freestanding guests, each one SYSCALL instruction with the
# number in EAX and arguments in RDI, RSI, RDX, R10, R8, R9. RCX and R11 are lost. iret never
# returns to its caller and needs a frame on the stack, so guests write that one in assembly.

function stub(i,    a, s, t) {
	for (a = 1; a <= nargs[i]; a++) {
		t = type[i, a]
		s = s (a > 1 ? ", " : "") t (t ~ /\*$/ ? "" : " ") arg[i, a]
	}
	printf "static inline long HYPERVISOR_%s(%s)\n{\n", name[i], s == "" ? "void" : s
	s = ""
	for (a = 1; a <= nargs[i]; a++) {
		s = s ", (unsigned long)" arg[i, a]
	}
	printf "\treturn hypercall%d(%d%s);\n}\n\n", nargs[i], nr[i], s
}

function raw(count,    a, s, reg) {
	split("rdi rsi rdx r10 r8 r9", reg, " ")
	for (a = 1; a <= count; a++) {
		s = s ", unsigned long a" a
	}
	printf "static inline long hypercall%d(unsigned int nr%s)\n{\n\tlong ret;\n", count, s
	for (a = 1; a <= count; a++) {
		printf "\tregister unsigned long p%d __asm__(\"%s\") = a%d;\n", a, reg[a], a
	}
	s = ""
	for (a = 1; a <= count; a++) {
		s = s (a > 1 ? ", " : "") "\"+r\"(p" a ")"
	}
	print "\n\t__asm__ volatile(\"syscall\""
	printf "\t\t\t : \"=a\"(ret)%s\n", s == "" ? "" : ", " s
	print "\t\t\t : \"0\"((unsigned long)nr)"
	print "\t\t\t : \"rcx\", \"r11\", \"memory\");"
	print "\treturn ret;\n}\n"
}

END {
	if (failed) {
		exit 1
	}
	print "/* Generated from hypercalls/hypercalls.tbl by gen/stubs.awk: do not edit. */"
	print "#ifndef GUEST_STUBS_H"
	print "#define GUEST_STUBS_H\n"
	print "#include <stdint.h>\n"
	for (i = 1; i <= n; i++) {
		for (a = 1; a <= nargs[i]; a++) {
			if (match(type[i, a], /struct [a-z_]+/) &&
			    !(s = seen[substr(type[i, a], RSTART, RLENGTH)]++)) {
				print substr(type[i, a], RSTART, RLENGTH) ";"
			}
		}
	}
	print ""
	for (a = 0; a <= 6; a++) {
		raw(a)
	}
	for (i = 1; i <= n; i++) {
		if (name[i] != "iret") {
			stub(i)
		}
	}
	print "#endif"
}
