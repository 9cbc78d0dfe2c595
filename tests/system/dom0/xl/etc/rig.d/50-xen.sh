# SPDX-License-Identifier: MIT
#
# Debian's Xen tools: the store, dom0's entries in it, the console daemon, and a bridge for
# guests. `rig.store=c` on the kernel command line takes the store written in C.

modprobe -a xen-blkback xen-netback loop bridge
mkdir -p /run/xen /run/xenstored

ip link add xenbr0 type bridge
ip addr add 10.0.99.1/24 dev xenbr0
ip link set xenbr0 up

if [ "$(rig_option rig.store)" = c ]; then
	xenstored --pid-file /run/xenstore.pid
else
	oxenstored --pid-file /run/xenstore.pid
fi
rig_tries=0
until xenstore-read -s / > /dev/null 2>&1; do
	rig_tries=$((rig_tries + 1))
	if [ $rig_tries -gt 300 ]; then
		rig_say "error: xenstored does not answer"
		break
	fi
	usleep 100000
done
rig_say "xenstored answers"

/usr/lib/xen-4.17/bin/xen-init-dom0 > /dev/null
xenconsoled --pid-file /run/xenconsoled.pid --log=guest --log-dir=/var/log/xen
rig_tools=xl
