# SPDX-License-Identifier: MIT
"""Guests' lives: create, use, shut down, destroy, nothing leaked. One list of scenarios for every
pair of tools and hypervisor: the groups at the end say which pairs run all of it and which the core.
"""

from audit import audit
from guest import Guest
from runner import Skip, group


class Scenarios:
    """Cases in the order they are written; those of the core stand alone."""

    def __init__(self):
        self.all, self.core_only = [], []

    def case(self, function):
        self.all.append(function)
        return function

    def core(self, function):
        self.core_only.append(function)
        return self.case(function)


life = Scenarios()


def state(dom0):
    """What must come back after guests are gone: free pages; dom0's event channels, and domains."""
    found = dom0.run("xen-free; /usr/lib/xen-4.17/bin/lsevtchn 0 | wc -l; xl list | wc -l").split()
    return int(found[0]), f"{found[-2]} event channels, {found[-1]} lines of xl list"


@life.core
def tools_answer(dom0):
    assert "Domain-0" in dom0.run("xl list")
    info = dom0.run("xl info")
    for word in ["nr_cpus                : 2", "xen_major              : 4",
                 "xen_caps               : xen-3.0-x86_64", "free_memory", "total_memory"]:
        assert word in info, f"xl info lacks '{word}':\n{info}"
    assert dom0.run("xl vcpu-list").count("Domain-0") == 2
    assert dom0.number("xl dmesg | wc -l") > 10
    assert "Domain-0" in dom0.run("xenstore-read /local/domain/0/name")


@life.core
def store_clients(dom0):
    """Debian's xenstore-* programs, on whatever store this is."""
    dom0.run("xenstore-write /rig/a 1 /rig/b two; xenstore-exists /rig/a")
    assert dom0.run("xenstore-read /rig/a /rig/b") == "1\ntwo\n"
    assert dom0.run("xenstore-list /rig") == "a\nb\n"
    assert dom0.run("xenstore-ls /rig") == 'a = "1"\nb = "two"\n'
    dom0.run("xenstore-chmod /rig/a n0 r1")
    assert "(n0,r1)" in dom0.run("xenstore-ls -p /rig")
    dom0.run("(xenstore-watch -n 2 /rig > /tmp/watched &); "
             "until grep -qx /rig /tmp/watched; do usleep 50000; done; xenstore-write /rig/b 3; "
             "until grep -qx /rig/b /tmp/watched; do usleep 50000; done")
    dom0.run("xenstore-rm /rig")
    assert dom0.status("xenstore-exists /rig")[0] == 1
    assert dom0.status("xenstore-read /rig/a")[0] == 1


@life.core
def create_cloud_kernel_2_vcpus(dom0):
    dom0.run("head -c 16777216 /dev/zero > /tmp/one.img && mkfs.ext4 -q /tmp/one.img")
    dom0.guests["one"] = Guest(dom0, "one", 2, vcpus=2, disks=["/tmp/one.img,raw,xvda,rw"])
    dom0.guests["one"].start()
    assert dom0.guests["one"].number("nproc") == 2
    assert "cloud-amd64" in dom0.guests["one"].run("uname -r")


@life.core
def clock_is_right(dom0):
    """The guest began with dom0's time of day."""
    apart = dom0.number("date +%s") - dom0.guests["one"].number("date +%s")
    assert abs(apart) <= 5, f"the guest's clock is {apart} s behind"


@life.case
def status_and_output_come_back(dom0):
    status, output = dom0.status("gx one 20 'echo hello; exit 3'")
    assert (status, output) == (3, "hello\n"), (status, output)


@life.core
def xl_console(dom0):
    """A line typed at `xl console` reaches the guest's shell, and its answer comes back."""
    dom0.run("mkfifo /tmp/keys; (script -qfc 'xl console one' /tmp/screen < /tmp/keys > /dev/null &); "
             "exec 4> /tmp/keys; printf '\\necho answer=$((6*7))\\n' >&4; "
             "for i in $(seq 100); do grep -q answer=42 /tmp/screen && break; usleep 200000; done; "
             "printf '\\035' >&4; exec 4>&-; rm /tmp/keys; grep answer=42 /tmp/screen")


@life.core
def disk_ext4_written(dom0):
    one = dom0.guests["one"]
    assert dom0.run("xenstore-read /local/domain/0/backend/vbd/"
                    f"{one.domid()}/51712/state").strip() == "4"
    one.run("mount /dev/xvda /mnt && cd /mnt && head -c 4194304 /dev/urandom > data "
            "&& sha256sum data > sum && sync && cd / && umount /mnt")
    one.run("mount /dev/xvda /mnt && cd /mnt && sha256sum -c sum && cd / && umount /mnt")


@life.core
def ping_both_ways(dom0):
    one = dom0.guests["one"]
    assert ", 0% packet loss" in dom0.run(f"ping -c 3 {one.ip}")
    assert ", 0% packet loss" in one.run("ping -c 3 10.0.99.1")


