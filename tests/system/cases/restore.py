# SPDX-License-Identifier: MIT
"""Guests that Debian's xl saved to a file, brought back by our tools; and files that cannot be brought back, which
must leave nothing behind. Debian's xl runs on our store here, beside our tools.

On processors with XSAVE the oracle cannot be asked; see save.py.
"""

import base64
import json
import struct

from audit import audit_finds_nothing
from busy import Busy
from machine import DEFAULT_CPU
from runner import group

MACHINE = {"tools": "dais", "kernel_args": "rig.tools=xl", "cpus": 2, "mem": 3072, "dom0_mem": "1024M", "limit": 1500}

FILE = "/tmp/sav.save"

# What there is of guests.
TRACE = r"""
trace() {
	dais list | tail -n +2 | cut -c 1-47
	dais list --all --json | grep -c '"managed"'
	xenstore-ls -f | sed 's/ = .*//' | grep -vE '^/(tool|libxl)(/|$)|^/vm$|backend(/v[bi][df])?$'
	losetup -a
	ls /sys/class/net
}
"""


def known(dom0, name):
    """What our tools know about a guest."""
    return next((row for row in json.loads(dom0.run("dais list --all --json")) if row["name"] == name), None)


def record(dom0):
    """What the supervisor has of the guest."""
    return json.loads(dom0.run("dais config --json sav"))


def records(dom0):
    """Where what begins in the file: the names of headers and, for records, their types."""
    start = base64.b64decode(dom0.run(f"head -c 4000 {FILE} | base64"))
    at = 48 + struct.unpack_from("<I", start, 44)[0]
    found = {"config": 48, "libxl": at, "context": at + 16, "image": at + 24, "domain": at + 48}
    at += 64
    while at + 8 <= len(start):
        kind, length = struct.unpack_from("<II", start, at)
        found.setdefault(kind, at)
        at += 8 + (length + 7) // 8 * 8
    return found


def saved_by_xl(dom0):
    dom0.run("dais list --all > /dev/null")      # from now on there is a supervisor
    dom0.sav = Busy(dom0, "sav", 2)
    dom0.sav.begin()
    dom0.run(f"xl save sav {FILE}", 240)
    dom0.sav.wait_gone()
    dom0.run("rm /var/log/dais/console/sav.log")


def refused(dom0, command, says):
    """One line that says it; status 1."""
    status, text = dom0.status(f"{command} 2>&1", 120)
    assert status == 1 and says in text and text.count("\n") == 1, (command, says, status, text)


def nothing_left(dom0, pages):
    dom0.wait_for(TRACE + "trace > /tmp/after; diff /tmp/before /tmp/after", 30)
    # But for small objects of the hypervisor, and what the oracle keeps for dom0's larger tables.
    dom0.wait_for(f"[ $(xen-free | cut -d ' ' -f 1) -ge {pages - 64} ]", 30)


def damaged_files(dom0):
    """Refused with one message that says what is wrong, whatever the guest had come to by then."""
    dom0.run(TRACE + "trace > /tmp/before")
    pages = dom0.number("xen-free")
    at = records(dom0)
    size = dom0.number(f"stat -c %s {FILE}")
    dom0.run(": > /tmp/bad; dais domid sav 2> /dev/null && exit 1; true")
    refused(dom0, "dais restore /tmp/bad", "it is not a saved guest")
    refused(dom0, "dais restore /kit/guest.cpio", "it is not a saved guest")
    refused(dom0, "dais restore /tmp/none", "No such file or directory")
    for length in [47, 60, at["image"] + 3, at[3] + 100, 50000000, size - 1]:
        dom0.run(f"head -c {length} {FILE} > /tmp/bad")
        refused(dom0, "dais restore /tmp/bad", "it is not a saved guest" if length < 48 else "the file is cut short")
    nothing_left(dom0, pages)
    dom0.run(f"cp {FILE} /tmp/bad")
    for where, value, says in [
            (32, 0x04030201, "another byte order"),
            (36, 0x80000003, "another version"),
            (44, 0xffffffff, "its configuration has"),
            (at["config"], 0xffffffff, "its configuration has"),
            (at["config"] + 8, 0x20202020, "its configuration is damaged"),
            (at["libxl"] + 8, 0x03000000, "another version (3,"),
            (at["context"], 0x77, "unknown type 0x77"),
            (at["image"] + 12, 0x04000000, "version 4"),
            (at["domain"], 2, "only PV guests can run here"),
            (at[2], 0x33, "unknown type 0x33"),
            (at[2] + 4, 0x7fffffff, "bytes"),
            (at[2] + 8, 0x0304, "only those of 64 bits"),
            (at[3] + 12, 0x0fffffff, "listed in"),
            (at[1] + 8, 0xffffffff, "pages in"),
            (at[1] + 20, 0x000fffff, "none of the guest's")]:
        kept = dom0.run(f"dd if=/tmp/bad bs=1 skip={where} count=4 2> /dev/null | base64")
        patch = "".join(f"\\x{byte:02x}" for byte in struct.pack("<I", value))
        write = f"dd of=/tmp/bad bs=1 seek={where} conv=notrunc 2> /dev/null"
        dom0.run(f"printf '{patch}' | {write}")
        refused(dom0, "dais restore /tmp/bad", says)
        dom0.run(f"echo {kept.strip()} | base64 -d | {write}")
    dom0.run(f"cmp {FILE} /tmp/bad && rm /tmp/bad")
    nothing_left(dom0, pages)


