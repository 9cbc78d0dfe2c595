# SPDX-License-Identifier: MIT
#
# hypercalls.md: the reference page. Sub-operations and structures are described in the headers.

END {
	if (failed) {
		exit 1
	}
	print "<!-- SPDX-License-Identifier: MIT -->"
	print "<!-- Generated from hypercalls/hypercalls.tbl by gen/doc.awk: do not edit. -->"
	print "# Hypercalls\n"
	print "From guest-kernel mode: `syscall` with the number in EAX and the arguments in RDI, RSI, RDX,"
	print "R10, R8, R9. The result is in RAX, negative `XEN_E...` (`xen/errno.h`) on error; RCX and R11"
	print "are lost. Unknown numbers give `-XEN_ENOSYS`. *Restarts* marks calls that may be interrupted"
	print "and issued again by the hypervisor with changed arguments.\n"
	print "| Nr | Name | Arguments | Who | Restarts | What it does |"
	print "|---:|---|---|---|---|---|"
	for (i = 1; i <= n; i++) {
		s = ""
		for (a = 1; a <= nargs[i]; a++) {
			t = type[i, a]
			s = s (a > 1 ? ", " : "") t (t ~ /\*$/ ? "" : " ") arg[i, a]
		}
		printf "| %d | `%s` | %s | %s | %s | %s |\n", nr[i], name[i], s == "" ? "-" : "`" s "`",
			who[i] == "none" ? "not offered" : who[i], restarts[i], text[i]
	}
}
