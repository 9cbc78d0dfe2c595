# SPDX-License-Identifier: MIT
"""A guest saved to a file, by Debian's xl and by our tools, and brought back by either; and saves and
restores that go wrong, which must leave the guest as it was, or nothing at all.

On processors with XSAVE the oracle cannot be asked: programs of a guest that it brought back there, in QEMU,
die of segmentation faults.
"""

from audit import audit_finds_nothing, nothing_lost, own_memory
from busy import Busy
from guest import Guest
from machine import DEFAULT_CPU
from runner import group

MACHINE = {"tools": "xl", "cpus": 2, "mem": 3072, "dom0_mem": "1024M", "limit": 900}

FILE = "/tmp/sav.save"
# In dom0 with our tools `xl` is ours; this one is Debian's.
DEBIANS = "/usr/lib/xen-4.17/bin/xl"


def wait_free(dom0, pages):
    """This many are free again; but for one or two, which the oracle keeps for dom0's larger tables."""
    dom0.wait_for(f"[ $(xen-free | cut -d ' ' -f 1) -ge {pages - 64} ]", 30)


def start(dom0):
    dom0.sav = Busy(dom0, "sav", 2)
    dom0.sav.begin()


def goes_and_comes_back(dom0):
    start(dom0)
    dom0.lost = own_memory(dom0) if dom0.on_dais else None
    before = dom0.number("xen-free")
    dom0.run(f"xl save sav {FILE}", 240)
    dom0.sav.wait_gone()
    wait_free(dom0, before + (128 << 8))
    dom0.run(f"xl restore {FILE}", 240)
    dom0.sav.goes_on()
    if dom0.on_dais:
        nothing_lost(dom0, dom0.lost)


def checkpoint(dom0):
    """`save -c`: the guest goes on, and can still be brought back to where it was then."""
    domid = dom0.sav.domid()
    dom0.run(f"xl save -c sav {FILE}", 240)
    assert dom0.sav.domid() == domid
    dom0.sav.goes_on()


def no_room_for_the_file(dom0):
    """The save fails in its middle; the guest was suspended by then, and goes on."""
    domid = dom0.sav.domid()
    dom0.run("mkdir -p /tmp/tiny; mount -t tmpfs -o size=20m tiny /tmp/tiny")
    status, output = dom0.status("xl save sav /tmp/tiny/file", 240)
    assert status != 0 and output, (status, output)
    dom0.run("umount /tmp/tiny")
    assert dom0.sav.domid() == domid
    dom0.sav.goes_on()


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
    dom0.sav.goes_on()
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
    wait_free(dom0, before + (128 << 8))
    dom0.lost = own_memory(dom0) if dom0.on_dais else None
    assert "sav  " in dom0.run("dais list --all | grep stopped")
    assert f"dais restore {FILE}" in dom0.run("dais why sav")
    assert "saved" in dom0.run("dais events sav | tail -n 1")
    dom0.run(f"[ $(stat -c %a {FILE}) = 600 ] && ! ls {FILE}.*; dais undefine sav; {DEBIANS} restore {FILE}", 240)
    dom0.sav.goes_on()


def debians_goes_and_ours_comes_back(dom0):
    """The configuration that Debian's xl puts into the file is understood."""
    dom0.run(f"{DEBIANS} save sav {FILE}", 240)
    dom0.sav.wait_gone()
    dom0.run(f"head -c 50000000 {FILE} > /tmp/short")
    status, output = dom0.status("dais restore /tmp/short", 120)
    assert status == 1 and "cut short" in output, (status, output)
    dom0.run(f"rm /tmp/short; dais restore {FILE}", 240)
    dom0.sav.goes_on()


def ours_checkpoint(dom0):
    """A guest the supervisor does not know needs its configuration named. `-c`: it goes on; `-p`: once let."""
    domid = dom0.sav.domid()
    status, output = dom0.status(f"dais save -c sav {FILE}", 60)
    assert status == 1 and "name its file" in output, (status, output)
    dom0.run(f"dais save -c sav {FILE} {dom0.sav.config}", 240)
    assert dom0.sav.domid() == domid
    dom0.sav.goes_on()
    dom0.run(f"dais save -p sav {FILE} {dom0.sav.config}; dais list sav | grep -E ' -[b-]p--- '", 240)
    dom0.run("dais unpause sav")
    dom0.sav.goes_on()


