# SPDX-License-Identifier: MIT
"""What our own tools do beyond xl's list: hot-plug, policies, the inventory, listings as JSON."""

import json

from guest import Guest
from runner import group

tools = group("tools", tools="dais", dom0_mem="768M", limit=1500)


def parsed(dom0, command):
    return json.loads(dom0.run(f"dais {command} --json"))


def known(dom0):
    """Name to state of all domains that run or are defined."""
    return {row["name"]: row["state"] for row in parsed(dom0, "list --all")}


@tools.case
def create_hot(dom0):
    dom0.run("mkdir -p /srv; cd /srv; for n in a b; do head -c 8388608 /dev/zero > $n.img; done")
    dom0.guests["hot"] = Guest(dom0, "hot", 2, disks=["/srv/a.img,raw,xvda,rw"],
                               more=["maxvcpus = 3"]).start()


@tools.case
def every_listing_as_json(dom0):
    assert {row["name"] for row in parsed(dom0, "list")} == {"Domain-0", "hot"}
    assert parsed(dom0, "list hot")[0]["memory_kib"] == 131072
    assert parsed(dom0, "list -l hot")["config"]
    assert parsed(dom0, "info")
    assert [row["online"] for row in parsed(dom0, "vcpu-list hot")] == [True, False, False]
    assert parsed(dom0, "block-list hot")[0]["params"] == "/srv/a.img"
    assert parsed(dom0, "network-list hot")[0]["bridge"] == "xenbr0"
    assert parsed(dom0, "vm-list")[-1]["name"] == "hot"
    assert parsed(dom0, "uptime hot")[0]["uptime_seconds"] < 3600
    assert parsed(dom0, "why hot")["reasons"]
    assert 'name = "hot"' in parsed(dom0, "config hot")["config"]
    for verb in ["claims", "sharing", "cpupool-list", "sched-credit2", "top --iterations 1"]:
        assert parsed(dom0, verb), verb
    events = [json.loads(line) for line in dom0.run("dais events --json hot").splitlines()]
    assert events[-1]["event"] == "started"


@tools.case
def disk_plugged_in_and_out(dom0):
    """The same image twice: its claim ends with the disk, and it is nobody else's meanwhile."""
    hot = dom0.guests["hot"]
    for _ in range(2):
        dom0.run("cd /srv && dais block-attach hot b.img,raw,xvdb,rw")
        written = hot.run("until [ -b /dev/xvdb ]; do usleep 50000; done; "
                          "head -c 1048576 /dev/urandom > /tmp/b && sha256sum < /tmp/b && "
                          "dd if=/tmp/b of=/dev/xvdb conv=fsync 2> /dev/null")
        status, text = dom0.status("dais block-attach hot /srv/b.img,raw,xvdc,rw")
        assert status == 1 and "in use by guest 'hot'" in text, text
        status, text = dom0.status("dais block-attach hot /kit/guest.cpio,raw,xvdb,r")
        assert status == 1 and "has a disk xvdb already" in text, text
        dom0.run("dais block-detach hot xvdb")
        hot.run("while [ -b /dev/xvdb ]; do usleep 50000; done")
        dom0.wait_for("[ $(losetup -a | wc -l) = 1 ]")
        assert dom0.run("head -c 1048576 /srv/b.img | sha256sum") == written
    assert len(parsed(dom0, "block-list hot")) == 1


@tools.case
def interface_plugged_in_and_out(dom0):
    hot = dom0.guests["hot"]
    dom0.run("dais network-attach hot mac=00:16:3e:00:00:77 bridge=xenbr0")
    hot.run("until [ -e /sys/class/net/eth1 ]; do usleep 50000; done; "
            "ip addr add 10.0.98.2/24 dev eth1; ip link set eth1 up")
    dom0.run("ip addr add 10.0.98.1/24 dev xenbr0")
    dom0.wait_for("ping -c 1 -W 1 10.0.98.2")
    assert len(parsed(dom0, "network-list hot")) == 2
    dom0.run("dais network-detach hot 00:16:3e:00:00:77; ip addr del 10.0.98.1/24 dev xenbr0")
    assert len(parsed(dom0, "network-list hot")) == 1
    assert dom0.number("ls -d /sys/class/net/vif* | wc -l") == 1
    assert hot.run("ls /sys/class/net") == "eth0\nlo\n"


