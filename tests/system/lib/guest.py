# SPDX-License-Identifier: MIT
"""Guests under dom0: configuration, life, and commands run in them through their console."""

import re
import shlex

from serial import SLOW

KERNELS = {"cloud": "/kit/vmlinuz-cloud", "amd64": "/kit/vmlinuz", "crash": "/kit/crash_no_handler",
           "burn": "/kit/burn"}


def small_ramdisk(dom0):
    """Makes (in dom0) the guests' initramfs without modules, for guests with hardly any memory."""
    dom0.run("rm -rf /tmp/small; mkdir /tmp/small; cd /tmp/small; cpio -id < /kit/guest.cpio 2> /dev/null; "
             "rm -r usr/lib/modules; find . | cpio -o -H newc > /tmp/small.cpio 2> /dev/null; rm -rf /tmp/small")
    return "/tmp/small.cpio"


# For Guest.leave_running: what udev would do on a full system.
ONLINE = """
while :; do
	for c in /sys/devices/system/cpu/cpu[1-9]/online; do
		[ "$(cat $c)" = 0 ] && echo 1 > $c
	done 2> /dev/null
	usleep 100000
done
"""


class Guest:
    """One guest. Its address is 10.0.99.NUMBER on the bridge; dom0 is 10.0.99.1. `more` are further
    lines of its configuration. Where the tools are ours they are called by their own name here; cases
    say `xl`, which both have.
    """

    def __init__(self, dom0, name, number, kernel="cloud", vcpus=1, memory=128, disks=(),
                 vif=True, args="", more=(), ramdisk="/kit/guest.cpio"):
        self.dom0, self.name, self.ip = dom0, name, f"10.0.99.{number}"
        ours = dom0.point.tools == "dais" and "rig.tools=xl" not in dom0.point.kernel_args
        self.tool = "dais" if ours else "xl"
        self.config = f"/tmp/{name}.cfg"
        # Debian's console daemon, and ours.
        self.logs = f"/var/log/xen/guest-{name}.log /var/log/dais/console/{name}.log"
        lines = [f'name = "{name}"', f'kernel = "{KERNELS[kernel]}"',
                 f'ramdisk = "{ramdisk}"', f"memory = {memory}", f"vcpus = {vcpus}",
                 f'extra = "console=hvc0{f" rig.ip={self.ip}/24" if vif else ""} {args}"']
        if disks:
            lines.append("disk = [" + ", ".join(f'"{disk}"' for disk in disks) + "]")
        if vif:
            lines.append(f'vif = [ "mac=00:16:3e:00:00:{number:02x},bridge=xenbr0" ]')
        if not any(line.startswith("on_crash") for line in more):
            lines.append('on_crash = "destroy"')
        text = "\n".join(lines + list(more)) + "\n"
        dom0.run(f"printf %s {shlex.quote(text)} > {self.config}")

    def create(self, options="", deadline=180):
        self.dom0.run(f"rm -f {self.logs}")
        return self.dom0.run(f"{self.tool} create {options} {self.config}", deadline)

    def wait_ready(self, deadline=180):
        """Waits for the guest's own ready line in the console daemon's log."""
        self.dom0.wait_for(f"cat {self.logs} 2> /dev/null | grep -a 'guest ready'", deadline)

    def start(self):
        self.create()
        self.wait_ready()
        return self

    def run(self, command, deadline=60):
        """Runs a shell command in the guest; its output. Raises when it fails."""
        return self.dom0.run(f"gx {self.name} {int(deadline * SLOW)} {shlex.quote(command)}", deadline + 10)

    def leave_running(self, name, script):
        """Starts a shell script, /tmp/NAME in the guest, and does not wait for it."""
        self.run(f"cat > /tmp/{name} <<'X'\n{script}\nX\n"
                 f"setsid sh /tmp/{name} > /dev/null 2>&1 < /dev/null &", 90)

    def kernel_log_clean(self):
        bad = self.run("dmesg | grep -E -A 20 'WARNING:|BUG:|Call Trace|Oops|detected stall|stalls on|soft lockup' || true", 90)
        assert not bad, f"guest {self.name} says:\n{bad}"

    def number(self, command, deadline=60):
        return int(re.search(r"-?\d+", self.run(command, deadline)).group())

    def domid(self):
        return self.dom0.number(f"xl domid {self.name}")

    def wait_gone(self, deadline=60):
        self.dom0.wait_for(f"! xl domid {self.name} 2> /dev/null", deadline)

    def shutdown(self, deadline=180):
        self.dom0.run(f"{self.tool} shutdown {self.name}")
        self.wait_gone(deadline)

    def destroy(self, deadline=60):
        self.dom0.run(f"{self.tool} destroy {self.name}", deadline)
        self.wait_gone(deadline)
