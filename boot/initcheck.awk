# SPDX-License-Identifier: MIT
#
# Finds functions that stay after boot but refer to memory that is freed after boot. Input: nm -n
# of an image linked with -q, then readelf -rW of the same. Addresses are compared as text: they
# all have 16 digits. Tables of pointers are not looked at (drivers keep their init functions in
# them), nor are the bounds of the freed memory, nor head.S.

BEGIN {
	n = 0
}

$3 == "__init_start" { init_start = $1 }
$3 == "__init_end" { init_end = $1 }

NF == 3 && length($1) == 16 {
	addr[n] = $1
	name[n++] = $3
	next
}

/^Relocation section/ { in_text = $3 == "'.rela.text'" }

in_text && $3 ~ /^R_X86_64_/ && $4 >= init_start && $4 < init_end && $5 !~ /^__init_/ {
	# Whose code is it? The last symbol at or below the place.
	lo = 0
	hi = n
	while (lo < hi) {
		mid = int((lo + hi) / 2)
		if (addr[mid] <= $1) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	who = name[lo - 1]
	if (who !~ /^(boot_|mb2_)/ && !seen[who, $5]++) {
		print who " refers to " $5 ", which is freed after boot"
		bad = 1
	}
}

END {
	exit bad
}
