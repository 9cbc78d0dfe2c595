# SPDX-License-Identifier: MIT
"""What Dais says to a wrong boot: one clear message, then a reset or a halt, never silence.

Each row of TABLE is a boot. `says` is a regular expression on one line of the serial log; keep
it to the words an administrator would act on. `ends`: "reset" (what a refusal does by itself),
"halt" (with noreboot), "boots" (a warning: dom0's kernel starts all the same).
"""

import kernels
from runner import group

# name, what is wrong, what the message must say, how it ends
TABLE = [
    ("no-module", dict(kernel=""), "no kernel was given.*module2", "reset"),
    ("not-a-kernel", dict(kernel=kernels.not_a_kernel),
     r"module 1 \(kernel\).*neither a Linux bzImage nor an ELF file", "reset"),
    ("cut-xz", dict(kernel=kernels.spoilt("xz", kernels.cut)),
     r"module 1 \(kernel\).*cut short", "reset"),
    ("cut-gzip", dict(kernel=kernels.spoilt("gzip", kernels.cut)),
     r"module 1 \(kernel\).*cut short", "reset"),
    ("damaged-xz", dict(kernel=kernels.spoilt("xz", kernels.damaged)),
     r"module 1 \(kernel\).*xz.*damaged", "reset"),
    ("damaged-gzip", dict(kernel=kernels.spoilt("gzip", kernels.damaged)),
     r"module 1 \(kernel\).*gzip.*damaged", "reset"),
    ("damaged-lz4", dict(kernel=kernels.spoilt("lz4", kernels.damaged)),
     r"module 1 \(kernel\).*lz4 data (ends too early|is damaged)", "reset"),
    ("damaged-zstd", dict(kernel=kernels.spoilt("zstd", kernels.damaged)),
     r"module 1 \(kernel\).*zstd.*damaged", "reset"),
    ("no-pv", dict(kernel=kernels.no_pv),
     r"module 1 \(kernel\).*built without CONFIG_XEN_PV", "reset"),
    ("large-initrd", dict(initrd=kernels.large_initrd, dom0_mem="128M"),
     "its kernel and initrd alone need .*raise dom0_mem= or use a smaller initrd", "reset"),
    ("dom0-mem-too-big", dict(dom0_mem="64G"),
     "dom0_mem=65536M is more than this machine can give.*ask for less", "reset"),
    ("refused-noreboot", dict(kernel="", hv_args="noreboot"), "no kernel was given", "halt"),
    ("crash-at-once", dict(kernel=kernels.crasher), "domain 0 crashed", "reset"),
    ("unknown-option", dict(hv_args="frobnicate=1"), 'unknown option "frobnicate=1"', "boots"),
    ("bad-value", dict(hv_args="dom0_max_vcpus=many"), '"dom0_max_vcpus=many" not understood',
     "boots"),
]


def add(name, wrong, says, ends):
    chosen = group("bad-" + name, only="dais", boot=False, cpus=1, mem=1024, limit=120,
                   **{"tools": "min", **wrong})

    def says_so(machine):
        machine.serial.tolerate()
        machine.expect(says, 60)
        if ends == "boots":
            machine.expect("Linux version", 30)
        elif ends == "reset":
            machine.expect_off(30)
        else:
            machine.expect("[Hh]alted", 30)
            assert machine.process.poll() is None, "QEMU ended although noreboot was given"

    chosen.case(says_so)


for row in TABLE:
    add(*row)


def add_payload(form):
    """Kernels packed in other ways than Debian's xz start just the same."""
    chosen = group("payload-" + form, boot=False, cpus=1, mem=1024, tools="min", initrd="",
                   kernel=kernels.packed(form), limit=120)

    def starts(machine):
        machine.expect("Linux version", 60)

    chosen.case(starts)


for kind in ["gzip", "lz4", "zstd"]:
    add_payload(kind)
