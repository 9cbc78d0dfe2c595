# SPDX-License-Identifier: MIT
"""Judging dom0's kernel log: warnings and traces that kernel-log.allow does not know."""

import os
import re

ALLOWED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                       "kernel-log.allow")
WARNING_LEVEL = 4
TRACES = re.compile(r"WARNING:|BUG:|Call Trace|------------\[ cut here|Oops|stall|lockup"
                    r"|xen.*(fail|error|unable)|unchecked MSR", re.IGNORECASE)


def allowed_patterns(hv):
    """A line that begins with "oracle" is for the oracle alone."""
    with open(ALLOWED, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    if hv == "xen":
        lines = [line.removeprefix("oracle ") for line in lines]
    return [re.compile(line) for line in lines if line and not line.startswith(("#", "oracle "))]


def suspicious(raw, hv):
    """The lines of `dmesg -r` at level warning and above, or that look like a trace."""
    known, found = allowed_patterns(hv), []
    for line in raw.splitlines():
        match = re.match(r"<(\d+)>\[ *[\d.]+\] (.*)", line)
        if not match:
            continue
        level, text = int(match.group(1)) & 7, match.group(2)
        if level <= WARNING_LEVEL or TRACES.search(text):
            if not any(pattern.search(text) for pattern in known):
                found.append(text)
    return found


def kernel_log_clean(dom0):
    """A case: dom0's kernel has no complaint that the oracle does not also give."""
    found = suspicious(dom0.run("dmesg -r", 120), dom0.point.hv)
    assert not found, "the kernel log has:\n" + "\n".join(found)
