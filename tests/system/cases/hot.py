# SPDX-License-Identifier: MIT
"""What changes under a running guest: vcpus, memory, disks, interfaces, its share of the CPUs.

All of it happens while the guest's CPUs, disk and network are busy, and what it reads and writes is
checked. HOT_CYCLES in the environment says how often each thing comes and goes (`make soak`: 100).
"""

import os

from audit import audit_finds_nothing
from guest import Guest
from kernellog import kernel_log_clean
from load import Load
from runner import group
from serial import SLOW

CYCLES = int(os.environ.get("HOT_CYCLES", "6"))
VCPUS = 4

hot = group("hot", soak=True, tools="xl", cpus=2, mem=3072, dom0_mem="768M", limit=900 + 60 * CYCLES)


def cycles(dom0, deadline, *steps):
    """Runs the steps CYCLES times in dom0; one that begins with `until` polls until it succeeds."""
    script = ""
    for step in steps:
        if step.startswith("until "):
            check = step[len("until "):]
            script += (f"n=0; until {check}; do n=$((n + 1)); [ $n -lt 300 ] || "
                       f"{{ echo 'cycle '$i': not so: {check.split('|')[0]}'; exit 1; }}; usleep 300000; done; ")
        else:
            script += step + " || { echo 'cycle '$i': failed'; exit 1; }; "
    dom0.run(f"for i in $(seq {CYCLES}); do {script} done", deadline * CYCLES)


def in_guest(command, seconds=60):
    return f"gx hot {int(seconds * SLOW)} \"{command}\""


def load_is_well(dom0):
    dom0.guests["load"].well()


@hot.case
def busy_guest(dom0):
    dom0.run("head -c 16777216 /dev/zero > /tmp/hot.img && mkfs.ext4 -q /tmp/hot.img; "
             "head -c 4194304 /dev/zero > /tmp/more.img")
    guest = Guest(dom0, "hot", 2, vcpus=2, memory=160, disks=["/tmp/hot.img,raw,xvda,rw"],
                  more=[f"maxvcpus = {VCPUS}", "maxmem = 256"]).start()
    dom0.guests.update(hot=guest, load=Load(dom0, guest))
    load_is_well(dom0)


@hot.case
def vcpus_come_and_go(dom0):
    offline = "[ $(xl vcpu-list hot | grep -c -e --p) = %d ]"
    cycles(dom0, 30, "xl vcpu-set hot 1", "until " + offline % (VCPUS - 1),
           f"xl vcpu-set --ignore-host hot {VCPUS}", "until " + offline % 0)
    load_is_well(dom0)


@hot.case
def memory_shrinks_and_grows(dom0):
    """Down, back up, and above what it booted with: as far as maxmem."""
    cycles(dom0, 40, "xl mem-set hot 140", "until xl list hot | grep -q ' 140 '",
           "xl mem-set hot 200", "until xl list hot | grep -q ' 200 '")
    load_is_well(dom0)


@hot.case
def memory_past_maxmem(dom0):
    """The kernel's own memory hotplug takes what lies beyond the map it booted with."""
    total = "grep MemTotal /proc/meminfo"
    before = dom0.number(in_guest(total), 90)
    dom0.run(in_guest("echo online > /sys/devices/system/memory/auto_online_blocks"), 90)
    domid = dom0.number("xl domid hot")
    dom0.run(f"xl mem-max hot 520; xenstore-write /local/domain/{domid}/memory/target {512 << 10}")
    dom0.wait_for("xl list hot | grep ' 512 '", 120)
    assert dom0.number(in_guest(total), 90) > before + (200 << 10)
    fill = ("mkdir -p /tmp/t; mount -t tmpfs -o size=280m t /tmp/t; head -c 1000000 /dev/urandom > /tmp/one; "
            "for i in $(seq 220); do cp /tmp/one /tmp/t/$i; done; "
            "for i in $(seq 5 10 220); do cmp /tmp/one /tmp/t/$i || exit 1; done; umount /tmp/t")
    dom0.run(in_guest(fill.replace("$", "\\$"), 120), 150)
    load_is_well(dom0)


# In the guest: what is done to a disk and an interface that come. The last block of what is written
# tells what came before it, so that dom0 sees when all is there.
NEW_DISK = """
size() {
	cat /sys/block/xvdb/size 2> /dev/null || echo 0
}
cd /tmp
while :; do
	while [ $(size) = 0 ]; do usleep 50000; done
	head -c 1048576 /dev/urandom > new
	sha256sum < new > new.sum
	truncate -s 4096 new.sum
	cat new new.sum | dd of=/dev/xvdb bs=4096 conv=fsync
	while [ $(size) != 0 ]; do usleep 50000; done
done
"""
NEW_INTERFACE = """
while :; do
	until [ -e /sys/class/net/eth1 ]; do usleep 50000; done
	ip addr add 10.0.98.2/24 dev eth1
	ip link set eth1 up
	while [ -e /sys/class/net/eth1 ]; do usleep 50000; done
done
"""


