# SPDX-License-Identifier: MIT
#
# The dispatch table and the prototypes of the doors: -v part=h for hypercall_table.h, part=c for
# hypercall_table.c. A table row reaches its door through a caller of a fixed shape that narrows
# each argument to its declared type, which the compiler turns into a jump.

function door_type(i, a) {
	return ptr[i, a] ? "unsigned long" : type[i, a]
}

function params(i,    a, s) {
	for (a = 1; a <= nargs[i]; a++) {
		s = s (a > 1 ? ", " : "") door_type(i, a) " " arg[i, a]
	}
	return s == "" ? "void" : s
}

function header(    i) {
	print "#ifndef HYPERCALL_TABLE_H"
	print "#define HYPERCALL_TABLE_H\n"
	print "#include <stdbool.h>"
	print "#include <stdint.h>\n"
	print "/* Doors: the result is what the guest finds in RAX. */"
	for (i = 1; i <= n; i++) {
		if (who[i] != "none") {
			printf "long do_%s(%s);\n", name[i], params(i)
		}
	}
	print "\nstruct hypercall {"
	print "\tlong (*call)(unsigned long, unsigned long, unsigned long, unsigned long,"
	print "\t\t     unsigned long, unsigned long);\t/* NULL: -ENOSYS */"
	print "\tuint8_t nargs;"
	print "\tbool privileged;\t/* others get -EPERM */"
	print "};\n"
	printf "#define HYPERCALL_COUNT\t%d\n\n", max + 1
	print "/* Indexed by number, which must be below HYPERCALL_COUNT. */"
	print "extern const struct hypercall hypercall_table[HYPERCALL_COUNT];\n"
	print "struct hypercall_name {"
	print "\tconst char *name;\t/* NULL: no such number */"
	print "\tconst char *args;\t/* names, separated by blanks */"
	print "};\n"
	print "/* For logs and traces; same index. */"
	print "extern const struct hypercall_name hypercall_names[HYPERCALL_COUNT];\n"
	print "#endif"
}

function caller(i,    a, k, s) {
	for (k = 1; k <= 6; k++) {
		s = s (k > 1 ? ", " : "") "unsigned long a" k
	}
	printf "static long call_%s(%s)\n{\n", name[i], s
	for (k = nargs[i] + 1; k <= 6; k++) {
		printf "\t(void)a%d;\n", k
	}
	s = ""
	for (a = 1; a <= nargs[i]; a++) {
		s = s (a > 1 ? ", " : "") "(" door_type(i, a) ")a" a
	}
	printf "\treturn do_%s(%s);\n}\n\n", name[i], s
}

function code(    i) {
	print "#include <hypercall_table.h>\n"
	for (i = 1; i <= n; i++) {
		if (who[i] != "none") {
			caller(i)
		}
	}
	print "const struct hypercall hypercall_table[HYPERCALL_COUNT] = {"
	for (i = 1; i <= n; i++) {
		if (who[i] != "none") {
			printf "\t[%d] = { call_%s, %d, %s },\n", nr[i], name[i], nargs[i],
				who[i] == "privileged" ? "true" : "false"
		}
	}
	print "};"
}

END {
	if (failed) {
		exit 1
	}
	print "/* Generated from hypercalls/hypercalls.tbl by gen/dispatch.awk: do not edit. */"
	if (part == "h") {
		header()
	} else {
		code()
	}
}
