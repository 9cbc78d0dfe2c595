# SPDX-License-Identifier: MIT
"""The power fails while guests are defined and undefined: the inventory is old or new, and guests
that start by themselves do so, in their order.
"""

import json
import random
import re

from guest import Guest
from runner import group

power = group("power", tools="dais", disks=["virtio"], limit=900)

SEED = 4
ROUNDS = 400    # more than there is time for


def inventory_on_disk(dom0, make=""):
    """The supervisor's folder moves to a disk that outlives the machine."""
    dom0.run(f"kill $(cat /run/dais/supervise.pid); {make} mount -t ext4 /dev/vda /var/lib/dais && "
             "until dais supervise --detach --pid-file /run/dais/supervise.pid 2> /dev/null; do "
             "usleep 50000; done", 120)


def defined(dom0):
    return {row["name"] for row in json.loads(dom0.run("dais list --all --json"))} - {"Domain-0"}


@power.case
def cut_while_defining(dom0):
    inventory_on_disk(dom0, "mkfs.ext4 -q /dev/vda &&")
    for number, order in [(1, 20), (2, 10)]:
        name = Guest(dom0, f"auto{number}", number + 1, memory=80, vif=False).config
        dom0.run(f"dais define {name} && dais autostart --order {order} auto{number}")
    name = Guest(dom0, "one", 9, memory=80, vif=False).config
    dom0.run(f"for n in $(seq {ROUNDS}); do echo dais define {name} name=n$n >> /tmp/go; "
             "echo 'echo did +n'$n >> /tmp/go; if [ $((n % 2)) = 0 ]; then "
             "echo dais undefine n$((n - 1)) >> /tmp/go; echo 'echo did -n'$((n - 1)) >> /tmp/go; "
             "fi; done; sync")
    start = dom0.serial.mark()
    dom0.start("sh -e /tmp/go")
    wait = random.Random(SEED).randint(6, 30)
    dom0.expect(rf"did .n{wait}\n", 120, start)
    done = re.findall(r"did ([+-])(n\d+)\n", dom0.serial.text[start:])
    dom0.power_cut()
    there, gone = set(), set()
    for sign, guest in done:
        (there if sign == "+" else gone).add(guest)
    inventory_on_disk(dom0)
    found = defined(dom0)
    # What was under way, and perhaps done, when the power went: at most the next step, and those
    # that the serial line did not bring any more.
    last = max(int(guest[1:]) for guest in there)
    late = {f"n{n}" for n in range(last - 1, last + 20)}
    assert there - gone - late <= found, (done, found)
    assert not (found & gone) and found - there - late == {"auto1", "auto2"}, (done, found)


@power.case
def autostart_in_order(dom0):
    dom0.wait_for("dais events auto1 | grep started", 120)
    started = re.findall(r"started +(auto\d)", dom0.run("dais events"))
    assert started == ["auto2", "auto1"], started
    dom0.run("dais autostart --off auto1; dais destroy auto1 auto2; dais undefine auto2")
    assert "auto1" in defined(dom0) and "auto2" not in defined(dom0)