def ours_fails(dom0):
    """No room, no folder, a paused guest: it goes on, and nothing is left of the file."""
    domid = dom0.sav.domid()
    save = f"dais save sav %s {dom0.sav.config}"
    dom0.run("mkdir -p /tmp/tiny; mount -t tmpfs -o size=20m tiny /tmp/tiny")
    status, output = dom0.status(save % "/tmp/tiny/file", 240)
    assert status == 1 and "No space left" in output and "goes on" in output, (status, output)
    dom0.run("[ -z \"$(ls /tmp/tiny)\" ]; umount /tmp/tiny")
    dom0.sav.goes_on()
    status, output = dom0.status(save % "/tmp/no/file", 60)
    assert status == 1 and "choose another place" in output, (status, output)
    dom0.run("dais pause sav")
    status, output = dom0.status(save % "/tmp/file", 60)
    assert status == 1 and "dais unpause" in output, (status, output)
    dom0.run("! ls /tmp/file*; dais unpause sav")
    assert dom0.sav.domid() == domid
    dom0.sav.goes_on()


def save_into_pipe(dom0, then):
    """A save that is held up in its middle by who reads it; `then` is done there, and the rest goes into FILE."""
    dom0.run("rm -f /tmp/held /tmp/over; mkfifo /tmp/pipe; (dd bs=4096 count=2000 iflag=fullblock 2> /dev/null; : > /tmp/held; "
             f"until [ -e /tmp/over ]; do usleep 50000; done; cat) < /tmp/pipe > {FILE} 2> /dev/null &")
    try:
        return dom0.status(f"dais save sav /tmp/pipe {dom0.sav.config} > /tmp/said 2>&1 & pid=$!; "
                           "until [ -e /tmp/held ]; do usleep 50000; done; "
                           f"{then}; : > /tmp/over; wait $pid; status=$?; cat /tmp/said; wait; exit $status", 240)
    finally:
        dom0.run("rm /tmp/pipe")


def ours_interrupted(dom0):
    """By a signal while it writes. More than one: it may be about to write where there is no room when it comes."""
    domid = dom0.sav.domid()
    status, output = save_into_pipe(dom0, "for n in 1 2 3; do kill -INT $pid 2> /dev/null; usleep 300000; done")
    assert status == 1 and output == "dais save: interrupted; the guest goes on\n", (status, output)
    assert dom0.sav.domid() == domid
    dom0.sav.goes_on()


def ours_loses_the_store(dom0):
    """The store is killed and comes back while the guest sleeps: what is saved then is whole."""
    status, output = save_into_pipe(dom0, "rig-kill stored 0")
    assert status == 0, (status, output)
    dom0.sav.wait_gone()
    dom0.run(f"dais restore {FILE}", 240)
    dom0.sav.goes_on()


def ours_both_ways(dom0):
    """Saved and restored by our tools, twice: what was restored can be saved again, with a disk it got since."""
    def there_and_back(config):
        dom0.run(f"dais save sav {FILE} {config}", 240)
        dom0.sav.wait_gone()
        dom0.run(f"dais restore {FILE}", 240)
        dom0.sav.goes_on()

    there_and_back(dom0.sav.config)
    dom0.run("head -c 4194304 /dev/zero > /tmp/more.img; dais block-attach sav /tmp/more.img,raw,xvdb,rw")
    dom0.sav.run("until [ -b /dev/xvdb ]; do usleep 50000; done; echo more | dd of=/dev/xvdb conv=fsync 2> /dev/null")
    there_and_back("")
    assert dom0.sav.run("echo 3 > /proc/sys/vm/drop_caches; head -n 1 /dev/xvdb") == "more\n"


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
    dom0.run(f"rm {FILE} /tmp/sav.img /tmp/more.img")
    if dom0.on_dais:
        nothing_lost(dom0, dom0.lost)


OURS = [ours_goes_and_debians_comes_back, ours_checkpoint, ours_fails, ours_interrupted,
        debians_goes_and_ours_comes_back, ours_loses_the_store, ours_both_ways, ours_not_answered,
        ours_leave_nothing, audit_finds_nothing]
for each in [group("save-ours", only="dais", cpu=DEFAULT_CPU + ",+xsave,+xsaveopt,+avx", **MACHINE | {"tools": "dais"}),
             group("save-ours-fxsave", soak=True, **MACHINE | {"tools": "dais"})]:
    for case in OURS:
        # A minute of waiting is for the long tests.
        if each.name == "save-ours-fxsave" or case not in (ours_not_answered, ours_loses_the_store):
            each.case(case)
for each in [group("save", only="dais", cpu=DEFAULT_CPU + ",+xsave,+xsaveopt,+avx", **MACHINE),
              group("save-fxsave", soak=True, **MACHINE)]:
    for case in [goes_and_comes_back, checkpoint, no_room_for_the_file, damaged_files, audit_finds_nothing]:
        each.case(case)
