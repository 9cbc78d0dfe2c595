# SPDX-License-Identifier: MIT
"""What README.md says of `make run`, without a terminal: dom0 comes up with a demo guest running."""

from runner import group
from serial import Late

demo = group("demo", tools="dais", kernel_args="rig.demo", hv_args="spec-ctrl=md-clear,l1tf")
# The same with Debian's tools: `make run TOOLS=xl`.
demo_xl = group("demo-xl", tools="xl", kernel_args="rig.demo")


def guest_runs(dom0, tool):
    dom0.wait_for(f"{tool} list demo", 120)
    dom0.wait_for("cat /var/log/xen/guest-demo.log /var/log/dais/console/demo.log 2> /dev/null "
                  "| grep -a 'guest ready'", 180)
    assert "Domain-0" in dom0.run(f"{tool} list")


def console_answers(dom0, tool):
    """Types at the console verb on the serial line, as a person would, and leaves by Ctrl-]."""
    start = dom0.serial.mark()
    dom0.start(f"{tool} console demo; echo out of it")
    for _ in range(5):
        dom0.serial.send("\necho answer=$((6*7))\n")
        try:
            dom0.expect("answer=42", 10, start)
            break
        except Late:
            continue
    dom0.serial.send("\x1d")
    dom0.expect("out of it\n", 10, start)
    assert dom0.run("hostname") == "dom0\n"


@demo.case
def dais_list(dom0):
    guest_runs(dom0, "dais")


@demo.case
def dais_console_demo(dom0):
    console_answers(dom0, "dais")


@demo.case
def guest_answers_ping(dom0):
    dom0.wait_for("ping -c 1 -W 2 10.0.99.10", 60)


@demo_xl.case
def xl_list(dom0):
    guest_runs(dom0, "xl")


@demo_xl.case
def xl_console_demo(dom0):
    console_answers(dom0, "xl")
