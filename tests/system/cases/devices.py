# SPDX-License-Identifier: MIT
"""dom0's own drivers on QEMU's devices, with MSI-X and MSI, and again with plain interrupt lines."""

import hashlib
import http.server
import os
import threading

from kernellog import kernel_log_clean
from runner import group

DISK_MB = 16
PART = 4 << 20
DRIVERS = {"ahci": ("sd", "ahci"), "nvme": ("nvme", "nvme"), "virtio": ("vd", "virtio")}

devices = dict(tools="min", disks=["ahci", "nvme", "virtio"], disk_mb=DISK_MB,
               nics=["e1000e", "virtio"])
msi = group("msi", **devices, qemu_args=[
    "-device", "ioh3420,id=port0,slot=1",       # plugging is the port's matter, not ACPI's
    "-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off"])
intx = group("intx", kernel_args="pci=nomsi", **devices)
pc = group("pc-devices", machine="pc", **devices)


def block_device(dom0, kind):
    """The kernel's name of the disk of a kind, told apart by size: dom0's CD is the other."""
    path = {"ahci": "/sys/block/sd?", "nvme": "/sys/block/nvme?n1", "virtio": "/sys/block/vd?"}[kind]
    sectors = DISK_MB * 2048
    return dom0.wait_for(f"for d in {path}; do [ \"$(cat $d/size)\" = {sectors} ] && "
                         "echo /dev/${d##*/} && break; done 2> /dev/null", 30).strip()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def check_disk(dom0, kind):
    """The host writes, dom0 reads; dom0 writes and flushes, the host reads the image file."""
    image = dom0.disks[dom0.point.disks.index(kind)]
    device = block_device(dom0, kind)
    data = os.urandom(PART)
    with open(image, "r+b") as file:
        file.write(data)
    megabytes = PART >> 20
    seen = dom0.run(f"dd if={device} bs=1M count={megabytes} iflag=direct 2> /dev/null | sha256sum",
                    120)
    assert seen.split()[0] == digest(data), f"{device} reads other data than the image holds"
    half = (DISK_MB >> 1)
    sent = dom0.run(f"head -c {PART} /dev/urandom > /tmp/data; "
                    f"dd if=/tmp/data of={device} bs=1M seek={half} conv=fsync 2> /dev/null; "
                    "sha256sum < /tmp/data; rm /tmp/data", 120)
    with open(image, "rb") as file:
        file.seek(half << 20)
        assert sent.split()[0] == digest(file.read(PART)), f"{device} wrote other data"


class Web:
    """A web server on the host; guests of QEMU's user network see it at 10.0.2.2."""

    def __init__(self):
        self.data = os.urandom(1 << 20)
        self.posted = b""
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(web.data)))
                self.end_headers()
                self.wfile.write(web.data)

            def do_POST(self):
                web.posted = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def check_nic(dom0, driver, lines):
    """DHCP, then 1 MB each way over HTTP, with only this interface up."""
    find = ("for d in /sys/class/net/*; do case $(readlink $d/device/driver) in "
            f"*/{driver}) basename $d;; esac; done | grep .")
    nic = dom0.wait_for(find, 30).strip()
    dom0.run(f"ip link set {nic} up")
    dom0.wait_for(f"grep -q 1 /sys/class/net/{nic}/carrier", 30)
    dom0.run(f"udhcpc -i {nic} -s /etc/udhcpc.script -n -q -t 10 2>&1", 60)
    assert "10.0.2." in dom0.run(f"ip addr show dev {nic}")
    with Web() as web:
        url = f"http://10.0.2.2:{web.port}/data"
        seen = dom0.run(f"wget -q -O - {url} | sha256sum", 60)
        assert seen.split()[0] == digest(web.data)
        sent = dom0.run("head -c 1048576 /dev/urandom | base64 -w 0 > /tmp/post; "
                        f"wget -q -O /dev/null --post-file=/tmp/post {url}; sha256sum < /tmp/post; "
                        "rm /tmp/post", 60)
        assert sent.split()[0] == digest(web.posted)
    name = nic
    if driver == "virtio_net":
        name = dom0.run(f"basename $(readlink /sys/class/net/{nic}/device)").strip()
    check_interrupts(dom0, name, lines)
    dom0.run(f"ip addr flush dev {nic}; ip link set {nic} down")


def check_interrupts(dom0, name, lines):
    """The interrupts of a driver or interface come by line (`lines`), or all by message."""
    found = [line for line in dom0.run("cat /proc/interrupts").splitlines() if name in line]
    assert found, f"/proc/interrupts has no {name}"
    came = 0
    for line in found:
        assert ("-msi" in line) != lines, line
        came += sum(int(count) for count in line.split()[1:1 + dom0.point.cpus])
    assert came, f"no interrupt came: {found}"


def add_cases(chosen, lines):
    """The same cases in several groups; `lines`: interrupts come by line, not by message."""
    def ahci(dom0):
        check_disk(dom0, "ahci")
        check_interrupts(dom0, "ahci", lines)

    def nvme(dom0):
        check_disk(dom0, "nvme")
        check_interrupts(dom0, "nvme0q", lines)

    def virtio_blk(dom0):
        check_disk(dom0, "virtio")
        check_interrupts(dom0, "-req." if not lines else "virtio", lines)

    def e1000e(dom0):
        check_nic(dom0, "e1000e", lines)

    def virtio_net(dom0):
        check_nic(dom0, "virtio_net", lines)

    for case in [ahci, nvme, virtio_blk, e1000e, virtio_net]:
        chosen.case(case)
    chosen.case(kernel_log_clean)


@msi.case
def extended_config_space(dom0):
    """Registers past the first 256 bytes are reached by memory: stores of each size arrive."""
    config = dom0.run("echo $(dirname $(grep -l 0x10d3 /sys/bus/pci/devices/*/device))").strip()
    config += "/config"
    severity = 0x10c        # of uncorrectable errors, in the capability "advanced error reporting"

    def write(size, offset, value):
        octal = "".join(f"\\0{byte:03o}" for byte in value.to_bytes(size, "little"))
        dom0.run(f"printf %b '{octal}' | dd of={config} bs={size} seek={offset // size} "
                 "conv=notrunc 2> /dev/null")
        return int(dom0.run(f"od -An -tx4 -j {severity} -N 4 {config}"), 16)

    first = write(4, severity, 0x00462030)
    assert first == 0x00462030, hex(first)
    assert write(1, severity, 0x10) == 0x00462010
    assert write(2, severity + 2, 0x0042) == 0x00422010
    assert write(4, severity, first) == first


@msi.case
def plugged_in(dom0):
    """A PCI Express port, whose plain MSI has a mask bit, tells of a device plugged into it."""
    listing = "ls /sys/bus/pci/devices | wc -l"
    before = dom0.number(listing)
    dom0.qmp.call("device_add", driver="virtio-rng-pci", id="rng0", bus="port0")
    dom0.wait_for(f"[ $({listing}) -gt {before} ]", 30)
    check_interrupts(dom0, "pciehp", lines=False)


add_cases(msi, lines=False)
add_cases(intx, lines=True)
add_cases(pc, lines=False)
