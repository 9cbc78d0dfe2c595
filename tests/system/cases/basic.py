# SPDX-License-Identifier: MIT
"""dom0 over the matrix of firmware, machine, memory and CPU models: boots, sees its CPUs, ends."""

import time

from kernellog import kernel_log_clean
from runner import group

plain = group("uefi", tools="min", firmware="uefi", cpus=4, mem=2048)
small = group("small", tools="min", machine="pc", cpus=1, mem=768, dom0_mem="400M")
big = group("big", tools="min", cpu="Nehalem", cpus=4, mem=8192, dom0_mem="5G")
every = group("cpu-max", tools="min", firmware="uefi", machine="pc", cpu="max",
              only="dais")      # Debian's Xen 4.17 loses dom0 on this model: see README
fallback = group("fallback", tools="min", cpus=2,
                 hv_args="tsc=unstable clocksource=hpet sched=credit com1=115200,8n1,0x3f8,0 "
                 "vga=keep reboot=triple conring_size=128k")
no_hpet = group("no-hpet", tools="min", machine="q35,hpet=off", cpus=2, hv_args="clocksource=hpet")

options = group("options", tools="min", cpus=4, mem=2048, dom0_mem="min:300M,max:500M,400M",
                hv_args="maxcpus=3 dom0_max_vcpus=2 dom0_vcpus_pin sync_console console=com1,vga "
                "loglvl=all/all guest_loglvl=none/warning conring_size=64k reboot=k")


def vcpus_online(dom0):
    assert dom0.number("nproc") == dom0.point.cpus
    expected = "0" if dom0.point.cpus == 1 else f"0-{dom0.point.cpus - 1}"
    assert dom0.run("cat /sys/devices/system/cpu/online").strip() == expected


def shell_answers(dom0):
    assert dom0.run("echo hello; uname -s") == "hello\nLinux\n"
    assert dom0.status("exit 7") == (7, "")
    text = "x" * 3000
    assert dom0.run(f"echo {text} | wc -c") == "3001\n"


def cpu_hotplug(dom0):
    """Takes every CPU but the first away and gives it back; each then runs a task."""
    cpus = range(1, dom0.point.cpus)
    for cpu in cpus:
        dom0.run(f"echo 0 > /sys/devices/system/cpu/cpu{cpu}/online")
    assert dom0.number("nproc") == 1
    for cpu in cpus:
        dom0.run(f"echo 1 > /sys/devices/system/cpu/cpu{cpu}/online")
    assert dom0.number("nproc") == dom0.point.cpus
    for cpu in cpus:
        dom0.run(f"taskset -c {cpu} sh -c 'echo run on {cpu}'")


def clock_runs(dom0):
    """dom0's clock and the host's agree on how long some seconds are."""
    uptime = "cut -d ' ' -f 1 /proc/uptime"
    outer = time.monotonic()
    before = float(dom0.run(uptime))
    inner = time.monotonic()
    dom0.run("sleep 2")
    inner = time.monotonic() - inner
    after = float(dom0.run(uptime))
    outer = time.monotonic() - outer
    assert 0.97 * inner - 0.1 <= after - before <= 1.03 * outer + 0.1, (inner, after - before, outer)
    assert inner >= 1.9, f"dom0 slept 2 s in {inner} s"
    year = dom0.number("date +%Y")
    assert abs(year - time.gmtime().tm_year) <= 1, f"dom0 thinks it is {year}"


def protected(dom0):
    """What this processor has against guests is on; SMAP is not to be trusted in QEMU."""
    assert "protection: NX SMEP UMIP; " in dom0.serial.text


def poweroff(dom0):
    dom0.start("poweroff")
    dom0.expect_off()


def reboot(dom0):
    """QEMU runs with -no-reboot: a reset ends it."""
    events = dom0.qmp.call("query-status")
    assert events["status"] == "running"
    dom0.start("reboot")
    dom0.expect_off()


