#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages that packages.txt names and this machine lacks. Returns at once
# when all are there; asks apt for fresh lists only when something is missing. Needs root for
# installing, nothing for finding out that there is nothing to do.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
wanted=$(sed 's/#.*//' "$here/packages.txt" | tr -s ' \t' '\n')

# shellcheck disable=SC2086
there=$(dpkg-query -W -f '${Package} ${Status}\n' $wanted 2> /dev/null |
	sed -n 's/ install ok installed$//p')
missing=
for package in $wanted; do
	case "
$there
" in
	*"
$package
"*) ;;
	*) missing="$missing $package" ;;
	esac
done
if [ -z "$missing" ]; then
	exit 0
fi

echo "Installing Debian packages:$missing"
if [ "$(id -u)" != 0 ]; then
	echo "error: not root; run 'apt-get install$missing' as root and try again" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
install() {
	# shellcheck disable=SC2086
	apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
}
# Stale lists name versions the mirror no longer has: refresh and try once more.
if ! install; then
	apt-get -q -o DPkg::Lock::Timeout=300 update
	install
fi
