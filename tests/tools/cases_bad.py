# SPDX-License-Identifier: MIT
"""Broken configurations, tests/tools/bad: each is refused with one message that names the cause
and the cure, and leaves nothing behind. Those named dom0-* need a dom0
(tests/system/cases/tools_bad.py)."""

import os

from corpus import corpus, files
from program import dais, out


def make_files(kernel):
    for name, content in files(kernel).items():
        with open(name, "wb") as file:
            file.write(content)


def check(name, text, says):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    before = sorted(os.listdir("."))
    status, output, error = dais("check", name)
    lines = [line for line in error.rstrip("\n").split("\n") if ": warning: " not in line]
    assert status == 1 and not output, (status, output, error)
    assert len(lines) == 1 and says in lines[0], f"{lines} does not say '{says}'"
    assert lines[0].startswith("dais check: "), lines
    assert sorted(os.listdir(".")) == before
    # Creating says the same, before it asks for anything.
    status, output, error = dais("create", "-n", name)
    assert status in (0, 3), (status, error)
    if status:
        assert error.rstrip("\n").endswith(lines[0].split(": ", 1)[1]), error


def read_kernel():
    with open(out("guests", "boot_state"), "rb") as file:
        return file.read()


def test_good_ones_pass():
    make_files(read_kernel())
    for kernel in "good-kernel", "good-bzimage":
        with open("good.cfg", "w", encoding="utf-8") as file:
            file.write(f"name = 'good'\nkernel = '{kernel}'\nramdisk = 'text'\n")
        status, output, error = dais("check", "good.cfg")
        assert (status, error) == (0, "") and "nothing is wrong" in output, (output, error)


def make_case(name, text, says):
    def case():
        make_files(read_kernel())
        check(name, text, says)
    return case


for _name, _text, _says in corpus():
    vars()["test_" + _name[:-4]] = make_case(_name, _text, _says)


def test_files_that_are_no_configuration():
    os.mkdir("folder")
    with open("binary", "wb") as file:
        file.write(bytes(range(256)) * 40)
    with open("huge", "wb") as file:
        file.write(b"# a long comment\n" * 100000)
    for name, says in {"missing": "Failed to read config file: missing: No such file",
                       "folder": "Failed to read config file: folder: Is a directory",
                       "binary": "expected NAME = VALUE",
                       "huge": "larger than 1 MiB; is this a configuration file?"}.items():
        for verb, expected in ("check", 1), ("create", 3), ("define", 1):
            status, output, error = dais(verb, name)
            assert status == expected and not output and says in error, (verb, name, error)
            assert error.count("\n") == 1, error


def test_outside_of_dom0():
    """Every verb that needs a dom0 says so in one line, by status 1 (3 when it is to create)."""
    make_files(read_kernel())
    with open("good.cfg", "w", encoding="utf-8") as file:
        file.write("name = 'good'\nkernel = 'good-kernel'\n")
    env = {"DAIS_SUPERVISE_SOCKET": os.path.abspath("no-socket"),
           "XENSTORED_PATH": os.path.abspath("no-store")}
    for arguments, expected in {
            ("list",): 1, ("info",): 1, ("vcpu-list",): 1, ("destroy", "x"): 1, ("dmesg",): 1,
            ("shutdown", "x"): 1, ("pause", "x"): 1, ("mem-set", "x", "64"): 1,
            ("console", "x"): 1, ("top", "--iterations", "1"): 1, ("domid", "x"): 1,
            ("create", "--unsupervised", "good.cfg"): 3}.items():
        status, output, error = dais(*arguments, env=env)
        assert status == expected and not output, (arguments, status, output)
        assert error.count("\n") == 1 and "dom0" in error, (arguments, error)