def memory_above_4g(dom0):
    """dom0 has more than 4 GB, so some of it lies above; 300 MB of it keep what is written."""
    assert dom0.number("grep MemTotal /proc/meminfo") > 4 << 20
    dom0.run("mkdir -p /tmp/big && mount -t tmpfs -o size=400m tmpfs /tmp/big && "
             "head -c 10485760 /dev/urandom > /tmp/one && "
             "for i in $(seq 30); do cp /tmp/one /tmp/big/$i; done && "
             "for i in $(seq 30); do cmp /tmp/one /tmp/big/$i || exit 1; done", 120)


def options_obeyed(dom0):
    """The hypervisor's command line means what it means in Xen."""
    assert dom0.number("nproc") == 2
    assert 250 << 10 < dom0.number("grep MemTotal /proc/meminfo") < 400 << 10
    assert "unknown option" not in dom0.serial.text
    assert "not understood" not in dom0.serial.text


def dom0_grows(dom0):
    """dom0 may grow from 400M to the max: of dom0_mem=, and no further."""
    place, total = "/sys/devices/system/xen_memory/xen_memory0", "grep MemTotal /proc/meminfo"
    before = dom0.number(total)
    for target, reached in [(490, 490), (600, 500)]:
        dom0.run(f"echo {target << 10} > {place}/target_kb")
        dom0.wait_for(f"[ $(cat {place}/info/current_kb) -ge {(reached << 10) - 1024} ]")
    assert dom0.number(f"cat {place}/info/current_kb") <= 500 << 10
    assert 95 << 10 < dom0.number(total) - before <= 100 << 10


def debug_keys(dom0):
    """Ctrl-a three times gives the keys to the hypervisor, whose h lists its debug keys."""
    start = dom0.serial.mark()
    dom0.serial.send("\x01\x01\x01")
    dom0.expect(r"Serial input to (?!DOM0)", 30, start)
    dom0.serial.send("h")
    dom0.expect(r"\bR\b.*(reboot|reset)", 30, start)
    if dom0.on_dais:
        dom0.serial.send("r")
        dom0.expect(r"CPU 1: runs d\d+v\d+ for \d+ us(?s:.*)d0v1: CPU \d", 30, start)
        dom0.serial.send("d")
        dom0.expect(r"CPU \d:\n.*rip [0-9a-f]{16} ", 30, start)
    start = dom0.serial.mark()
    dom0.serial.send("\x01\x01\x01")
    dom0.expect(r"Serial input to DOM0", 30, start)
    assert dom0.run("echo back") == "back\n"


def line_stands_still(dom0):
    """Nobody reads from the serial line: dom0 goes on writing, and what is lost is counted."""
    start = dom0.serial.mark()
    with dom0.serial.lock:      # the reader waits for it
        dom0.start("yes 0123456789 | head -c 600000 > /dev/console; echo written > /tmp/written")
        time.sleep(8)
    if dom0.on_dais:
        dom0.expect(r"\(\d+ characters lost: the line stood still\)", 60, start)
    dom0.wait_for("cat /tmp/written")


def nmi_of_nobody(dom0):
    """An NMI that no device owns up to is dom0's: its kernel says that it does not know it."""
    dom0.qmp.call("inject-nmi")
    dom0.wait_for("dmesg | grep 'NMI received for unknown reason'", 20)


def key_reset(dom0):
    """The debug key R resets the machine, whatever dom0 is doing."""
    dom0.serial.send("\x01\x01\x01")
    dom0.serial.send("R")
    dom0.expect_off()


def add(chosen, *cases):
    for case in cases:
        chosen.case(case)


add(plain, vcpus_online, shell_answers, cpu_hotplug, clock_runs, kernel_log_clean, reboot)
add(small, vcpus_online, clock_runs, kernel_log_clean, line_stands_still, poweroff)
add(big, vcpus_online, memory_above_4g, cpu_hotplug, kernel_log_clean, poweroff)
add(every, protected, vcpus_online, shell_answers, clock_runs, cpu_hotplug, kernel_log_clean, poweroff)
add(options, options_obeyed, dom0_grows, debug_keys, kernel_log_clean, reboot)
add(fallback, vcpus_online, shell_answers, clock_runs, cpu_hotplug, kernel_log_clean,
    line_stands_still, nmi_of_nobody, key_reset)
add(no_hpet, vcpus_online, clock_runs, kernel_log_clean, reboot)