def transfer(sender, receiver, address, megabytes=8):
    """Sends random data over TCP; sender and receiver are functions that run commands there."""
    receiver("rm -f /tmp/in; (nc -l -p 7001 -e sh -c 'cat > /tmp/in' 2> /dev/null &)")
    sender(f"head -c {megabytes << 20} /dev/urandom > /tmp/out; "
           f"for i in $(seq 50); do nc {address} 7001 < /tmp/out && break; usleep 200000; done")
    sent = sender("sha256sum < /tmp/out; rm /tmp/out")
    receiver(f"for i in $(seq 100); do [ $(stat -c %s /tmp/in) = {megabytes << 20} ] && break; "
             "usleep 100000; done")
    assert receiver("sha256sum < /tmp/in; rm /tmp/in") == sent


@life.core
def tcp_8mb_to_guest(dom0):
    transfer(dom0.run, dom0.guests["one"].run, dom0.guests["one"].ip)


@life.case
def tcp_8mb_from_guest(dom0):
    transfer(dom0.guests["one"].run, dom0.run, "10.0.99.1")


@life.case
def create_amd64_kernel_1_vcpu(dom0):
    dom0.guests["two"] = Guest(dom0, "two", 3, kernel="amd64", vcpus=1, memory=192).start()
    assert dom0.guests["two"].number("nproc") == 1
    assert "cloud" not in dom0.guests["two"].run("uname -r")


@life.case
def two_guests_talk(dom0):
    one, two = dom0.guests["one"], dom0.guests["two"]
    listing = dom0.run("xl list")
    assert "one" in listing and "two" in listing
    assert ", 0% packet loss" in one.run(f"ping -c 3 {two.ip}")
    transfer(two.run, one.run, one.ip, 2)


@life.case
def guest_kernel_log_clean(dom0):
    for name in ["one", "two"]:
        dom0.guests[name].kernel_log_clean()


@life.case
def audit_finds_nothing(dom0):
    """Dais counts anew what every frame of dom0 and both guests should have."""
    if not dom0.on_dais:
        raise Skip("Dais only")
    found = audit(dom0)
    assert "audit: 3 domains, " in found, found


@life.case
def pause_and_unpause(dom0):
    dom0.run("xl pause two")
    dom0.run("xl list two | grep -E ' -[b-]p--- '")
    dom0.run("xl unpause two")
    assert dom0.guests["two"].run("echo back") == "back\n"


@life.case
def guest_powers_itself_off(dom0):
    dom0.status("gx two 3 poweroff")
    dom0.guests["two"].wait_gone()


@life.core
def shutdown_and_disk_verified_from_dom0(dom0):
    dom0.guests["one"].shutdown()
    dom0.run("e2fsck -fn /tmp/one.img")
    dom0.run("mkdir -p /tmp/look && mount -t ext4 -o loop,ro /tmp/one.img /tmp/look")
    dom0.run("cd /tmp/look && sha256sum -c sum")
    dom0.run("umount /tmp/look; rm /tmp/one.img")


@life.case
def create_4_vcpus(dom0):
    four = Guest(dom0, "four", 4, vcpus=4).start()
    assert four.number("nproc") == 4
    assert dom0.run("xl vcpu-list four").count("four") == 4
    four.run("for i in 1 2 3 4; do (dd if=/dev/zero bs=1M count=8 | sha256sum) & done; wait")
    four.destroy()


@life.core
def crash_is_contained(dom0):
    """A guest whose kernel panics at once is destroyed; dom0 goes on."""
    crash = Guest(dom0, "crash", 5, args="rig.run=crash", vif=False)
    crash.create()
    crash.wait_gone(90)
    assert dom0.run("echo alive") == "alive\n"


@life.core
def five_cycles_leak_nothing(dom0):
    """After one guest, for what is made once and kept, five more cost not one page. Debian's Xen does keep
    pages for small objects of its own, one during the second guest and one during the fourth, say,
    and then no more: there five guests must cost less than a page each, which a leak would.
    """
    dom0.run("head -c 4194304 /dev/zero > /tmp/cycle.img")
    cycle = Guest(dom0, "cycle", 6, vcpus=2, disks=["/tmp/cycle.img,raw,xvda,rw"])
    cycle.start()
    cycle.destroy()
    pages, rest = state(dom0)
    for _ in range(5):
        cycle.create()
        cycle.destroy()
    spare = 4 if dom0.point.hv == "xen" else 0
    dom0.wait_for(f'[ "$(xen-free | cut -d " " -f 1)" -ge {pages - spare} ]', 20)
    after, rest_after = state(dom0)
    assert 0 <= pages - after <= spare and rest_after == rest, f"{pages} {rest}; now {after} {rest_after}"


@life.core
def poweroff(dom0):
    dom0.start("poweroff")
    dom0.expect_off()


def matrix(name, functions, **point):
    made = group(name, dom0_mem="768M", limit=1500, **point)
    for function in functions:
        made.case(function)


matrix("guest", life.all, tools="xl")
matrix("guest-dais", life.all, tools="dais")
# Debian's xl on our store and console daemon.
matrix("mixed", life.all, tools="dais", kernel_args="rig.tools=xl", soak=True)
# What `make test` runs on the oracle; `make soak` runs everything on both.
matrix("core", life.core_only, tools="xl", only="xen")
matrix("core-dais", life.core_only, tools="dais", only="xen")
