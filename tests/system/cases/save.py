# SPDX-License-Identifier: MIT
"""A guest saved to a file and brought back by Debian's xl; and saves and restores that go wrong, which
must leave the guest as it was, or nothing at all.

On processors with XSAVE the oracle cannot be asked: programs of a guest that it brought back there, in QEMU,
die of segmentation faults.
"""

from audit import audit_finds_nothing, nothing_lost, own_memory
from guest import Guest
from machine import DEFAULT_CPU
from runner import group

MACHINE = {"tools": "xl", "cpus": 2, "mem": 3072, "dom0_mem": "1024M", "limit": 900}

FILE = "/tmp/sav.save"
# Never still: reckons, reads its own memory, and writes to its disk.
BUSY = """
n=0
while :; do
	n=$((n + 1))
	md5sum -c /tmp/t/sum || echo "round $n: memory" >> /tmp/bad
	echo $n > /mnt/n && sync
	read=$(cat /mnt/n 2>&1); [ "$read" = $n ] || echo "round $n: $read" >> /tmp/bad
	echo $n > /tmp/rounds
done
"""


def wait_free(dom0, pages):
    """This many are free again; but for one or two, which the oracle keeps for dom0's larger tables."""
    dom0.wait_for(f"[ $(xen-free | cut -d ' ' -f 1) -ge {pages - 64} ]", 30)


def start(dom0):
    """The guest of all cases: 2 vcpus, a disk, a network interface, and never still."""
    dom0.run("head -c 16777216 /dev/zero > /tmp/sav.img && mkfs.ext4 -q /tmp/sav.img")
    dom0.sav = Guest(dom0, "sav", 2, vcpus=2, memory=96, disks=["/tmp/sav.img,raw,xvda,rw"]).start()
    dom0.sav.run("mkdir -p /tmp/t; head -c 5000000 /dev/urandom > /tmp/t/data; md5sum /tmp/t/data > /tmp/t/sum; "
                 "mount /dev/xvda /mnt; echo 0 > /tmp/rounds")
    dom0.sav.leave_running("busy", BUSY)
    goes_on(dom0)


def goes_on(dom0):
    """The guest works, has been busy all the time, and found nothing wrong."""
    guest = dom0.sav
    bad = guest.run("n=$(cat /tmp/rounds); for i in $(seq 100); do [ $(cat /tmp/rounds) -gt $n ] && break; usleep 100000; "
                    "done; cat /tmp/bad 2> /dev/null; [ $(cat /tmp/rounds) -gt $n ]", 90)
    assert not bad, f"the guest found:\n{bad}"
    assert guest.number("nproc") == 2
    assert ", 0% packet loss" in dom0.run(f"ping -c 2 {guest.ip}")
    apart = dom0.number("date +%s") - guest.number("date +%s")
    assert abs(apart) <= 20, f"the guest's clock is {apart} s behind"
    guest.kernel_log_clean()


def goes_and_comes_back(dom0):
    start(dom0)
    dom0.lost = own_memory(dom0) if dom0.on_dais else None
    before = dom0.number("xen-free")
    dom0.run(f"xl save sav {FILE}", 240)
    dom0.sav.wait_gone()
    wait_free(dom0, before + (96 << 8))
    dom0.run(f"xl restore {FILE}", 240)
    goes_on(dom0)
    if dom0.on_dais:
        nothing_lost(dom0, dom0.lost)


def checkpoint(dom0):
    """`save -c`: the guest goes on, and can still be brought back to where it was then."""
    domid = dom0.sav.domid()
    dom0.run(f"xl save -c sav {FILE}", 240)
    assert dom0.sav.domid() == domid
    goes_on(dom0)



def no_room_for_the_file(dom0):
    """The save fails in its middle; the guest was suspended by then, and goes on."""
    domid = dom0.sav.domid()
    dom0.run("mkdir -p /tmp/tiny; mount -t tmpfs -o size=20m tiny /tmp/tiny")
    status, output = dom0.status("xl save sav /tmp/tiny/file", 240)
    assert status != 0 and output, (status, output)
    dom0.run("umount /tmp/tiny")
    assert dom0.sav.domid() == domid
    goes_on(dom0)


def damaged_files(dom0):
    """What cannot be restored leaves no domain and no memory behind."""
    dom0.run(f"xl save sav {FILE}", 240)
    dom0.sav.wait_gone()
    free = dom0.number("xen-free")
    dom0.run(f"head -c 50000000 {FILE} > /tmp/short; echo nothing > /tmp/text; : > /tmp/empty")
    for name in ["short", "text", "empty"]:
        status, output = dom0.status(f"xl restore /tmp/{name}", 120)
        assert status != 0 and output, (name, status, output)
        assert dom0.status("xl domid sav")[0] != 0
        wait_free(dom0, free)
    dom0.run(f"rm /tmp/short; xl restore {FILE}", 240)
    goes_on(dom0)
    dom0.sav.destroy()
    dom0.run(f"rm {FILE} /tmp/sav.img")


for each in [group("save", only="dais", cpu=DEFAULT_CPU + ",+xsave,+xsaveopt,+avx", **MACHINE),
              group("save-fxsave", soak=True, **MACHINE)]:
    for case in [goes_and_comes_back, checkpoint, no_room_for_the_file, damaged_files, audit_finds_nothing]:
        each.case(case)
