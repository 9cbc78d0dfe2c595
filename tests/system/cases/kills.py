# SPDX-License-Identifier: MIT
"""Our daemons are killed at random moments (of a fixed seed) while guests come and go: what was
acknowledged is there, what was refused can be done again, nothing is left behind, and a guest that
writes to its disk all the while never reads anything else back.

RIG_KILLS in the environment says how many operations: `make soak` asks for more.
"""

import json
import os
import random
import re

from guest import Guest
from runner import group

OPERATIONS = int(os.environ.get("RIG_KILLS", "30"))
SEED = int(os.environ.get("RIG_SEED", "1"))
DAEMONS = ["stored", "consoled", "supervise"]
PLACES = 4      # guests that come and go

kills = group("kills", tools="dais", dom0_mem="768M", soak=True,
              limit=600 + 10 * OPERATIONS)


def listing(dom0):
    rows = json.loads(dom0.run("dais list --all --json"))
    return {row["name"]: row["state"] for row in rows if row["name"] != "Domain-0"}


def leftovers(dom0):
    """What must be the same when the same guests run."""
    found = dom0.run("losetup -a; ls /sys/class/net; ls /run/dais/jobs; dais list | cut -c 1-50; "
                     "xenstore-ls -f /")
    return {line.split(" = ")[0] for line in found.splitlines()}


def nobody_holds_the_dead(dom0, after):
    """A destroyed guest is listed as long as somebody has a page of it mapped: who?"""
    found = dom0.status(
        "for n in $(seq 50); do dais list | grep -q ' [^ ]*d  *[0-9.]*$' || exit 0; usleep 200000; "
        "done; dais list; exec 2> /dev/null; grep -E 'gntdev|privcmd' /proc/[0-9]*/maps; "
        "tail -n 40 /var/log/messages; xenstore-ls -f /local/domain | grep -v /backend/", 60)[1]
    assert not found, f"{after}: a dead guest is held:\n{found}"


class Play:
    """Operations on a few guests, each with what must hold once it is done."""

    def __init__(self, dom0):
        self.dom0, self.random = dom0, random.Random(SEED)
        self.guests = [Guest(dom0, f"g{n}", 10 + n, memory=80,
                             disks=[f"/srv/g{n}.img,raw,xvda,rw"]) for n in range(PLACES)]
        self.there = {}         # name to "defined" or "running"

    def choose(self):
        """A command, and the state its guest is in afterwards."""
        guest = self.random.choice(self.guests)
        now = self.there.get(guest.name)
        if now is None:
            return guest, *self.random.choice([(f"create --paused {guest.config}", "running"),
                                               (f"define {guest.config}", "defined")])
        if now == "defined":
            return guest, *self.random.choice([(f"start --paused {guest.name}", "started"),
                                               (f"undefine {guest.name}", None)])
        return guest, f"destroy {guest.name}", "defined" if now == "started" else None

    def is_so(self, guest, state):
        found = listing(self.dom0).get(guest.name)
        return found == {None: None, "defined": "stopped"}.get(state, "--p---")

    def step(self, number):
        """One operation with a daemon dying in the middle of it or soon after; done again until it
        holds, as a person would who was told that it did not work."""
        guest, command, state = self.choose()
        daemon = self.random.choice(DAEMONS)
        delay = self.random.randrange(600000)
        said = self.dom0.status(f"rig-kill {daemon} {delay} & dais {command}; said=$?; wait; "
                                "exit $said", 60)
        tries, what = [said], f"{number}: '{command}' ({daemon}, {delay})"
        if command.startswith("destroy"):
            # A daemon that has just begun again may have had a page of it, and hears of its end a little later.
            nobody_holds_the_dead(self.dom0, what)
        while not self.is_so(guest, state):
            assert said[0], f"{what} was acknowledged and is not so"
            assert len(tries) < 5, f"{what} does not work: {tries}"
            said = self.dom0.status(f"usleep 300000; dais {command}", 60)
            tries.append(said)
        self.there[guest.name] = state
        if len(tries) > 1 and command.startswith("destroy"):
            nobody_holds_the_dead(self.dom0, what)


def written(dom0):
    """How often the writing guest has found right what it wrote."""
    log = dom0.run("cat /var/log/dais/console/steady.log")
    assert "io WRONG" not in log, log[-2000:]
    return max([int(n) for n in re.findall(r"rig: io (\d+) right", log)] or [0])


@kills.case
def a_guest_writes(dom0):
    dom0.run("mkdir -p /srv; cd /srv; truncate -s 4M steady.img "
             + " ".join(f"g{n}.img" for n in range(PLACES)))
    steady = dom0.guests["steady"] = Guest(dom0, "steady", 2, disks=["/srv/steady.img,raw,xvda,rw"],
                                           args="rig.run=io").start()
    dom0.wait_for(f"cat {steady.logs} 2> /dev/null | grep 'io 2 right'", 60)


@kills.case
def daemons_die(dom0):
    play = Play(dom0)
    # Everything once and all at a time, so that what stays for ever is there.
    for guest in play.guests:
        guest.create("--paused")
    for guest in play.guests:
        guest.destroy()
    before, pages, count = leftovers(dom0), dom0.number("xen-free"), written(dom0)
    for number in range(OPERATIONS):
        play.step(number)
    for name, state in play.there.items():
        if state in ("running", "started"):
            dom0.run(f"dais destroy {name}")
        if state in ("defined", "started"):
            dom0.run(f"dais undefine {name}")
    assert set(listing(dom0)) == {"steady"}
    # Debian's Xen keeps a page here and there for its small objects (guest.py); a guest has 20480.
    keeps = 16 if dom0.point.hv == "xen" else 0
    dom0.wait_for(f'xen-free; [ "$(xen-free | cut -d " " -f 1)" -ge {pages - keeps} ]', 20)
    after = leftovers(dom0)
    assert after == before, f"new: {sorted(after - before)}, gone: {sorted(before - after)}"
    assert written(dom0) > count, "the writing guest has stopped"


@kills.case
def the_guest_is_well(dom0):
    """It went on all the while, and its console and its end work as ever."""
    count, steady = written(dom0), dom0.guests["steady"]
    try:
        dom0.wait_for(f"cat {steady.logs} 2> /dev/null | grep 'io {count + 2} right'", 60)
    finally:
        steady.shutdown()
    assert not listing(dom0)


@kills.case
def poweroff(dom0):
    dom0.start("poweroff")
    dom0.expect_off()
