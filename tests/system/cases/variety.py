# SPDX-License-Identifier: MIT
"""Guests of many shapes: pvgrub, 16 vcpus, very small, large, levelled, crashed and dumped."""

import re
import shlex
import subprocess

from guest import Guest, small_ramdisk
from kernellog import kernel_log_clean
from runner import Skip, group

CORE_MB = 160

variety = group("variety", soak=True, tools="xl", cpus=2, mem=7680, dom0_mem="896M", limit=1200,
                disks=["virtio"], disk_mb=CORE_MB)


@variety.case
def pvgrub_boots_from_inside_its_disk(dom0):
    """Debian's GRUB for Xen finds grub.cfg and the kernel in the guest's own file system."""
    config = ("set timeout=0\\nmenuentry inside {\\n"
              "linux /boot/vmlinuz console=hvc0 rig.ip=10.0.99.2/24 from=grub\\n"
              "initrd /boot/initrd\\n}\\n")
    dom0.run("head -c 33554432 /dev/zero > /tmp/grub.img && mkfs.ext4 -q /tmp/grub.img && "
             "mkdir -p /tmp/look && mount -t ext4 -o loop /tmp/grub.img /tmp/look && "
             "mkdir -p /tmp/look/boot/grub && cp /kit/vmlinuz /tmp/look/boot/vmlinuz && "
             f"cp /kit/guest.cpio /tmp/look/boot/initrd && printf '{config}' "
             "> /tmp/look/boot/grub/grub.cfg && umount /tmp/look", 90)
    guest = Guest(dom0, "grub", 2, memory=192, disks=["/tmp/grub.img,raw,xvda,rw"])
    dom0.run(f"sed -i '/^ramdisk/d; /^extra/d; s,^kernel.*,kernel = \"/usr/lib/grub-xen/grub-x86_64-xen.bin\",' "
             f"{guest.config}")
    guest.start()
    assert "from=grub" in guest.run("cat /proc/cmdline")
    assert ", 0% packet loss" in dom0.run(f"ping -c 2 {guest.ip}")
    guest.run("mount -t ext4 /dev/xvda /mnt && cmp /mnt/boot/initrd /mnt/boot/initrd && umount /mnt")
    guest.shutdown()
    dom0.run("rm /tmp/grub.img")


@variety.case
def sixteen_vcpus(dom0):
    guest = Guest(dom0, "many", 3, vcpus=16, memory=192, vif=False)
    guest.create()
    guest.wait_ready(360)
    assert guest.number("nproc", 90) == 16
    assert dom0.run("xl vcpu-list many").count("many") == 16
    seen = guest.run("for i in $(seq 0 15); do taskset -c $i sh -c 'cut -d \" \" -f 39 /proc/self/stat'; done", 120)
    assert [int(n) for n in seen.split()] == list(range(16)), seen
    guest.destroy()


@variety.case
def large(dom0):
    """6 GB, all of them there: 1.5 GB are written, and a part of each stretch read back."""
    guest = Guest(dom0, "large", 5, vcpus=2, memory=6144, vif=False).start()
    assert guest.number("grep MemTotal /proc/meminfo") > 5800 << 10
    guest.run("mkdir -p /tmp/t; mount -t tmpfs -o size=1600m t /tmp/t; head -c 10000000 /dev/urandom > /tmp/one; "
              "for i in $(seq 150); do cp /tmp/one /tmp/t/$i; done; "
              "for i in $(seq 10 20 150); do cmp /tmp/one /tmp/t/$i || exit 1; done", 240)
    before = dom0.number("xen-free")
    dom0.run("xl destroy large", 90)
    dom0.wait_for(f"[ $(xen-free | cut -d ' ' -f 1) -ge {before + (6144 << 8)} ]", 30)


def flags(guest):
    return set(guest.run("grep -m1 ^flags /proc/cpuinfo").split()[2:])


@variety.case
def policy_decides_what_is_seen(dom0):
    """Features are taken away by the configuration, and what the machine lacks cannot be asked for."""
    plain = Guest(dom0, "plain", 6, memory=96, vif=False).start()
    usual = flags(plain)
    plain.destroy()
    assert {"sse4_2", "popcnt", "hypervisor", "syscall"} <= usual, usual
    assert not {"smep", "smap", "pcid", "pge", "pse", "vmx", "svm", "monitor"} & usual, usual
    less = Guest(dom0, "less", 6, memory=96, vif=False,
                 more=['cpuid = "host,sse4_2=0,popcnt=0,avx=1,smep=1"']).start()
    seen = flags(less)
    assert usual - seen == {"sse4_2", "popcnt"} and not seen - usual, (usual - seen, seen - usual)
    less.destroy()
    other = Guest(dom0, "other", 6, memory=96, vif=False, more=[
        'cpuid = ["0x1:ecx=xxxxxxxx0xxxxxxxxxxxxxxxxxxxxxxx", "0x80000002:eax=01000100010000110100001001000001"]'])
    other.start()
    assert usual - flags(other) == {"popcnt"}
    assert "ABCD" in other.run("grep -m1 '^model name' /proc/cpuinfo")
    other.destroy()


