# SPDX-License-Identifier: MIT
#
# hypercall_names.c: what logs and traces call each hypercall and its arguments. Rows that are not
# offered are here too: seeing who asks for them is half the use.

END {
	if (failed) {
		exit 1
	}
	print "/* Generated from hypercalls/hypercalls.tbl by gen/names.awk: do not edit. */"
	print "#include <hypercall_table.h>\n"
	print "const struct hypercall_name hypercall_names[HYPERCALL_COUNT] = {"
	for (i = 1; i <= n; i++) {
		s = ""
		for (a = 1; a <= nargs[i]; a++) {
			s = s (a > 1 ? " " : "") arg[i, a]
		}
		printf "\t[%d] = { \"%s\", \"%s\" },\n", nr[i], name[i], s
	}
	print "};"
}
