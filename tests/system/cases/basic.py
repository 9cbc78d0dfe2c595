# SPDX-License-Identifier: MIT
"""dom0 without any tools: boots, sees its CPUs, powers off."""

from runner import group

minimal = group("minimal", tools="min")


@minimal.case
def shell_answers(dom0):
    assert dom0.run("echo hello; uname -s") == "hello\nLinux\n"
    assert dom0.status("exit 7") == (7, "")


@minimal.case
def long_command(dom0):
    text = "x" * 3000
    assert dom0.run(f"echo {text} | wc -c") == "3001\n"


@minimal.case
def poweroff(dom0):
    dom0.start("poweroff")
    dom0.expect_off()
