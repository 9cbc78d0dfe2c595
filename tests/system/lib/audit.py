# SPDX-License-Identifier: MIT
"""What Dais finds when it counts its books anew, and what it has complained about (Dais only)."""

from runner import Skip


def complaints(dom0):
    """Lines of the hypervisor's log that must not be there."""
    return dom0.run("xl dmesg | sed 's/^(DAIS) //' | grep -E '[Pp]anic|PANIC|BUG|[Ww]arn|WARN' || true")


def audit(dom0):
    """Has every reference counted anew; the summary, which must tell of no difference. The log is
    cleared, so it is looked at before.
    """
    assert not complaints(dom0), complaints(dom0)
    dom0.run("xl dmesg -c > /dev/null; xl debug-keys A")
    dom0.wait_for("xl dmesg | grep -q 'DAIS. audit: .* differences'", 120)
    # Without its prefix: whole lines of the hypervisor are taken out of what dom0 prints.
    found = dom0.run("xl dmesg | sed -n 's/^.DAIS. audit: /audit: /p'")
    assert " 0 differences\n" in found, found
    return found


def audit_finds_nothing(dom0):
    """A case: the hypervisor's books are in order."""
    if not dom0.on_dais:
        raise Skip("Dais only")
    audit(dom0)
