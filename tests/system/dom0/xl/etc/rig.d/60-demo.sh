# SPDX-License-Identifier: MIT
#
# `rig.demo` on the kernel command line: a guest named "demo" with two vcpus, a disk and a network
# interface runs before the shell appears. /root/demo.cfg stays, to be read and changed.

rig_demo() {
	head -c 16777216 /dev/zero > /root/demo.img
	mkfs.ext4 -q /root/demo.img
	cat > /root/demo.cfg <<-END
	name = "demo"
	kernel = "/kit/vmlinuz-cloud"
	ramdisk = "/kit/guest.cpio"
	extra = "console=hvc0 rig.ip=10.0.99.10/24"
	memory = 128
	vcpus = 2
	disk = [ "/root/demo.img,raw,xvda,rw" ]
	vif = [ "bridge=xenbr0" ]
	END
	rig_say "starting the guest demo"
	if xl create /root/demo.cfg > /tmp/demo.log 2>&1; then
		rig_say "the guest demo runs"
	else
		cat /tmp/demo.log
		rig_say "error: the guest demo was not made; /root/demo.cfg describes it"
	fi
}

if grep -qw rig.demo /proc/cmdline; then
	rig_demo
fi
