# SPDX-License-Identifier: MIT
"""One QEMU machine: what it is made of (Point), its ISO, its process, its serial line.

A Machine is used as a context manager; leaving it ends QEMU whatever happened. QEMU also runs
under timeout(1), so that a lost harness leaves nothing behind.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess

from qmp import Qmp
from serial import SLOW, Serial

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Debian's Xen is sound under TCG on this model; see README.
DEFAULT_CPU = "qemu64,-svm,+ssse3,+sse4.1,+sse4.2,+popcnt"

OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS_4M.fd"

DISK_DEVICES = {
    "ahci": ["ich9-ahci,id=ahci{n}", "ide-hd,drive=d{n},bus=ahci{n}.0"],
    "nvme": ["nvme,drive=d{n},serial=rig{n}"],
    "virtio": ["virtio-blk-pci,drive=d{n}"],
}
NIC_DEVICES = {"e1000e": "e1000e", "virtio": "virtio-net-pci", "e1000": "e1000"}


class Point:
    """A point of the test matrix. Every field has a default; see __init__ for their meaning."""

    FIELDS = {
        "hv": "xen",            # xen, dais, none (bare kernel), or the path of an image
        "hv_args": "",          # added to the hypervisor's command line
        "kernel": None,         # path of dom0's kernel; None: Debian's. "": no module at all
        "kernel_args": "",      # added to dom0's command line
        "initrd": None,         # path of dom0's initramfs; None: by `tools`. "": none
        "tools": "xl",          # xl, dais, min: which dom0 initramfs
        "dom0_mem": "512M",     # dom0_mem= of the hypervisor; "" leaves it out
        "machine": "q35", "cpu": DEFAULT_CPU, "cpus": 2, "mem": 4096,
        "firmware": "bios",     # bios, uefi
        "disks": (),            # of ahci, nvme, virtio; each gets a fresh image
        "disk_mb": 16,
        "nics": (),             # of e1000e, virtio; each on QEMU's user network
        "qemu_args": (),        # further QEMU arguments
        "limit": 600,           # seconds after which QEMU is killed
    }

    def __init__(self, **fields):
        for name in fields:
            if name not in self.FIELDS:
                raise TypeError(f"a matrix point has no '{name}'")
        for name, value in self.FIELDS.items():
            setattr(self, name, fields.get(name, value))

    def describe(self):
        cpu = self.cpu.split(",")[0]
        return f"{self.hv} {self.machine} {self.firmware} {cpu} {self.cpus} cpus {self.mem} MB"


class Images:
    """Where the built files are: OUT is the build folder (`O` of the Makefile)."""

    def __init__(self, out):
        self.out, self.system = out, os.path.join(out, "system")

    def hypervisor(self, hv):
        known = {"xen": os.path.join(self.system, "xen.gz"),
                 "dais": os.path.join(self.out, "dais.gz")}
        return known.get(hv, hv)

    def kernel(self, point):
        return os.path.join(self.system, "vmlinuz") if point.kernel is None else point.kernel

    def initrd(self, point):
        if point.initrd is None:
            return os.path.join(self.system, f"dom0-{point.tools}.cpio")
        return point.initrd


def grub_config(point, images):
    """The grub.cfg of a point and the files it names: (text, [FILE=NAME])."""
    lines = ["serial --unit=0 --speed=115200", "terminal_input serial console",
             "terminal_output serial", "set timeout=0"]
    files, commands = [], []

    def place(command, path, name, args):
        files.append(f"{path}={name}")
        commands.append(f"{command} /{name} {args}".rstrip())

    kernel, initrd = images.kernel(point), images.initrd(point)
    if point.hv == "none":
        place("linux", kernel, "vmlinuz", "console=ttyS0 " + point.kernel_args)
        if initrd:
            place("initrd", initrd, "initrd", "")
    else:
        dom0_mem = point.dom0_mem
        if dom0_mem and "," not in dom0_mem:
            dom0_mem += ",max:" + dom0_mem
        if dom0_mem:
            dom0_mem = " dom0_mem=" + dom0_mem
        place("multiboot2", images.hypervisor(point.hv), "hv",
              f"console=com1 com1=115200,8n1 loglvl=all guest_loglvl=all{dom0_mem} {point.hv_args}")
        if kernel:
            place("module2", kernel, "vmlinuz", "console=hvc0 " + point.kernel_args)
            if initrd:
                place("module2", initrd, "initrd", "")
    lines += commands
    lines += ["boot", "echo GRUB could not boot", "halt"]
    return "\n".join(lines) + "\n", files


def make_iso(point, images, iso):
    text, files = grub_config(point, images)
    config = iso + ".cfg"
    with open(config, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([HERE + "/mkiso", iso, config] + files, check=True)


def die_with_parent():
    """In the child: SIGTERM when the harness goes away."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Machine:
    def __init__(self, point, images, folder):
        """`folder` is emptied and then holds the ISO, the disks, serial.log and qemu.log."""
        self.point, self.images, self.folder = point, images, folder
        self.process = self.serial = self.qmp = None
        self.disks = []

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.iso = os.path.join(self.folder, "boot.iso")
        make_iso(self.point, self.images, self.iso)
        self.log = os.path.join(self.folder, "serial.log")
        self._make_disks()
        self._start()
        return self

    def __exit__(self, *_):
        self.kill()
        if os.path.exists(self.iso):
            os.remove(self.iso)

    def power_cut(self):
        """QEMU is killed where it is and started again; the disks are what they were."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.serial.wait_end(10)
        self._start()

    def _make_disks(self):
        for number, kind in enumerate(self.point.disks):
            self.disks.append(os.path.join(self.folder, f"disk{number}-{kind}.img"))
            with open(self.disks[-1], "wb") as file:
                file.truncate(self.point.disk_mb << 20)

    def _disk_arguments(self):
        arguments = []
        for number, kind in enumerate(self.point.disks):
            arguments += ["-drive", f"file={self.disks[number]},format=raw,if=none,id=d{number}"]
            for device in DISK_DEVICES[kind]:
                arguments += ["-device", device.format(n=number)]
        return arguments

    def _arguments(self):
        point = self.point
        arguments = ["-machine", point.machine, "-accel", "tcg", "-cpu", point.cpu,
                     "-smp", str(point.cpus), "-m", str(point.mem), "-nodefaults",
                     "-vga", "std", "-global", "VGA.vgamem_mb=2", "-display", "none",
                     "-no-reboot",
                     "-drive", f"file={self.iso},media=cdrom,if=none,id=cd,readonly=on",
                     "-device", "ide-cd,drive=cd,bus=ide.1,bootindex=0"]
        if point.firmware == "uefi":
            vars_copy = os.path.join(self.folder, "vars.fd")
            shutil.copyfile(OVMF_VARS, vars_copy)
            arguments += ["-drive", f"if=pflash,unit=0,readonly=on,format=raw,file={OVMF_CODE}",
                          "-drive", f"if=pflash,unit=1,format=raw,file={vars_copy}"]
        arguments += self._disk_arguments()
        for number, kind in enumerate(point.nics):
            arguments += ["-netdev", f"user,id=n{number}",
                          "-device", f"{NIC_DEVICES[kind]},netdev=n{number},romfile="]
        return arguments + list(point.qemu_args)

    def _start(self):
        serial, serial_far = socket.socketpair()
        control, control_far = socket.socketpair()
        # High numbers, out of the way of what a prefix command opens for itself.
        fds = [fcntl.fcntl(far, fcntl.F_DUPFD, 100) for far in [serial_far, control_far]]
        command = os.environ.get("RIG_QEMU_PREFIX", "").split()
        command += ["timeout", "-k", "5", str(int(self.point.limit * SLOW)), "qemu-system-x86_64"]
        command += self._arguments()
        command += ["-chardev", f"socket,id=serial0,fd={fds[0]}", "-serial", "chardev:serial0",
                    "-chardev", f"socket,id=qmp0,fd={fds[1]}",
                    "-mon", "chardev=qmp0,mode=control"]
        with open(os.path.join(self.folder, "qemu.log"), "w", encoding="utf-8") as log:
            log.write(" ".join(command) + "\n")
            log.flush()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, pass_fds=fds, start_new_session=True,
                                            preexec_fn=die_with_parent)
        for far in [serial_far, control_far]:
            far.close()
        for fd in fds:
            os.close(fd)
        self.serial, self.qmp = Serial(serial, self.log), Qmp(control)

    def kill(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def expect(self, pattern, deadline=60, start=0):
        """Waits for a regular expression on the serial line; see Serial.wait."""
        return self.serial.wait(pattern, deadline, start)

    def expect_off(self, deadline=60):
        """Waits for QEMU to end by itself: the machine was powered off or reset."""
        self.serial.wait_end(deadline)
        self.process.wait(10)
