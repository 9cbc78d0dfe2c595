# SPDX-License-Identifier: MIT
#
# Debian's Xen tools: the store, dom0's entries in it, the console daemon. `rig.store=c` on the
# kernel command line takes the store written in C.

. /etc/rig-xen.sh

if [ "$(rig_option rig.store)" = c ]; then
	xenstored --pid-file /run/xenstore.pid
else
	oxenstored --pid-file /run/xenstore.pid
fi
rig_wait_store
/usr/lib/xen-4.17/bin/xen-init-dom0 > /dev/null
xenconsoled --pid-file /run/xenconsoled.pid --log=guest --log-dir=/var/log/xen
rig_tools=xl
