# SPDX-License-Identifier: MIT
"""The corpus of broken configurations, tests/tools/bad/*.cfg, and the files that they name. The
second line of each says what the message must contain."""

import glob
import gzip
import os
import struct

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad")


def corpus(dom0=False):
    """(name, text, what the message must say)"""
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.cfg"))):
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        says = text.split("\n")[1]
        assert says.startswith("# says: "), path
        if dom0 or not name.startswith("dom0-"):
            yield name, text, says[8:]


def bzimage(payload):
    """The least of a bzImage: one sector of setup, and where the payload is."""
    image = bytearray(1024)
    image[0x1f1] = 1
    struct.pack_into("<H", image, 0x1fe, 0xaa55)
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x206, 0x020f)
    struct.pack_into("<II", image, 0x248, 0, len(payload))
    return bytes(image) + payload


def files(kernel):
    """What the configurations name, by name; `kernel` is a paravirtual ELF kernel."""
    packed = bzimage(gzip.compress(kernel, mtime=0))
    spoilt = bytearray(packed)
    spoilt[1024 + 40] ^= 0x55
    return {
        "good-kernel": kernel,
        "good-bzimage": packed,
        "empty": b"",
        "text": b"This is a text file.\n" * 1000,
        "cut-kernel": kernel[:4000],
        "cut-bzimage": packed[:-100],
        "spoilt-bzimage": bytes(spoilt),
        "no-notes": kernel.replace(b"Xen\0", b"Yen\0"),
    }
