# SPDX-License-Identifier: MIT
#
# From cloc's lines (language, file, blank, comment, code) to the sums that `make size` shows.
# init: names without ending of the sources that are freed after boot; max: the aim.

BEGIN {
	n = split(init, names, " ")
	for (i = 1; i <= n; i++) {
		freed[names[i]] = 1
	}
}

$2 ~ /\.[chS]$/ {
	name = $2
	sub(/\.[chS]$/, "", name)
	kind = $2 ~ /\.h$/ ? "headers" : name in freed ? "boot" : "stays"
	files[kind]++
	lines[kind] += $5
	room = $2
	sub(/\/[^\/]*$/, "", room)
	rooms[room] += kind == "headers" ? 0 : $5
}

END {
	printf "C and assembly that stays  %4d files %6d lines\n", files["stays"], lines["stays"]
	printf "freed once dom0 runs       %4d files %6d lines\n", files["boot"], lines["boot"]
	printf "headers                    %4d files %6d lines\n", files["headers"], lines["headers"]
	for (room in rooms) {
		if (rooms[room] > 0) {
			printf "  %-24s %21d\n", room, rooms[room] | "sort"
		}
	}
	close("sort")
	n = lines["stays"] + lines["boot"]
	printf "ring 0: %d lines of C and assembly, ", n
	over = n - max
	printf "%d %s the aim of %d\n", (over < 0 ? -over : over), (over < 0 ? "below" : "over"), max
}
