# SPDX-License-Identifier: MIT
"""Kernels made from Debian's: packed in every format, and spoilt in every way a loader must notice.

Each maker takes Images and returns the path of the file, made once per Debian kernel. The bzImages
are Debian's own with another payload put in place of theirs; only loaders that unpack the payload
themselves, as hypervisors do, can start them.
"""

import lzma
import os
import struct
import subprocess
import threading
import zlib

SETUP_SECTORS = 0x1f1
SYSSIZE = 0x1f4
PAYLOAD = 0x248         # offset and length, after the real-mode sectors

LOCK = threading.Lock()     # one maker at a time: they use each other's files


def payload_span(image):
    """Where the packed kernel is in a bzImage: (offset, length)."""
    offset, length = struct.unpack_from("<II", image, PAYLOAD)
    return ((image[SETUP_SECTORS] or 4) + 1) * 512 + offset, length


def unpack(image):
    """The ELF file in an xz bzImage."""
    start, length = payload_span(image)
    return lzma.LZMADecompressor().decompress(image[start:start + length])


def tool(command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def pack(elf, form):
    """A payload as the kernel's build makes it: the size comes last, in gzip by itself."""
    if form == "gzip":
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        return packer.compress(elf) + packer.flush()
    command = {"zstd": ["zstd", "-q", "-3", "-c"], "lz4": ["lz4", "-q", "-l", "-1", "-c"],
               "xz": ["xz", "--check=crc32", "--x86", "--lzma2=preset=0"]}[form]
    return tool(command, elf) + struct.pack("<I", len(elf))


def repack(image, payload):
    """The bzImage with another payload."""
    start, length = payload_span(image)
    made = bytearray(image[:start] + payload + image[start + length:])
    offset, _ = struct.unpack_from("<II", image, PAYLOAD)
    struct.pack_into("<II", made, PAYLOAD, offset, len(payload))
    struct.pack_into("<I", made, SYSSIZE, (len(made) - (image[SETUP_SECTORS] + 1) * 512) // 16)
    return bytes(made)


def without_notes(elf):
    """The ELF with its notes renamed: a kernel built without paravirtualization."""
    header = struct.pack("<II", 4, 4)
    made, at = bytearray(elf), 0
    while True:
        at = elf.find(b"Xen\0", at)
        if at < 0:
            return bytes(made)
        # A note is name size, descriptor size, type, name.
        if elf[at - 12:at - 8] == header[:4]:
            made[at:at + 3] = b"Nox"
        at += 4


def crash_at_once(elf):
    """The ELF with an undefined instruction at its paravirtual entry (note 1 of owner "Xen")."""
    at = 0
    while True:
        at = elf.index(b"Xen\0", at)
        if elf[at - 12:at] == struct.pack("<III", 4, 8, 1):
            entry = struct.unpack_from("<Q", elf, at + 4)[0]
            break
        at += 4
    made = bytearray(elf)
    phoff, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    for number in range(count):
        kind, _, offset, virtual, _, length = struct.unpack_from("<IIQQQQ", elf,
                                                                 phoff + number * size)
        if kind == 1 and virtual <= entry < virtual + length:
            made[offset + entry - virtual:offset + entry - virtual + 2] = b"\x0f\x0b"
            return bytes(made)
    raise ValueError("the kernel's entry lies in none of its segments")


def cut(image):
    """A bzImage whose download stopped half-way."""
    return image[:len(image) // 2]


def damaged(image):
    """A bzImage with part of its payload gone bad. lz4 has no checksum and decodes nearly
    anything: there it is the length of the first block, after the magic number."""
    start, length = payload_span(image)
    made = bytearray(image)
    if image[start:start + 4] == b"\x02\x21\x4c\x18":
        struct.pack_into("<I", made, start + 4, 0x7fffffff)
    else:
        middle = start + length // 2
        made[middle:middle + 64] = b"\x5a" * 64
    return bytes(made)


class Maker:
    """Makes a named file under OUT/system/kernels when it is missing or older than its source."""

    def __init__(self, name, make):
        self.name, self.make = name, make

    def __call__(self, images):
        folder = os.path.join(images.system, "kernels")
        source, target = os.path.join(images.system, "vmlinuz"), os.path.join(folder, self.name)
        with LOCK:
            os.makedirs(folder, exist_ok=True)
            if not (os.path.exists(target)
                    and os.path.getmtime(target) >= os.path.getmtime(source)):
                with open(source, "rb") as file:
                    data = self.make(file.read())
                with open(target + ".tmp", "wb") as file:
                    file.write(data)
                os.rename(target + ".tmp", target)
        return target


def packed(form):
    return Maker(f"packed-{form}", lambda image: repack(image, pack(unpack(image), form)))


def spoilt(form, how):
    """A kernel of a format, cut or damaged."""
    return Maker(f"{how.__name__}-{form}",
                 lambda image: how(repack(image, pack(unpack(image), form))))


no_pv = Maker("no-pv", lambda image: repack(image, pack(without_notes(unpack(image)), "lz4")))
crasher = Maker("crash-at-once",
                lambda image: repack(image, pack(crash_at_once(unpack(image)), "lz4")))
not_a_kernel = Maker("not-a-kernel", lambda image: b"This is a text file.\n" * 4096)
large_initrd = Maker("large-initrd", lambda image: bytes(120 << 20))