@hot.case
def disks_come_and_go(dom0):
    dom0.guests["hot"].leave_running("new-disk", NEW_DISK)
    written = ('[ "$(head -c 1048576 /tmp/more.img | sha256sum)" = '
               '"$(tail -c +1048577 /tmp/more.img | head -n 1 | tr -d "\\000")" ]')
    cycles(dom0, 60,
           "dd if=/dev/zero of=/tmp/more.img bs=1M count=2 conv=notrunc 2> /dev/null",
           "xl block-attach hot format=raw,vdev=xvdb,access=rw,target=/tmp/more.img > /dev/null",
           "until " + written,
           "xl block-detach hot xvdb")
    load_is_well(dom0)


@hot.case
def interfaces_come_and_go(dom0):
    dom0.guests["hot"].leave_running("new-interface", NEW_INTERFACE)
    dom0.run("ip addr add 10.0.98.1/24 dev xenbr0")
    cycles(dom0, 60,
           "xl network-attach hot mac=00:16:3e:00:00:22 bridge=xenbr0",
           "until ping -q -c 1 -W 5 10.0.98.2 > /dev/null",
           "xl network-detach hot 1",
           "until [ $(xl network-list hot | wc -l) = 2 ]")
    load_is_well(dom0)


def used(dom0, seconds, *names):
    """CPU seconds that each guest got in about so many seconds, and how long it really was."""
    look = "; ".join(f"xl list {name} | tail -1 | sed 's/.* //'" for name in names)
    out = dom0.run(f"a=$(cut -d ' ' -f 1 /proc/uptime); {look}; sleep {seconds}; {look}; "
                   "echo $a; cut -d ' ' -f 1 /proc/uptime", seconds + 60).split()
    n = len(names)
    return [float(out[n + i]) - float(out[i]) for i in range(n)], float(out[-1]) - float(out[-2])


@hot.case
def cap_holds_at_once(dom0):
    dom0.run("xl sched-credit2 -d hot -c 40; sleep 1")
    (got,), real = used(dom0, 5, "hot")
    dom0.run("xl sched-credit2 -d hot -c 0; sleep 1")
    (free,), long = used(dom0, 5, "hot")
    assert got <= 0.45 * real + 0.2, f"capped at 40 % it used {got} s in {real} s"
    assert free >= 0.6 * long, f"without a cap it used only {free} s in {long} s"


@hot.case
def weight_counts_at_once(dom0):
    """Beside an equally busy neighbour on the same CPU: as much, then twice as much. Weights are of
    each vcpu, so it has as many as the neighbour.
    """
    dom0.run("xl vcpu-set hot 1")
    dom0.wait_for(f"[ $(xl vcpu-list hot | grep -c -e --p) = {VCPUS - 1} ]", 120)
    Guest(dom0, "beside", 3, vcpus=1, memory=96, vif=False).start()
    dom0.run("gx beside 60 'setsid sh -c \"while :; do :; done\" > /dev/null 2>&1 < /dev/null &'", 90)
    dom0.run("xl vcpu-pin beside all 1; xl vcpu-pin hot all 1; xl vcpu-pin 0 all 0; sleep 1")
    (hot_got, beside_got), real = used(dom0, 6, "hot", "beside")
    assert 0.75 < hot_got / beside_got < 1.33, (hot_got, beside_got, real)
    dom0.run("xl sched-credit2 -d beside -w 512; sleep 1")
    (hot_got, beside_got), real = used(dom0, 6, "hot", "beside")
    assert 1.5 < beside_got / hot_got < 2.6, (hot_got, beside_got, real)
    dom0.run("xl vcpu-pin 0 all all; xl vcpu-pin hot all all; xl destroy beside; "
             f"xl vcpu-set --ignore-host hot {VCPUS}")
    load_is_well(dom0)


@hot.case
def guest_kernel_log_clean(dom0):
    dom0.guests["hot"].kernel_log_clean()


hot.case(audit_finds_nothing)


@hot.case
def disk_is_whole(dom0):
    dom0.guests["load"].stop()
    dom0.run("gx hot 30 'killall sh; sleep 1; umount /mnt' || true", 60)
    dom0.run("xl shutdown hot")
    dom0.wait_for("! xl domid hot 2> /dev/null", 120)
    dom0.run("e2fsck -fy /tmp/hot.img > /tmp/fsck 2>&1 || [ $? = 1 ] || { cat /tmp/fsck; exit 1; }")


hot.case(kernel_log_clean)
