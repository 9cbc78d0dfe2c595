# SPDX-License-Identifier: MIT
"""The long tests of `make soak`: mixed load with the audit on, and as many guests as there is room for.

SOAK_MINUTES in the environment says how long the mixed load goes on. The order of what happens is
drawn from SOAK_SEED, which is printed, so that a run can be done again. DENSITY_MEM is the size in MB
of the machine that is filled with guests, DENSITY_AT_LEAST how many must fit.
"""

import os
import random
import shlex
import time

from audit import audit, complaints, nothing_lost, own_memory
from guest import Guest, small_ramdisk
from kernellog import kernel_log_clean
from load import Load
from dom0 import Failed
from runner import Skip, group
from serial import SLOW, Late

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SEED = int(os.environ.get("SOAK_SEED", str(int(time.time()))))
DENSITY_MEM = int(os.environ.get("DENSITY_MEM", "10240"))       # MB
AT_LEAST = int(os.environ.get("DENSITY_AT_LEAST", str((DENSITY_MEM - 2000) // 80)))
AUDIT_EVERY = 60        # seconds
# Pages the oracle may keep: dom0's handles of grants and its event channels stay as many as were once in use together,
# which may be more in the course of the load than while each thing happens for the first time. Dais tells these apart.
KEPT = 4
# Seconds for a command in a guest: its weight may be 128, its cap 80, and all it has one CPU that others want too.
AGENT = int(300 * SLOW)

mixed = group("soak", tools="xl", cpus=2, mem=4096, dom0_mem="1024M", soak=True,
              limit=int(MINUTES * 60) + 1800)
crowd = group("density", tools="xl", cpus=2, mem=DENSITY_MEM, dom0_mem="1536M", soak=True, limit=7200)


class Soak:
    """What the mixed load does: each function is one thing that happens now and then."""

    def __init__(self, dom0, load):
        self.dom0, self.load, self.random = dom0, load, random.Random(SEED)
        self.everything = [self.comes_and_goes, self.balloon, self.vcpus, self.disk, self.interface,
                           self.scheduling, self.pause]
        self.done = {}

    def __getattr__(self, name):
        return getattr(self.dom0, name)

    def guest(self):
        return self.random.choice(["one", "two"])

    def comes_and_goes(self):
        """A guest is made and ends by itself, or is destroyed while it starts."""
        args, wait = self.random.choice([("rig.run=poweroff", True), ("rig.run=crash", True), ("", False)])
        passing = Guest(self.dom0, "passing", 9, vcpus=self.random.choice([1, 2, 3]), memory=96,
                        disks=["/tmp/passing.img,raw,xvda,rw"], args=args)
        passing.create()
        if wait:
            passing.wait_gone(300)
        else:
            passing.destroy()

    def balloon(self):
        name, size = self.guest(), self.random.randrange(150, 250)
        self.run(f"xl mem-set {name} {size}")
        self.wait_for(f"xl list {name} | grep ' {size} '", 180)

    def vcpus(self):
        name, count = self.guest(), self.random.choice([1, 2, 3, 4])
        self.run(f"xl vcpu-set --ignore-host {name} {count}")
        self.wait_for(f"[ $(xl vcpu-list {name} | grep -c -e --p) = {4 - count} ]", 120)

    def disk(self):
        name = self.guest()
        self.run(f"xl block-attach {name} format=raw,vdev=xvdb,access=rw,target=/tmp/{name}-more.img > /dev/null", 120)
        self.run(f"gx {name} {AGENT} 'for i in $(seq 100); do [ -b /dev/xvdb ] && break; usleep 200000; done; "
                 "head -c 2000000 /dev/urandom > /tmp/b; dd if=/tmp/b of=/dev/xvdb conv=fsync 2> /dev/null; "
                 "sha256sum < /tmp/b' > /tmp/b.sum", 310)
        self.run(f"head -c 2000000 /tmp/{name}-more.img | sha256sum | cmp - /tmp/b.sum; xl block-detach {name} xvdb; "
                 f"n=0; until [ $(xl block-list {name} | wc -l) = 2 ]; do n=$((n + 1)); [ $n -lt 300 ] || exit 1; "
                 "usleep 200000; done", 150)

    def interface(self):
        name = self.guest()
        self.run(f"xl network-attach {name} mac=00:16:3e:00:01:22 bridge=xenbr0; "
                 f"gx {name} {AGENT} 'for i in $(seq 100); do [ -e /sys/class/net/eth1 ] && exit 0; usleep 200000; "
                 f"done; exit 1'; xl network-detach {name} 1", 310)
        self.wait_for(f"[ $(xl network-list {name} | wc -l) = 2 ]", 120)

    def scheduling(self):
        name = self.guest()
        self.run(f"xl sched-credit2 -d {name} -w {self.random.choice([128, 256, 512])} "
                 f"-c {self.random.choice([0, 0, 80, 150])}; "
                 f"xl vcpu-pin {name} all {self.random.choice(['all', 'all', '0', '1'])}")

    def pause(self):
        name = self.guest()
        self.run(f"xl pause {name}; usleep 300000; xl unpause {name}")

    def scene(self):
        """What there is to see of a step that failed: who ran meanwhile, and who answers late."""
        look = "xl vcpu-list; xl sched-credit2; for g in one two; do /usr/lib/xen-4.17/bin/lsevtchn $(xl domid $g); done"
        found = [self.status(f"{look}; xl debug-keys q; xl debug-keys r; xl debug-keys e; xl dmesg | tail -n 250; xl debug-keys g; xl dmesg | tail -n 250; "
                             f"ip -s link; cat /proc/interrupts; dmesg | tail -n 20; sleep 5; {look}", 60)[1]]
        for name in ["one", "two"]:
            look = "uptime; ps; ip -s link; cat /proc/interrupts; sleep 2; cat /proc/interrupts; dmesg | tail -n 20"
            found.append(name + ": " + self.status(f"gx {name} {AGENT} '{look}'", AGENT + 10)[1])
        return "\n".join(found)

    def books_and_data(self):
        """The hypervisor's books are in order and no data came back wrong: how many pieces came."""
        if self.on_dais:
            audit(self.dom0)
        return self.load.well()

    def do(self, what):
        """What it returns; where it fails, the scene is described."""
        try:
            found = what()
        except (AssertionError, Failed, Late) as error:
            raise AssertionError(f"{what.__name__}: {error}\n{self.scene()}") from error
        self.done[what.__name__] = self.done.get(what.__name__, 0) + 1
        return found


def free(dom0):
    return dom0.number("xen-free")


def busy_guests(dom0):
    """Two guests under load."""
    dom0.run("for i in one two one-more two-more passing; do head -c 16777216 /dev/zero > /tmp/$i.img; done; "
             "mkfs.ext4 -q /tmp/one.img; mkfs.ext4 -q /tmp/two.img")
    for number, name in [(2, "one"), (3, "two")]:
        guest = Guest(dom0, name, number, vcpus=2, memory=192, disks=[f"/tmp/{name}.img,raw,xvda,rw"],
                      kernel="cloud" if name == "one" else "amd64", more=["maxvcpus = 4", "maxmem = 256"])
        dom0.guests[name] = guest.start()
    return Load(dom0, dom0.guests["one"], dom0.guests["two"])


def no_guests(dom0, load):
    for name in ["one", "two"]:
        dom0.guests[name].kernel_log_clean()
    load.stop()
    dom0.run("xl destroy one; xl destroy two", 120)
    dom0.wait_for("[ $(xl list | wc -l) = 2 ]", 60)


@mixed.case
def mixed_load(dom0):
    """What the first of everything has taken for good, like tables that grow with use, is no leak."""
    print(f"soak: {MINUTES:g} minutes, SOAK_SEED={SEED}", flush=True)
    # As on any host whose guests are busy: without it xl loses patience with its own scripts.
    dom0.run("xl sched-credit2 -d Domain-0 -w 1024")
    load = busy_guests(dom0)
    soak = Soak(dom0, load)
    for what in soak.everything:
        soak.do(what)
    no_guests(dom0, load)
    start = own_memory(dom0) if dom0.on_dais else free(dom0)
    soak = Soak(dom0, busy_guests(dom0))
    end, checked, checks = time.monotonic() + MINUTES * 60, time.monotonic(), 0
    while time.monotonic() < end:
        soak.do(soak.random.choice(soak.everything))
        if time.monotonic() > checked + AUDIT_EVERY:
            checks += soak.do(soak.books_and_data)
            checked = time.monotonic()
    checks += soak.do(soak.books_and_data)
    done = ", ".join(f"{name} {count}" for name, count in sorted(soak.done.items()))
    print(f"soak: {done}; {checks} pieces of data came back right", flush=True)
    no_guests(dom0, soak.load)
    if dom0.on_dais:
        nothing_lost(dom0, start)
    else:
        dom0.wait_for(f"[ $(xen-free | cut -d ' ' -f 1) -ge {start - KEPT} ]", 60)


@mixed.case
def hypervisor_is_content(dom0):
    if not dom0.on_dais:
        raise Skip("Dais only")
    assert not complaints(dom0), complaints(dom0)


mixed.case(kernel_log_clean)


# With 72 MB a kernel has hardly enough to start: where it gets little CPU, unpacking its initramfs beside all else and
# the self-tests of its ciphers made 4 of 119 run out of memory.
SPARING = "initramfs_async=0 cryptomgr.notests"
LOGS = "/var/log/xen/guest-c*.log"


class Crowd:
    """Guests c1 to c{count}, and which of them had to be started once more, since their own kernels ran out of the
    72 MB while all of them started at once.
    """

    def __init__(self, dom0, count):
        self.dom0, self.count, self.again = dom0, count, set()

    def who_says(self, text):
        names = self.dom0.run(f"grep -a -l '{text}' {LOGS} | sed 's/.*guest-//; s/.log//' || true", 120)
        return set(names.split())

    def end_of_log(self, names):
        """What those said last; not in the words that would tell of the end of dom0."""
        files = " ".join(f"/var/log/xen/guest-{name}.log" for name in sorted(names))
        return self.dom0.run(f"tail -n 150 {files} | sed 's/Kernel panic/its kernel panicked/'", 120)

    def start_again(self, names):
        """Each once: one that runs out twice never comes up. More than 1 in 20 are no accident."""
        for name in sorted(names - self.again):
            print(f"density: {name} ran out of its own memory; it starts again\n{self.end_of_log([name])}", flush=True)
            self.dom0.run(f"rm /var/log/xen/guest-{name}.log; xl destroy {name}; "
                          f"xl create -q -e /tmp/c.cfg \"name='{name}'\"", 600)
        self.again |= names
        assert len(self.again) * 20 <= self.count, f"{len(self.again)} of {self.count} ran out of their own memory"

    def wait(self):
        """Until all have come up, as long as every few minutes one more does."""
        ready, since = 0, time.monotonic()
        while ready < self.count:
            now = len(self.who_says("guest ready"))
            if now > ready:
                ready, since = now, time.monotonic()
                print(f"density: {ready} of {self.count} guests are up", flush=True)
            self.start_again(self.who_says("deadlocked on memory"))
            if time.monotonic() > since + 300 * SLOW:
                absent = {f"c{i + 1}" for i in range(self.count)} - self.who_says("guest ready")
                raise Late(f"{ready} of {self.count} guests are up, and no more for five minutes:\n"
                           f"{self.dom0.run('xl list', 120)}\n{self.end_of_log(sorted(absent)[:2])}")
            self.dom0.run("sleep 10")


@crowd.case
def a_hundred_guests(dom0):
    """Guests of 72 MB with the stock cloud kernel until no more fit; each of them comes up."""
    lines = ['kernel = "/kit/vmlinuz-cloud"', f'ramdisk = "{small_ramdisk(dom0)}"', "memory = 72",
             f'extra = "console=hvc0 {SPARING}"', ""]
    dom0.run(f"printf %s {shlex.quote(chr(10).join(lines))} > /tmp/c.cfg")
    dom0.run("xl sched-credit2 -d 0 -w 4096")   # what it does for them goes before what they do
    before, own = free(dom0), own_memory(dom0) if dom0.on_dais else None
    dom0.run("n=0; "
             "while xl create -q -e /tmp/c.cfg \"name='c$((n + 1))'\" 2> /tmp/c.err; do n=$((n + 1)); done; "
             "echo $n > /tmp/c.n", 5400)
    count = dom0.number("cat /tmp/c.n")
    assert count >= AT_LEAST, f"only {count} guests:\n" + dom0.run("cat /tmp/c.err")
    cost = (before - free(dom0)) * 4 // count - (72 << 10)
    print(f"density: {count} guests of 72 MB, each {cost} KB more than its memory", flush=True)
    Crowd(dom0, count).wait()
    dom0.run(f"for i in $(seq {count}); do xl destroy c$i; done", 1800)
    if own:
        nothing_lost(dom0, own)
    else:
        # Small objects of the oracle's and what grew with dom0 stay behind: up to a page for each guest is no matter.
        dom0.wait_for(f"[ $(xen-free | cut -d ' ' -f 1) -ge {before - count} ]", 60)
    print(f"density: {before - free(dom0)} pages fewer are free than before", flush=True)
