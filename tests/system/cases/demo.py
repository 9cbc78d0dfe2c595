# SPDX-License-Identifier: MIT
"""What `make run` shows, without a terminal: dom0 comes up with a demo guest running."""

from runner import group

demo = group("demo", tools="xl", kernel_args="rig.demo")


@demo.case
def guest_runs(dom0):
    dom0.wait_for("xl list demo", 120)
    dom0.wait_for("cat /var/log/xen/guest-demo.log /var/log/xen/console/demo.log 2> /dev/null "
                  "| grep -a 'guest ready'", 180)
    assert "Domain-0" in dom0.run("xl list")


@demo.case
def guest_answers_ping(dom0):
    dom0.wait_for("ping -c 1 -W 2 10.0.99.10", 60)
