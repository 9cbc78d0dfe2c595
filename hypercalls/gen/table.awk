# SPDX-License-Identifier: MIT
#
# Reads hypercalls.tbl; every generator is this file followed by one that prints in END.
# Leaves: n rows; nr[i], name[i], who[i], restarts[i], text[i]; nargs[i]; type[i,a] and arg[i,a]
# for each argument a, ptr[i,a] 1 when it is a pointer; max, the highest number.

function fail(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	failed = 1
	exit 1
}

function split_args(i, list,    parts, k, m, a, p) {
	nargs[i] = 0
	if (list == "") {
		return
	}
	m = split(list, parts, /, */)
	if (m > 6) {
		fail("a hypercall has at most six arguments")
	}
	for (k = 1; k <= m; k++) {
		a = parts[k]
		if (!match(a, /[A-Za-z_][A-Za-z0-9_]*$/) || RSTART == 1) {
			fail("argument '" a "' is not a declaration")
		}
		arg[i, k] = substr(a, RSTART)
		p = substr(a, 1, RSTART - 1)
		sub(/ +$/, "", p)
		type[i, k] = p
		ptr[i, k] = (p ~ /\*/) ? 1 : 0
	}
	nargs[i] = m
}

/^[ \t]*(#|$)/ { next }

{
	if (!match($0, /\(.*\)/)) {
		fail("no argument list")
	}
	n++
	nr[n] = $1 + 0
	name[n] = $2
	who[n] = $3
	restarts[n] = $4
	text[n] = substr($0, RSTART + RLENGTH)
	sub(/^ +/, "", text[n])
	split_args(n, substr($0, RSTART + 1, RLENGTH - 2))

	if ($1 !~ /^[0-9]+$/ || (n > 1 && nr[n] <= nr[n - 1])) {
		fail("numbers must be decimal and ascending")
	}
	if (who[n] !~ /^(any|privileged|control|none)$/) {
		fail("'" who[n] "' is not any, privileged, control or none")
	}
	if (restarts[n] !~ /^(yes|no)$/) {
		fail("'" restarts[n] "' is not yes or no")
	}
	max = nr[n]
}
