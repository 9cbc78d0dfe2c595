# SPDX-License-Identifier: MIT
"""What Dais finds when it counts its books anew, and what it has complained about (Dais only)."""

import re
import time

from runner import Skip


def complaints(dom0):
    """Lines of the hypervisor's log that must not be there."""
    return dom0.run("xl dmesg | sed 's/^(DAIS) //' | grep -E '[Pp]anic|PANIC|BUG|[Ww]arn|WARN' || true")


def answer(dom0, key, about, last):
    """What the hypervisor says about it when this key is pressed, down to a line like `last`. The log is
    cleared, so it is looked at before.
    """
    assert not complaints(dom0), complaints(dom0)
    dom0.run(f"xl dmesg -c > /dev/null; xl debug-keys {key}")
    dom0.wait_for(f"xl dmesg | grep -q 'DAIS. {about}: .*{last}'", 120)
    # Without its prefix: whole lines of the hypervisor are taken out of what dom0 prints.
    return dom0.run(f"xl dmesg | sed -n 's/^.DAIS. {about}: /{about}: /p'")


def audit(dom0):
    """Has every reference counted anew; the summary, which must tell of no difference."""
    found = answer(dom0, "A", "audit", " differences")
    assert " 0 differences\n" in found, found
    return found


def audit_finds_nothing(dom0):
    """A case: the hypervisor's books are in order."""
    if not dom0.on_dais:
        raise Skip("Dais only")
    audit(dom0)


def own_memory(dom0):
    """Pages that nothing has taken for good, and bytes of the hypervisor's small objects. Neither depends on how
    small objects lie in their frames, nor on how much dom0 has once had in use at the same time.
    """
    said = answer(dom0, "m", "memory", " than at the end of boot")
    free, small, taken, handles, channels = (int(n) for n in re.search(
        r"free (\d+) KiB.*small objects: (\d+) KiB, of which (\d+) bytes.*handles (\d+) KiB, event channels (\d+) KiB",
        said, re.DOTALL).groups())
    return (free + small + handles + channels) // 4, taken


def nothing_lost(dom0, before, seconds=60):
    """own_memory() was `before`; as soon as what ended lately has been cleared away, it is again."""
    end = time.monotonic() + seconds
    while (now := own_memory(dom0)) != before and time.monotonic() < end:
        dom0.run("sleep 1")
    assert now == before, (f"{before[0] - now[0]} pages are missing of {before[0]}, and small objects take "
                           f"{now[1] - before[1]} bytes more than {before[1]}")
