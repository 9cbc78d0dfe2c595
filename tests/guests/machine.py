# SPDX-License-Identifier: MIT
"""One QEMU machine under test, for tests/guests and tests/bench.

Knows how to fetch the oracle (Debian's Xen 4.17, unpacked, never installed), how to boot a PV
kernel as dom0 of either hypervisor, and how to read its serial console until a line says that the
run is over. The oracle is loaded by QEMU's own multiboot loader; Dais speaks multiboot2, so GRUB
loads it from one ISO that holds every guest, and the guest to boot is named in an SMBIOS string
that GRUB can read.
"""

import gzip
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import threading
import time

ORACLE_PACKAGE = "xen-hypervisor-4.17-amd64"
CPU = "qemu64,-svm,+ssse3,+sse4.1,+sse4.2,+popcnt"
OPTIONS = "console=com1 com1=115200,8n1 dom0_mem=64M noreboot"
ORACLE_OPTIONS = "loglvl=warning watchdog=0 " + OPTIONS

MODULE_TEXT = "the module of every guest"
GONE = "(QEMU has ended)"

GRUB_CFG = """\
serial --unit=0 --speed=115200
terminal_output serial
smbios --type 1 --get-string 6 --set guest
smbios --type 1 --get-string 7 --set options
smbios --type 1 --get-string 4 --set module
smbios --type 1 --get-string 5 --set words
if [ "$words" = - ]; then set words=; fi
multiboot2 /boot/dais.gz $options
module2 /guests/$guest $guest $words
module2 /guests/$module
set gfxpayload=text
boot
"""


class SetupError(Exception):
    """What is missing, in words for the person at the terminal."""


def oracle_image(build):
    """Path of the unpacked oracle; fetched with apt on first use, or named by XEN=."""
    if os.environ.get("XEN"):
        return pathlib.Path(os.environ["XEN"])
    folder = pathlib.Path(build) / "oracle"
    image = folder / "xen"
    if image.exists():
        return image
    folder.mkdir(parents=True, exist_ok=True)
    for command in (["apt-get", "-q", "download", ORACLE_PACKAGE],):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SetupError(f"cannot fetch {ORACLE_PACKAGE}: {done.stderr.strip()}; run "
                             "apt-get update, or set XEN=path of a xen ELF image")
    package = next(folder.glob(ORACLE_PACKAGE + "_*.deb"))
    subprocess.run(["dpkg-deb", "-x", package.name, "."], cwd=folder, check=True)
    packed = next(folder.glob("boot/xen-*.gz"))
    partial = folder / "xen.part"
    with gzip.open(packed) as src, open(partial, "wb") as dst:
        shutil.copyfileobj(src, dst)
    partial.rename(image)
    return image


def dais_iso(build, images, iso):
    """An ISO with Dais and all the guests; rebuilt when anything in it is newer."""
    build = pathlib.Path(build)
    iso = pathlib.Path(iso)
    dais = pathlib.Path(os.environ.get("DAIS", build / "dais.gz"))
    if not dais.exists():
        raise SetupError(f"{dais} does not exist: run make first, or set DAIS=path")
    newest = max(p.stat().st_mtime for p in [dais, pathlib.Path(__file__), *images])
    if iso.exists() and iso.stat().st_mtime > newest:
        return iso
    root = iso.with_suffix(".root")
    shutil.rmtree(root, ignore_errors=True)
    (root / "boot/grub").mkdir(parents=True)
    (root / "guests").mkdir()
    shutil.copy(dais, root / "boot/dais.gz")
    for image in images:
        shutil.copy(image, root / "guests" / image.name)
    (root / "guests/module").write_text(MODULE_TEXT)
    (root / "boot/grub/grub.cfg").write_text(GRUB_CFG)
    done = subprocess.run(
        ["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "--locales=", "--fonts=", "--themes=",
         "--install-modules=normal multiboot2 smbios test serial iso9660 biosdisk gzio part_msdos",
         "-o", str(iso), str(root)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupError("grub-mkrescue failed (packages grub-pc-bin, xorriso, mtools): "
                         + done.stderr.strip()[-300:])
    shutil.rmtree(root)
    return iso


def plain_module(folder):
    """The file every guest gets as its module; whole at any moment, for runs in parallel."""
    target = folder / "module"
    if not target.exists():
        partial = folder / f"module.{os.getpid()}.{threading.get_ident()}"
        partial.write_text(MODULE_TEXT)
        partial.rename(target)


def command(hv, image, boot, *, cpus=1, mem=256, options="", module="module", words="",
            icount=False, cpu=CPU, machine="pc", device="",
            serial=1):
    """The QEMU command line that boots `image`; `boot` is the oracle image or the Dais ISO.

    `words` are the guest's own command line, after its name. What comes out of serial line number
    `serial` is shown; nobody listens to one before.
    """
    qemu = ["qemu-system-x86_64", "-display", "none", "-nodefaults", "-no-reboot", "-accel", "tcg",
            "-machine", machine, "-m", str(mem), "-smp", str(cpus), "-cpu", os.environ.get("CPU") or cpu,
            *["-serial", "null"] * (serial - 1), "-serial", "stdio"]
    if device:
        qemu += ["-device", device]
    if icount:
        qemu += ["-icount", "shift=0,sleep=off"]
    if hv == "xen":
        plain_module(image.parent)
        return qemu + ["-kernel", str(boot), "-append", f"{ORACLE_OPTIONS} {options}",
                       "-initrd", f"{image} {f'{image.name} {words}'.strip()},{image.parent / module}"]
    text = f"{OPTIONS} {options}".strip().replace(",", ",,")
    return qemu + ["-cdrom", str(boot), "-smbios",
                   f"type=1,manufacturer={module},product={words or '-'},version={image.name},"
                   f"serial={text}"]


def converse(argv, until, deadline, log=None):
    """Run QEMU until a console line matches `until`; returns (lines, matched line or None).

    QEMU is killed as soon as the line is there: a hypervisor may halt rather than power off. When
    it ends by itself before, as at a reset, the last line is GONE.
    """
    pattern = re.compile(until)
    lines, matched, pending = [], None, b""
    end = time.monotonic() + deadline
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as qemu:
        try:
            selector = selectors.DefaultSelector()
            selector.register(qemu.stdout, selectors.EVENT_READ)
            while matched is None:
                left = end - time.monotonic()
                if left <= 0 or not selector.select(left):
                    break
                data = os.read(qemu.stdout.fileno(), 65536)
                if not data:
                    lines.append(GONE)
                    break
                *whole, pending = (pending + data).split(b"\n")
                for raw in whole:
                    line = raw.decode("latin-1").rstrip("\r")
                    lines.append(line)
                    if matched is None and pattern.search(line):
                        matched = line
        finally:
            qemu.kill()
    if pending:
        lines.insert(len(lines) - (lines[-1:] == [GONE]), pending.decode("latin-1"))
    if log:
        pathlib.Path(log).write_text("\n".join(lines) + "\n")
    return lines, matched
