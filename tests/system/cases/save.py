# SPDX-License-Identifier: MIT
"""A guest saved to a file, by Debian's xl and by our tools, and brought back by Debian's xl; and saves and
restores that go wrong, which must leave the guest as it was, or nothing at all.

On processors with XSAVE the oracle cannot be asked: programs of a guest that it brought back there, in QEMU,
die of segmentation faults.
"""

from audit import audit_finds_nothing, nothing_lost, own_memory
from guest import Guest
from machine import DEFAULT_CPU
from runner import group

MACHINE = {"tools": "xl", "cpus": 2, "mem": 3072, "dom0_mem": "1024M", "limit": 900}

FILE = "/tmp/sav.save"
# In dom0 with our tools `xl` is ours; this one is Debian's.
DEBIANS = "/usr/lib/xen-4.17/bin/xl"
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
    # On a busy machine it takes the guest a while to say what time it is.
    before, now, after = dom0.number("date +%s"), guest.number("date +%s"), dom0.number("date +%s")
    assert before - 20 <= now <= after + 20, f"the guest's clock says {now}, dom0's {before} to {after}"
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


def ours_goes_and_debians_comes_back(dom0):
    """Saved by our tools, restored by Debian's. The supervisor takes it for a wish, not for an end."""
    # What Debian's tools look for, beyond what ours need.
    dom0.run("xenstore-write /local/pool/0/name Pool-0")
    start(dom0)
    before = dom0.number("xen-free")
    dom0.run(f"dais define {dom0.sav.config}; dais save sav {FILE}", 240)
    dom0.sav.wait_gone()
    wait_free(dom0, before + (96 << 8))
    dom0.lost = own_memory(dom0) if dom0.on_dais else None
    assert "sav  " in dom0.run("dais list --all | grep stopped")
    assert f"dais restore {FILE}" in dom0.run("dais why sav")
    assert "saved" in dom0.run("dais events sav | tail -n 1")
    dom0.run(f"[ $(stat -c %a {FILE}) = 600 ] && ! ls {FILE}.*; dais undefine sav; {DEBIANS} restore {FILE}", 240)
    goes_on(dom0)


def ours_checkpoint(dom0):
    """A guest the supervisor does not know needs its configuration named. `-c`: it goes on; `-p`: once let."""
    domid = dom0.sav.domid()
    status, output = dom0.status(f"dais save -c sav {FILE}", 60)
    assert status == 1 and "name its file" in output, (status, output)
    dom0.run(f"dais save -c sav {FILE} {dom0.sav.config}", 240)
    assert dom0.sav.domid() == domid
    goes_on(dom0)
    dom0.run(f"dais save -p sav {FILE} {dom0.sav.config}; dais list sav | grep -E ' -[b-]p--- '", 240)
    dom0.run("dais unpause sav")
    goes_on(dom0)


def ours_fails(dom0):
    """No room, no folder, a paused guest: it goes on, and nothing is left of the file."""
    domid = dom0.sav.domid()
    save = f"dais save sav %s {dom0.sav.config}"
    dom0.run("mkdir -p /tmp/tiny; mount -t tmpfs -o size=20m tiny /tmp/tiny")
    status, output = dom0.status(save % "/tmp/tiny/file", 240)
    assert status == 1 and "No space left" in output and "goes on" in output, (status, output)
    dom0.run("[ -z \"$(ls /tmp/tiny)\" ]; umount /tmp/tiny")
    goes_on(dom0)
    status, output = dom0.status(save % "/tmp/no/file", 60)
    assert status == 1 and "choose another place" in output, (status, output)
    dom0.run("dais pause sav")
    status, output = dom0.status(save % "/tmp/file", 60)
    assert status == 1 and "dais unpause" in output, (status, output)
    dom0.run("! ls /tmp/file*; dais unpause sav")
    assert dom0.sav.domid() == domid
    goes_on(dom0)


def ours_not_answered(dom0):
    """A kernel that knows nothing of such requests: the wait has an end, and the request is taken back."""
    burn = Guest(dom0, "burn", 3, kernel="burn", memory=96, vif=False, args="spin")
    burn.create()
    status, output = dom0.status("dais save burn /tmp/burn.save", 240)
    assert status == 1 and "did not answer" in output, (status, output)
    assert dom0.run("! ls /tmp/burn.save* 2> /dev/null; xenstore-read /local/domain/$(dais domid burn)/control/shutdown") == "\n"
    burn.destroy()


def ours_leave_nothing(dom0):
    dom0.sav.destroy()
    dom0.run(f"rm {FILE} /tmp/sav.img")
    if dom0.on_dais:
        nothing_lost(dom0, dom0.lost)


OURS = [ours_goes_and_debians_comes_back, ours_checkpoint, ours_fails, ours_not_answered, ours_leave_nothing,
        audit_finds_nothing]
for each in [group("save-ours", only="dais", cpu=DEFAULT_CPU + ",+xsave,+xsaveopt,+avx", **MACHINE | {"tools": "dais"}),
             group("save-ours-fxsave", soak=True, **MACHINE | {"tools": "dais"})]:
    for case in OURS:
        # A minute of waiting is for the long tests.
        if each.name == "save-ours-fxsave" or case is not ours_not_answered:
            each.case(case)
for each in [group("save", only="dais", cpu=DEFAULT_CPU + ",+xsave,+xsaveopt,+avx", **MACHINE),
              group("save-fxsave", soak=True, **MACHINE)]:
    for case in [goes_and_comes_back, checkpoint, no_room_for_the_file, damaged_files, audit_finds_nothing]:
        each.case(case)
