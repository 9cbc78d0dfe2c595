# SPDX-License-Identifier: MIT
#
# Loads drivers: Xen's interfaces where there is a hypervisor, then whatever the devices ask for.

if [ -d /proc/xen ]; then
	modprobe -a xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs
	mount -t xenfs xenfs /proc/xen
fi
modprobe -a crc32c_generic $(cat /sys/bus/pci/devices/*/modalias) 2> /dev/null
if [ -d /sys/bus/virtio ]; then
	modprobe -a $(cat /sys/bus/virtio/devices/*/modalias) 2> /dev/null
fi
if [ -d /sys/module/libata ]; then
	modprobe -a sd_mod sr_mod
fi
ip link set lo up
rig_say "drivers loaded"
