# SPDX-License-Identifier: MIT
"""Every verb of Debian's xl on one machine with a guest or two, the same on Dais and on the oracle.

`tests/system/side-by-side verbs` shows the results of the last runs on both in two columns, and
whether the answers were the same once numbers, times and names of builds are left out.
"""

import json
import re

from guest import Guest
from runner import group

verbs = group("verbs", tools="xl", cpus=2, mem=3072, dom0_mem="768M", limit=1500)

# One line of each hypervisor's messages, without its name: the harness takes whole lines out.
LOG = "xl dmesg | sed 's/^(\\(XEN\\|DAIS\\)) //'"
POOL = 'printf \'name="%s"\\nsched="%s"\\ncpus=["1"]\\n\''


def plain(text):
    """An answer without what differs from run to run: numbers, who runs now, names of builds."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"(?m)^(xen_extra|xen_version|xen_changeset|cc_\w+|build_id|hw_caps|\d+:\d+:\d+\.\d+)"
                  r"(\s).*$", r"\1\2", text)
    text = re.sub(r"(\s)[r-][b-](?=[-psc]{1,4}\s)", r"\1..", text)
    text = re.sub(r"\d+", "#", text)
    return re.sub(r"[ \t]+", " ", text)


def ask(dom0, verb, command, status=0, deadline=60):
    """Runs a command that must end with `status`; notes and returns what it said."""
    got, output = dom0.status(command, deadline)
    dom0.answers["verbs." + verb] = f"status {got}\n" + plain(output)
    assert got == status, f"status {got} from: {command}\n{output}"
    return output


def verb(name, command, *patterns, status=0, deadline=60):
    """A case that is one command: its status and what its answer must match."""
    def case(dom0):
        output = ask(dom0, name, command, status, deadline)
        for pattern in patterns:
            assert re.search(pattern, output), f"no '{pattern}' in the answer of: {command}\n{output}"
    case.__name__ = name
    verbs.case(case)


def within(dom0, test, then="true"):
    """What a command in the guest says once a test holds there, which it must within ten seconds."""
    return dom0.run(f"gx vrb 60 'for i in $(seq 50); do {test} && {{ {then}; exit; }}; usleep 200000; done; "
                    "exit 1'", 90)


class Vrb(Guest):
    """The guest most verbs are tried on; 1 of 2 vcpus, 128 of 256 MB."""

    def __init__(self, dom0, memory=128):
        super().__init__(dom0, "vrb", 2, vcpus=1, memory=memory,
                         disks=["/tmp/vrb.img,raw,xvda,rw"],
                         more=["maxvcpus = 2", "maxmem = 256"])

    def ready_count(self):
        return self.dom0.number(f"cat {self.logs} 2> /dev/null | grep -ac 'guest ready' || true")


verb("info", "xl info | grep -v -e commandline -e free_mem -e _memory",
     r"nr_cpus +: 2\n", r"xen_major +: 4\n", r"xen_minor +: 17\n",
     r"xen_caps +: xen-3.0-x86_64", r"xen_scheduler +: credit2\n", r"virt_caps +: pv gnttab-v1")
verb("info_n", "xl info -n | sed -n '/cpu_topology/,/device top/p; /numa_info/,/^ /p'",
     r"cpu: +core +socket +node\n +0: +0 +0 +0\n", r"node: +memsize +memfree +distances\n +0:")
verb("list_dom0", "xl list", r"Domain-0 +0 +768 +2 +[r-]----- +\d+\.\d\n")
verb("domname_dom0", "xl domname 0", r"^Domain-0\n$")
verb("domid_unknown", "xl domid nobody", status=1)
verb("vm_list_empty", "xl vm-list")


@verbs.case
def create(dom0):
    dom0.run("head -c 16777216 /dev/zero > /tmp/vrb.img; head -c 8388608 /dev/zero > /tmp/two.img")
    guest = Vrb(dom0)
    ask(dom0, "create", f"xl create {guest.config}", deadline=180)
    guest.wait_ready()


verb("create_name_taken", "xl create /tmp/vrb.cfg", "already exists", status=3)
verb("create_dry_run", "xl create -n /tmp/vrb.cfg | sed 's/.*{/{/'", '"name": "vrb"')
verb("create_bad_kernel", "sed 's/vrb/bad/; s,/kit/vmlinuz-cloud,/etc/profile,; /disk/d' /tmp/vrb.cfg "
     "> /tmp/bad.cfg; xl create /tmp/bad.cfg", "panic|no loader|failed", status=3)
verb("list", "xl list", r"vrb +1 +128 +1 +[r-][b-]---- ")
verb("list_v", "xl list -v vrb", r"vrb .*[0-9a-f]{8}-[0-9a-f]{4}.* - +-\n")
verb("list_c", "xl list -c vrb", r"vrb .* Pool-0\n")
verb("list_n", "xl list -n vrb", r"vrb .* (any node|all|0)\n")


@verbs.case
def list_l(dom0):
    domains = {d["domid"]: d["config"] for d in json.loads(ask(dom0, "list_l", "xl list -l"))}
    assert domains[0]["c_info"]["name"] == "Domain-0"
    guest = domains[dom0.number("xl domid vrb")]
    assert guest["c_info"]["name"] == "vrb" and guest["c_info"]["type"] == "pv"
    assert guest["b_info"]["max_vcpus"] == 2 and guest["b_info"]["target_memkb"] == 128 << 10
    assert guest["b_info"]["sched_params"]["weight"] == 256


verb("vm_list", "xl vm-list", r"[0-9a-f-]{36} +1 +vrb *\n")
verb("domid", "xl domid vrb", r"^1\n$")
verb("domname", "xl domname 1", r"^vrb\n$")
verb("vcpu_list", "xl vcpu-list", r"Domain-0 +0 +1 +", r"vrb +1 +0 +\d .*all / all",
     r"vrb +1 +1 +- +--p .*all / all")
verb("top", "xentop -b -i 2 -d 1 | tail -2", r"vrb [-b]*[-r]* .* 131072 +4.\d ", r"Domain-0 ")
verb("uptime", "xl uptime; xl uptime vrb", r"vrb +1 +0:0\d:\d\d")
verb("claims", "xl claims", r"vrb .* 0\n")
verb("sharing", "xl sharing", r"vrb +1 +128 +0\n")
verb("channel_list", "xl channel-list vrb")
verb("pci_list", "xl pci-list vrb")
verb("getenforce", "xl getenforce", "Flask XSM Disabled", status=255)


@verbs.case
def top_on_screen(dom0):
    """`xl top` itself wants a terminal and a key to end."""
    dom0.run("(sleep 4; printf q) | TERM=vt100 script -qfc 'xl top' /tmp/top > /dev/null; "
             "grep -a xentop /tmp/top && grep -a vrb /tmp/top && grep -a '2 domains' /tmp/top")


@verbs.case
def dmesg(dom0):
    assert dom0.number("xl dmesg | grep -c '^.\\(XEN\\|DAIS\\))'") > 10
    dom0.run("xl dmesg -c > /dev/null")
    assert dom0.number("xl dmesg | wc -l") < 5


@verbs.case
def debug_keys(dom0):
    dom0.run("xl debug-keys h")
    dom0.wait_for(f"{LOG} | grep 'show this \\(list\\|message\\)\\|installed handlers'", 20)
    ask(dom0, "debug_keys", "xl debug-keys iM")


@verbs.case
def console(dom0):
    dom0.run("mkfifo /tmp/keys; (script -qfc 'xl console vrb' /tmp/screen < /tmp/keys > /dev/null &); "
             "exec 4> /tmp/keys; printf '\\necho answer=$((6*7))\\n' >&4; "
             "for i in $(seq 150); do grep -q answer=42 /tmp/screen && break; usleep 200000; done; "
             "printf '\\035' >&4; exec 4>&-; rm /tmp/keys; grep answer=42 /tmp/screen", 90)


@verbs.case
def rename(dom0):
    ask(dom0, "rename", "xl rename vrb other; xl list other; xl domid vrb; xl rename other vrb; xl list vrb")
    assert dom0.run("xl domname 1") == "vrb\n"


@verbs.case
def pause_unpause(dom0):
    """Paused it has no processor time; unpaused it answers again. A second unpause is refused."""
    seconds = "xl list vrb | tail -1 | sed 's/.* //'"
    assert re.search(" -[-b]p--- ", ask(dom0, "pause", "xl pause vrb; xl list vrb"))
    before = dom0.run(seconds)
    dom0.run("sleep 2")
    assert dom0.run(seconds) == before, "a paused guest ran"
    ask(dom0, "unpause", "xl unpause vrb")
    assert dom0.run("gx vrb 60 'echo back'", 90) == "back\n"
    ask(dom0, "unpause_twice", "xl unpause vrb")


def logged(dom0, text):
    dom0.wait_for(f"cat /var/log/xen/guest-vrb.log | grep -a '{text}'", 60)


@verbs.case
def trigger(dom0):
    ask(dom0, "trigger_nmi", "xl trigger vrb nmi")
    logged(dom0, "NMI received for unknown reason")
    for what in ["reset", "power", "sleep", "s3resume", "init", "nmi 9"]:
        ask(dom0, "trigger_" + what.replace(" ", "_"), f"xl trigger vrb {what}")


@verbs.case
def sysrq(dom0):
    ask(dom0, "sysrq", "xl sysrq vrb h")
    logged(dom0, "sysrq: HELP")


@verbs.case
def vcpu_set(dom0):
    ask(dom0, "vcpu_set", "xl vcpu-set vrb 2")
    cpu1 = "/sys/devices/system/cpu/cpu1/online"
    assert within(dom0, f"[ -e {cpu1} ]", f"echo 1 > {cpu1}; nproc").endswith("2\n")
    assert "--p" not in dom0.run("xl vcpu-list vrb")
    ask(dom0, "vcpu_set_down", "xl vcpu-set vrb 1")
    dom0.wait_for("xl vcpu-list vrb | grep -e --p", 60)
    ask(dom0, "vcpu_set_too_many", "xl vcpu-set vrb 3", status=1)


@verbs.case
def vcpu_pin(dom0):
    listed = "; xl vcpu-list vrb | sed 's/ [0-9-]* *[rb-]*[p-] *[0-9.]*  */ /; 1d'"
    assert re.search(r" 1 / all", ask(dom0, "vcpu_pin", "xl vcpu-pin vrb 0 1" + listed))
    assert re.search(r" 1 / 0", ask(dom0, "vcpu_pin_soft", "xl vcpu-pin vrb 0 1 0" + listed))
    assert re.search(r" all / 0", ask(dom0, "vcpu_pin_lists", "xl vcpu-pin vrb all 0-1 0-1,^1" + listed))
    ask(dom0, "vcpu_pin_no_vcpu", "xl vcpu-pin vrb 9 1", status=1)
    ask(dom0, "vcpu_pin_no_cpu", "xl vcpu-pin vrb 0 17", status=1)
    assert "all / all" in ask(dom0, "vcpu_pin_all", "xl vcpu-pin vrb all all all" + listed)


@verbs.case
def mem_set(dom0):
    dom0.run("gx vrb 60 'head -1 /proc/meminfo'", 90)
    ask(dom0, "mem_set_up", "xl mem-set vrb 160")
    dom0.wait_for("xl list vrb | grep ' 160 '", 90)
    ask(dom0, "mem_set_down", "xl mem-set vrb 120")
    dom0.wait_for("xl list vrb | grep ' 120 '", 90)
    ask(dom0, "mem_set_too_much", "xl mem-set vrb 400", status=1)
    ask(dom0, "mem_max", "xl mem-max vrb 300; xl list -l vrb | grep max_memkb")
    ask(dom0, "mem_max_back", "xl mem-max vrb 256; xl list -l vrb | grep max_memkb")


@verbs.case
def sched_credit2(dom0):
    assert re.search(r"vrb +1 +256 +0\n", ask(dom0, "sched_credit2_list", "xl sched-credit2"))
    assert re.search(r"vrb +1 +512 +40\n",
                     ask(dom0, "sched_credit2_set", "xl sched-credit2 -d vrb -w 512 -c 40; "
                         "xl sched-credit2 -d vrb"))
    assert "ratelimit=2000us" in ask(dom0, "sched_credit2_params", "xl sched-credit2 -s -r 2000; "
                                     "xl sched-credit2 -s; xl sched-credit2 -s -r 1000")
    ask(dom0, "sched_credit2_no_weight", "xl sched-credit2 -d vrb -w 0", status=1)
    ask(dom0, "sched_credit2_weight", "xl sched-credit2 -d vrb -w 70000", status=1)
    ask(dom0, "sched_credit2_cap", "xl sched-credit2 -d vrb -c 500; xl sched-credit2 -d vrb")
    ask(dom0, "sched_credit2_back", "xl sched-credit2 -d vrb -w 256 -c 0; xl sched-credit2 -d vrb")


@verbs.case
def cpupools(dom0):
    ask(dom0, "cpupool_list", "xl cpupool-list; xl cpupool-list -c")
    ask(dom0, "cpupool_taken", f"{POOL} p1 credit2 > /tmp/p1.cfg; xl cpupool-create /tmp/p1.cfg",
        status=1)
    ask(dom0, "cpupool_cpu_remove", "xl cpupool-cpu-remove Pool-0 1; xl cpupool-list -c")
    made = ask(dom0, "cpupool_create", "xl cpupool-create /tmp/p1.cfg; xl cpupool-list")
    assert re.search(r"p1 +1 +credit2 +y +0\n", made), made
    moved = ask(dom0, "cpupool_migrate", "xl cpupool-migrate vrb p1; xl list -c vrb")
    assert re.search(r"vrb .* p1\n", moved), moved
    assert dom0.run("gx vrb 60 'echo there'", 90) == "there\n"
    assert re.search(r"vrb +1 +0 +1 ", dom0.run("xl vcpu-list vrb"))
    ask(dom0, "cpupool_busy", "xl cpupool-cpu-remove p1 1; xl cpupool-destroy p1; xl cpupool-list")
    ask(dom0, "cpupool_add_taken", "xl cpupool-cpu-add p1 0")
    ask(dom0, "cpupool_dom0_stays", "xl cpupool-migrate 0 p1", status=1)
    ask(dom0, "cpupool_rename", "xl cpupool-rename p1 p2; xl cpupool-list")
    ask(dom0, "cpupool_destroy", "xl cpupool-migrate vrb Pool-0; xl cpupool-destroy p2; xl cpupool-list")
    assert "0,1" in ask(dom0, "cpupool_cpu_add", "xl cpupool-cpu-add Pool-0 1; xl cpupool-list -c")
    ask(dom0, "cpupool_numa_split", "xl cpupool-numa-split; xl cpupool-list")
    dom0.run("xl cpupool-rename Pool-node0 Pool-0")


@verbs.case
def sched_credit(dom0):
    """The older scheduler is offered in a pool of its own."""
    ask(dom0, "sched_credit_none", "xl sched-credit")
    ask(dom0, "sched_credit_pool", f"{POOL} old credit > /tmp/old.cfg; xl cpupool-cpu-remove Pool-0 1; "
        "xl cpupool-create /tmp/old.cfg; xl cpupool-migrate vrb old; xl list -c vrb")
    assert re.search(r"vrb +1 +256 +0\n", ask(dom0, "sched_credit_list", "xl sched-credit"))
    assert re.search(r"vrb +1 +512 +50\n",
                     ask(dom0, "sched_credit_set", "xl sched-credit -d vrb -w 512 -c 50; "
                         "xl sched-credit -d vrb"))
    ask(dom0, "sched_credit_params", "xl sched-credit -s -p old -t 20 -r 500; xl sched-credit -s -p old")
    assert dom0.run("gx vrb 60 'echo there'", 90) == "there\n"
    ask(dom0, "sched_credit_end", "xl cpupool-migrate vrb Pool-0; xl cpupool-destroy old; "
        "xl cpupool-cpu-add Pool-0 1; xl cpupool-list; xl sched-credit2 -d vrb")


@verbs.case
def block_devices(dom0):
    ask(dom0, "block_list", "xl block-list vrb")
    ask(dom0, "block_attach", "xl block-attach vrb format=raw,vdev=xvdb,access=rw,target=/tmp/two.img; "
        "xl block-list vrb | wc -l", deadline=90)
    written = within(dom0, "[ -b /dev/xvdb ]", "head -c 1048576 /dev/urandom > /tmp/r; "
                     "dd if=/tmp/r of=/dev/xvdb bs=1M conv=fsync 2> /dev/null; sha256sum < /tmp/r")
    assert dom0.run("head -c 1048576 /tmp/two.img | sha256sum") in written
    ask(dom0, "block_attach_twice", "xl block-attach vrb format=raw,vdev=xvdb,access=rw,"
        "target=/tmp/two.img", status=1, deadline=90)
    ask(dom0, "block_detach", "xl block-detach vrb xvdb; xl block-list vrb | wc -l", deadline=90)
    within(dom0, "[ ! -b /dev/xvdb ]")
    ask(dom0, "block_detach_none", "xl block-detach vrb xvdz", status=1)


@verbs.case
def network_devices(dom0):
    ask(dom0, "network_list", "xl network-list vrb | sed 's,-1/-1,#/#,'")
    ask(dom0, "network_attach", "xl network-attach vrb mac=00:16:3e:00:00:22 bridge=xenbr0; "
        "xl network-list vrb | wc -l", deadline=90)
    within(dom0, "[ -e /sys/class/net/eth1 ]", "ip addr add 10.0.98.2/24 dev eth1; ip link set eth1 up")
    dom0.run("ip addr add 10.0.98.1/24 dev xenbr0; ping -c 2 -W 20 10.0.98.2; "
             "ip addr del 10.0.98.1/24 dev xenbr0")
    ask(dom0, "network_detach", "xl network-detach vrb 1; xl network-list vrb | wc -l", deadline=90)
    within(dom0, "[ ! -e /sys/class/net/eth1 ]")


@verbs.case
def dump_core(dom0):
    """The guest goes on; the file is an ELF core of all its memory. What is in it: see variety.py."""
    ask(dom0, "dump_core", "xl dump-core vrb /tmp/core; head -c 4 /tmp/core | od -c | head -1",
        deadline=180)
    assert dom0.number("stat -c %s /tmp/core") > 120 << 20
    assert dom0.run("rm /tmp/core; gx vrb 60 'echo alive'", 90) == "alive\n"


@verbs.case
def config_update_and_reboot(dom0):
    """The new configuration holds from the next start on; the name stays, the number changes."""
    guest = Vrb(dom0, memory=136)
    ask(dom0, "config_update", f"xl config-update vrb {guest.config}")
    count, domid = guest.ready_count(), guest.domid()
    ask(dom0, "reboot", "xl reboot vrb")
    dom0.wait_for(f"[ $(grep -ac 'guest ready' /var/log/xen/guest-vrb.log) -gt {count} ]", 240)
    assert guest.domid() > domid
    assert re.search(r"vrb +\d+ +136 ", dom0.run("xl list vrb"))


@verbs.case
def create_paused_and_destroy(dom0):
    """A guest that never ran; given by words on the command line instead of a file."""
    made = ask(dom0, "create_paused", "xl create -p /dev/null 'name=\"tmp\"' 'memory=80' "
               "'kernel=\"/kit/vmlinuz-cloud\"' && xl list tmp", deadline=90)
    assert "--p---" in made, made
    ask(dom0, "destroy", "xl destroy tmp; xl list", deadline=90)
    ask(dom0, "destroy_unknown", "xl destroy tmp", status=1)


@verbs.case
def shutdown_w(dom0):
    """It ends when the guest has ended; the daemon that xl create left takes it away then."""
    ask(dom0, "shutdown_w", "xl shutdown -w vrb", deadline=180)
    dom0.wait_for("! xl domid vrb 2> /dev/null", 120)


verb("shutdown_unknown", "xl shutdown vrb", status=1)


@verbs.case
def nothing_left(dom0):
    assert dom0.run("xl list | wc -l") == "2\n"
    assert dom0.run("xenstore-ls /local/domain | grep -c '^[0-9]'") == "1\n"
    bad = dom0.run(f"{LOG} | grep -i -e 'assertion' -e ' BUG' -e 'd0 .*error' || true")
    assert not bad, bad
