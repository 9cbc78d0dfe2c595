# SPDX-License-Identifier: MIT
"""A second machine: Bochs, which has what QEMU's emulation has not.

Written by other people than QEMU, it reads the manuals in its own way, and its processors have x2APIC,
TSC-deadline timers, AVX-512 and an LFENCE that firmware can leave weak. command() gives the command line
that boots a small kernel as dom0 on it; the serial console comes out of standard output, as with QEMU.
"""

import pathlib
import re
import shutil
import subprocess

import machine

MODULES = "normal wrmsr multiboot2 serial iso9660 biosdisk gzio part_msdos"

# What firmware does that hands over CPUs in x2APIC mode.
X2APIC_ON = "wrmsr 0x1b 0xfee00d00"

GRUB_CFG = """\
serial --unit=0 --speed=115200
terminal_output serial
{firmware}
multiboot2 /hv {options}
module2 /{guest} {guest}
module2 /{module}
set gfxpayload=text
boot
"""

# The clock counts instructions, so a run takes as long on a busy machine as on an idle one.
MACHINE = """\
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
megs: {mem}
cpu: model={model}, count={cpus}:1:1, ips=50000000, reset_on_triple_fault=0
clock: sync=none
ata0-master: type=cdrom, path={folder}/iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=/dev/fd/3
log: {folder}/log
panic: action=fatal
error: action=ignore
info: action=ignore
"""


def iso(folder, hypervisor, files, config):
    """A CD in `folder` with GRUB, `config`, the hypervisor and the files."""
    root = folder / "root"
    shutil.rmtree(folder, ignore_errors=True)
    (root / "boot/grub").mkdir(parents=True)
    shutil.copy(hypervisor, root / "hv")
    for file in files:
        shutil.copy(file, root / file.name)
    (root / "boot/grub/grub.cfg").write_text(config)
    subprocess.run(["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "--locales=", "--fonts=", "--themes=",
                    f"--install-modules={MODULES}", "-o", str(folder / "iso"), str(root)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(root)


def command(folder, hypervisor, image, *, cpu, options, module, cpus=1, mem=256):
    """The command line that boots `image`; `cpu` is a model of Bochs, with ",x2apic" handed over in that mode."""
    # Neither Bochs' settings nor the makers of CDs take commas and equals signs in names.
    folder = pathlib.Path(re.sub(r"[^\w./-]", "_", str(pathlib.Path(folder).absolute())))
    model, _, mode = cpu.partition(",")
    config = GRUB_CFG.format(firmware=X2APIC_ON if mode == "x2apic" else "", options=options,
                             guest=image.name, module=module)
    machine.plain_module(image.parent)
    iso(folder, hypervisor, [image, image.parent / module], config)
    (folder / "machine").write_text(MACHINE.format(folder=folder, mem=mem, model=model, cpus=cpus))
    # Debian's Bochs has its debugger built in, which waits for a command.
    (folder / "go").write_text("c\n")
    return ["sh", "-c", 'TERM=vt100 exec bochs -q -f "$1/machine" -rc "$1/go" 3>&1 > "$1/out" 2>&1', "bochs", str(folder)]