@tools.case
def vcpus_and_memory_change(dom0):
    hot = dom0.guests["hot"]
    dom0.run("dais vcpu-set hot 3")
    hot.run("cd /sys/devices/system/cpu; for n in 1 2; do until echo 1 > cpu$n/online; do "
            "usleep 100000; done; done 2> /dev/null; [ $(nproc) = 3 ]")
    dom0.run("dais vcpu-set hot 1")
    hot.run("until [ $(nproc) = 1 ]; do usleep 100000; done")
    for size in [112, 128]:
        dom0.run(f"dais mem-set hot {size}")
        dom0.wait_for(f"dais list hot | grep ' {size} *1 '")
    status, text = dom0.status("dais mem-set hot 4g")
    assert status == 1 and "mem-max" in text, text


@tools.case
def reboot_makes_it_anew(dom0):
    hot = dom0.guests["hot"]
    before = hot.domid()
    dom0.run("dais reboot hot")
    dom0.wait_for(f"[ $(grep -c 'guest ready' {hot.logs} 2> /dev/null | tail -n 1 | sed 's/.*://') "
                  "= 2 ]", 120)
    assert hot.domid() != before
    assert "reboot" in dom0.run("dais events hot")


@tools.case
def why_and_logs(dom0):
    assert "runs" in dom0.run("dais why hot")
    dom0.run("dais pause hot")
    assert "dais unpause" in dom0.run("dais why hot")
    dom0.run("dais unpause hot")
    dom0.guests["hot"].shutdown()
    assert "guest ready" in dom0.run("dais logs hot")
    status, text = dom0.status("dais why hot")
    assert status == 1 and "neither running nor known" in text, text


@tools.case
def crash_loop_is_backed_off(dom0):
    """A kernel that crashes at once: what lives for a minute is no loop, whatever the machine's speed."""
    Guest(dom0, "loop", 3, kernel="crash", vif=False, more=['on_crash = "restart"']).create()
    # The supervisor waits for one second, then two, then four: on a slow machine the first pass unseen.
    dom0.wait_for("dais list --all | grep 'loop .* waiting' && dais why loop | "
                  "grep 'soon after its start .* times'", 240)
    dom0.wait_for("dais events loop | grep '2 times in a row; next start in 2 s'", 60)
    dom0.wait_for("dais destroy loop", 60)
    assert "loop" not in known(dom0)


@tools.case
def crashed_and_kept(dom0):
    """Two at once: one is kept as it is, of the other there is a core dump."""
    Guest(dom0, "kept", 3, memory=96, vif=False, args="rig.run=crash",
          more=['on_crash = "preserve"']).create()
    Guest(dom0, "dumped", 4, memory=96, vif=False, args="rig.run=crash",
          more=['on_crash = "coredump-destroy"']).create()
    dom0.wait_for("dais events dumped | grep 'dumped .*\\.core'", 120)
    assert dom0.run("cd /var/lib/dais/dump; for f in *-dumped.core; do head -c 4 $f; rm $f; "
                    "done").endswith("ELF")
    dom0.wait_for("dais why kept | grep 'kept to be looked at'", 60)
    assert known(dom0)["kept"] == "---sc-"
    dom0.run("dais destroy kept")
    assert set(known(dom0)) == {"Domain-0"}


@tools.case
def define_start_undefine(dom0):
    name = Guest(dom0, "def", 5, memory=96, vif=False).config
    dom0.run(f"dais define {name}")
    assert known(dom0)["def"] == "stopped"
    assert "dais start def" in dom0.run("dais why def")
    dom0.run("dais start --paused def")
    status, text = dom0.status(f"dais create {name}")
    assert status == 3 and "there is a guest 'def' already" in text, text
    dom0.run("dais rename def def2; dais destroy def2")
    assert known(dom0)["def2"] == "stopped"
    dom0.run("dais start --paused def2; dais undefine def2")
    assert "p" in known(dom0)["def2"]
    dom0.run("dais destroy def2")
    assert "def2" not in known(dom0)


@tools.case
def run_and_forget(dom0):
    dom0.run("dais run --no-console --name once --memory 96 --initrd /kit/guest.cpio "
             "--append 'console=hvc0 rig.run=poweroff' /kit/vmlinuz-cloud")
    dom0.wait_for("! dais list once 2> /dev/null", 120)
    assert "once" not in known(dom0)
    assert "guest ready" in dom0.run("dais logs once")
    # By now all guests are gone, and what the store had of them.
    dom0.wait_for("! xenstore-ls -f / | grep -E '^/(local/domain/[1-9]|vm/)'", 20)


@tools.case
def poweroff(dom0):
    dom0.start("poweroff")
    dom0.expect_off()
