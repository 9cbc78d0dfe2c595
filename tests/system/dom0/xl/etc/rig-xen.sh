# SPDX-License-Identifier: MIT
#
# What guests need in dom0 whatever the tools: backends, a bridge, folders. Sourced by 50-tools.sh.

modprobe -a xen-blkback xen-netback loop bridge
mkdir -p /run/xen /run/xenstored

ip link add xenbr0 type bridge
ip addr add 10.0.99.1/24 dev xenbr0
ip link set xenbr0 up

rig_wait_store() {
	rig_tries=0
	until xenstore-read -s / > /dev/null 2>&1; do
		rig_tries=$((rig_tries + 1))
		if [ $rig_tries -gt 300 ]; then
			rig_say "error: xenstored does not answer"
			return
		fi
		usleep 100000
	done
	rig_say "xenstored answers"
}
