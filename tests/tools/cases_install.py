# SPDX-License-Identifier: MIT
"""make install: what is put where, that units and GRUB's menu fit it, and make uninstall."""

import os
import re
import subprocess

from program import TOP, dais, out, verbs

# Stands for GRUB's own library, which looks at the disks of this machine.
GRUB_LIBRARY = """
prepare_grub_to_access_device() { echo "search --fs-uuid --set=root 1234-ABCD"; }
make_system_path_relative_to_its_root() { echo /boot; }
"""


def make(*arguments):
    done = subprocess.run(["make", "--no-print-directory", "-C", TOP, f"O={os.environ['O']}",
                           *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", env={**os.environ, "MAKEFLAGS": ""})
    assert done.returncode == 0, done.stdout
    return done.stdout


def files(root):
    return sorted(os.path.relpath(os.path.join(base, name), root)
                  for base, _, names in os.walk(root) for name in names)


def test_install_and_uninstall():
    root = os.path.abspath("root")
    make("install", f"DESTDIR={root}", "prefix=/usr", "XL=y")
    there = files(root)
    for name in ("boot/dais.gz", "usr/bin/dais", "usr/bin/xl", "usr/share/man/man1/dais.1",
                 "usr/share/man/man5/dais.cfg.5", "usr/share/man/man7/dais-api.7",
                 "usr/share/bash-completion/completions/dais",
                 "usr/share/bash-completion/completions/xl", "usr/lib/sysusers.d/dais.conf",
                 "usr/lib/modules-load.d/dais.conf", "etc/grub.d/20_linux_dais",
                 "usr/lib/systemd/system/dais-stored.service",
                 "usr/lib/systemd/system/dais-consoled.service",
                 "usr/lib/systemd/system/dais-supervise.service",
                 "usr/share/doc/dais/examples/server.cfg"):
        assert name in there, (name, there)
    assert os.readlink(os.path.join(root, "usr/bin/xl")) == "dais"
    # The programs of others are not taken away.
    os.unlink(os.path.join(root, "usr/bin/xl"))
    with open(os.path.join(root, "usr/bin/xl"), "w", encoding="utf-8") as file:
        file.write("Debian's\n")
    make("uninstall", f"DESTDIR={root}", "prefix=/usr")
    assert files(root) == ["usr/bin/xl"], files(root)


def test_units_call_what_there_is():
    root = os.path.abspath("root")
    make("install", f"DESTDIR={root}", "prefix=/opt/dais")
    folder = os.path.join(root, "opt/dais/lib/systemd/system")
    usage = {v["name"]: v["usage"] for v in verbs()}
    for name in "stored", "consoled", "supervise":
        with open(os.path.join(folder, f"dais-{name}.service"), encoding="utf-8") as file:
            text = file.read()
        command = re.search(r"^ExecStart=(.*)$", text, re.M).group(1).split()
        assert command[:2] == ["/opt/dais/bin/dais", name] and "@" not in text, command
        for option in command[2:]:
            assert not option.startswith("-") or option in usage[name], option
        pid = re.search(r"^PIDFile=(.*)$", text, re.M).group(1)
        assert command[command.index("--pid-file") + 1] == pid
        assert "[Install]\nWantedBy=" in text
    assert not os.path.exists(os.path.join(root, "opt/dais/bin/xl"))


def test_systemd_has_nothing_to_say():
    """Sections, settings, values, dependencies on each other, and that the program is there."""
    root = os.path.abspath("root")
    make("install", f"prefix={root}/usr", f"bootdir={root}/boot", f"sysconfdir={root}/etc")
    folder = os.path.join(root, "usr/lib/systemd/system")
    units = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    assert len(units) == 3, units
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    assert done.returncode == 0 and not done.stdout, done.stdout


def grub_menu(boot_files, defaults=""):
    os.makedirs("boot", exist_ok=True)
    for name, text in boot_files.items():
        with open(os.path.join("boot", name), "w", encoding="utf-8") as file:
            file.write(text)
    with open("grub-mkconfig_lib", "w", encoding="utf-8") as file:
        file.write(GRUB_LIBRARY)
    with open("defaults", "w", encoding="utf-8") as file:
        file.write(defaults)
    done = subprocess.run(
        ["sh", os.path.join(TOP, "dom0-tools", "grub", "20_linux_dais")], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8",
        env={"PATH": os.environ["PATH"], "pkgdatadir": os.getcwd(), "DAIS_BOOT": "boot",
             "DAIS_DEFAULTS": "./defaults", "GRUB_DEVICE": "/dev/sda2",
             "GRUB_DEVICE_BOOT": "/dev/sda1", "GRUB_DEVICE_UUID": "55aa-1234"})
    assert done.returncode == 0, done.stderr
    with open("grub.cfg", "w", encoding="utf-8") as file:
        file.write(done.stdout)
    if not done.stdout:
        return ""
    checked = subprocess.run(["grub-script-check", "grub.cfg"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, encoding="utf-8")
    assert checked.returncode == 0, checked.stdout + done.stdout
    return done.stdout


def test_grub_menu():
    kernels = {"dais.gz": "", "vmlinuz-6.1.0-9-amd64": "", "vmlinuz-6.1.0-22-amd64": "",
               "initrd.img-6.1.0-22-amd64": "", "config-6.1.0-9-amd64": "CONFIG_XEN_PV_DOM0=y\n",
               "config-6.1.0-22-amd64": "CONFIG_XEN_DOM0=y\n",
               "vmlinuz-6.5.0-cloud": "", "config-6.5.0-cloud": "# CONFIG_XEN_DOM0 is not set\n"}
    menu = grub_menu(kernels, 'GRUB_CMDLINE_DAIS="dom0_mem=2G,max:2G"\nGRUB_CMDLINE_LINUX=""\n'
                     'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n')
    entries = re.findall(r"menuentry '([^']*)'", menu)
    assert entries == ["Linux 6.1.0-22-amd64, under Dais", "Linux 6.1.0-9-amd64, under Dais"]
    assert menu.count("multiboot2 /boot/dais.gz dom0_mem=2G,max:2G\n") == 2, menu
    assert re.search(r"module2\t/boot/vmlinuz-6.1.0-22-amd64 root=UUID=55aa-1234 ro  quiet", menu)
    assert menu.count("module2\t/boot/initrd.img-6.1.0-22-amd64\n") == 1
    assert menu.count("search --fs-uuid --set=root 1234-ABCD") == 2


def test_grub_menu_without_dais():
    assert grub_menu({"vmlinuz-6.1.0-9-amd64": ""}) == ""


def test_version_is_the_installed_program():
    status, output, _ = dais("version")
    assert status == 0 and re.match(r"dais \d+\.\d+", output) and os.path.exists(out("dais.gz"))
