# SPDX-License-Identifier: MIT
#
# `rig.demo` on the kernel command line: a guest with a disk and a network interface, running by
# the time somebody looks. `xl` is whatever tools this dom0 has.

if grep -qw rig.demo /proc/cmdline && [ "$rig_tools" != none ]; then
	mkdir -p /etc/xen
	head -c 16777216 /dev/zero > /var/lib/demo.img
	cat > /etc/xen/demo.cfg <<- END
		name = "demo"
		kernel = "/kit/vmlinuz-cloud"
		ramdisk = "/kit/guest.cpio"
		cmdline = "console=hvc0 rig.ip=10.0.99.10/24"
		memory = 128
		vcpus = 1
		disk = [ "/var/lib/demo.img,raw,xvda,rw" ]
		vif = [ "bridge=xenbr0" ]
	END
	rig_say "creating the demo guest"
	xl create -q /etc/xen/demo.cfg
fi