def what_does_not_fit(dom0):
    """A configuration that the saved guest does not fit into, or nobody."""
    pages = dom0.number("xen-free")
    for line, says in [("memory = 100000", "MiB are free"), ("memory = 32; maxmem = 32", "raise `maxmem`"),
                       ("vcpus = 1; maxvcpus = 1", "raise `vcpus`"), ("disk = ['/tmp/none,raw,xvda,rw']", "/tmp/none"),
                       ("vif = ['bridge=none']", "there is no bridge")]:
        dom0.run(f"(cat {dom0.sav.config}; echo \"{line}\") > /tmp/other.cfg")
        refused(dom0, f"dais restore /tmp/other.cfg {FILE}", says)
    for step in ["state", "domain", "restore", "devices", "start"]:
        refused(dom0, f"dais restore --fail-after {step} {FILE}", f"given up after step '{step}'")
    nothing_left(dom0, pages)


def paused_and_named_by_another_configuration(dom0):
    """-p; and CONFIG wins over what the file has. It never runs: its disk stays what it was."""
    dom0.run(f"sed 's/\"sav\"/\"second\"/' {dom0.sav.config} > /tmp/other.cfg; dais restore -p /tmp/other.cfg {FILE}", 240)
    dom0.run("dais list second | grep -q -- --p---")
    assert dom0.status("xl domid sav")[0] != 0
    refused(dom0, f"dais restore /tmp/other.cfg {FILE}", "there is a guest 'second' already")
    # Its disk is in use.
    refused(dom0, f"dais restore {FILE}", "is in use by guest 'second'")
    dom0.run("dais destroy second")
    assert not known(dom0, "second")


def goes_on(dom0):
    """As the guest that is defined by that name, whatever UUID it had; the definition stays as it is."""
    dom0.run(f"dais define {dom0.sav.config}")
    assert known(dom0, "sav")["state"] == "stopped"
    dom0.run(f"dais restore {FILE}", 240)
    dom0.sav.goes_on()
    row = record(dom0)
    assert row["state"] == "running" and row["defined"], row
    assert "restored" in dom0.run("dais events sav")
    assert row["config"] == dom0.run(f"cat {dom0.sav.config}"), row
    refused(dom0, f"dais restore {FILE}", "there is a guest 'sav' already")


def lives_like_one_created(dom0):
    """Its supervisor dies; it reboots and is started again; it is destroyed."""
    dom0.run("kill -9 $(cat /run/dais/supervise.pid)")
    assert record(dom0)["state"] == "running"
    domid = dom0.sav.domid()
    dom0.sav.run("reboot > /dev/null 2>&1 &")
    dom0.wait_for(f"n=$(xl domid sav) && [ $n -gt {domid} ]", 60)
    dom0.sav.wait_ready()
    dom0.run("dais destroy sav && dais undefine sav")
    dom0.run(f"rm {FILE} /tmp/sav.img")
    assert not known(dom0, "sav")


for each in [group("restore", only="dais", soak=True, cpu=DEFAULT_CPU + ",+xsave,+xsaveopt,+avx", **MACHINE),
              group("restore-fxsave", soak=True, **MACHINE)]:
    for case in [saved_by_xl, damaged_files, what_does_not_fit, paused_and_named_by_another_configuration, goes_on,
                 lives_like_one_created, audit_finds_nothing]:
        each.case(case)