@variety.case
def kexec_is_refused(dom0):
    """There is no crash kernel of the hypervisor's: dom0 is told so and goes on."""
    if not dom0.on_dais:
        raise Skip("Dais only: the oracle has kexec")
    status, output = dom0.status("kexec -l /kit/vmlinuz --initrd=/kit/guest.cpio --command-line=x")
    assert status != 0 and output, (status, output)
    assert dom0.run("echo alive") == "alive\n"


def sections(path):
    """Name to (type, offset, size) of an ELF file's sections."""
    text = subprocess.run(["readelf", "-S", "-W", path], stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.PIPE, universal_newlines=True).stdout
    found = {}
    for line in text.splitlines():
        match = re.match(r" *\[ *\d+\] (\S+) +(\S+) +\S+ +([0-9a-f]+) +([0-9a-f]+) ", line)
        if match:
            found[match.group(1)] = (match.group(2), int(match.group(3), 16), int(match.group(4), 16))
    return found


@variety.case
def crashed_guest_leaves_a_core(dom0):
    """on_crash=coredump-destroy: an ELF core with registers, page numbers and all of memory."""
    memory = 96
    crash = Guest(dom0, "crash", 7, memory=memory, vif=False, args="rig.run=crash",
                  more=['on_crash = "coredump-destroy"'])
    dom0.run("mkdir -p /var/lib/xen/dump")
    crash.create()
    crash.wait_gone(240)
    device = dom0.wait_for(f"for d in /sys/block/vd?; do [ \"$(cat $d/size)\" = {CORE_MB << 11} ] && "
                           "echo /dev/${d##*/}; done", 30).strip()
    size = dom0.number("stat -c %s /var/lib/xen/dump/*crash*")
    dom0.run(f"dd if=$(echo /var/lib/xen/dump/*crash*) of={shlex.quote(device)} bs=1M conv=fsync 2> /dev/null; "
             "rm /var/lib/xen/dump/*", 120)
    path = dom0.disks[0]
    found = sections(path)
    for name in [".shstrtab", ".note.Xen", ".xen_prstatus", ".xen_shared_info", ".xen_pages", ".xen_p2m"]:
        assert name in found, f"the core has no {name}: {sorted(found)}"
    pages = memory << 8
    assert found[".xen_pages"][2] == pages << 12 and found[".xen_p2m"][2] == pages * 16
    assert max(offset + length for _, offset, length in found.values()) <= size
    with open(path, "rb") as core:
        core.seek(found[".xen_pages"][1])
        contents = core.read(found[".xen_pages"][2])
        core.seek(found[".xen_p2m"][1])
        p2m = core.read(found[".xen_p2m"][2])
        core.seek(found[".xen_prstatus"][1])
        registers = core.read(found[".xen_prstatus"][2])
    assert b"Linux version 6.1" in contents and b"sysrq triggered crash" in contents
    pfns = {int.from_bytes(p2m[i:i + 8], "little") for i in range(0, len(p2m), 16)}
    assert pfns == set(range(pages))
    kernel = any(0xffffffff81000000 <= int.from_bytes(registers[i:i + 8], "little") <= 0xffffffff84000000
                 for i in range(0, 1024, 8))
    assert kernel, "no register points into the kernel"


@variety.case
def smallest(dom0):
    """72 MB is what the cloud kernel needs to come up at all."""
    guest = Guest(dom0, "small", 4, memory=72, vif=False, ramdisk=small_ramdisk(dom0)).start()
    assert guest.number("grep MemTotal /proc/meminfo") < 72 << 10
    assert guest.run("head -c 5000000 /dev/zero > /tmp/x; stat -c %s /tmp/x; rm /tmp/x") == "5000000\n"
    guest.destroy()


@variety.case
def nothing_left(dom0):
    dom0.wait_for("xl list; [ $(xl list | wc -l) = 2 ]", 30)


variety.case(kernel_log_clean)
