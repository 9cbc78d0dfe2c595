# SPDX-License-Identifier: MIT
"""Lends the terminal to a machine's serial line: keys in, text out, Ctrl-a x to leave."""

import os
import select
import sys
import termios
import tty

ESCAPE = b"\x01"

HELP = """
  Booting {what}.
  This terminal is the machine's serial line. Ctrl-a x ends QEMU; Ctrl-a Ctrl-a sends one Ctrl-a
  (three of those give the keys to the hypervisor and back: Ctrl-a six times in all).
  The dom0 shell appears in about half a minute; `poweroff` there also ends QEMU.

"""


def attach(machine, what):
    """Runs until the machine ends or the user leaves."""
    print(HELP.format(what=what), flush=True)
    out = sys.stdout.buffer

    def show(text):
        out.write(text.replace("\n", "\r\n").encode("latin-1"))
        out.flush()

    machine.serial.echo = show
    stdin = sys.stdin.fileno()
    saved = termios.tcgetattr(stdin) if os.isatty(stdin) else None
    if saved:
        tty.setraw(stdin)
    try:
        escaped = False
        while not machine.serial.ended:
            if not select.select([stdin], [], [], 0.2)[0]:
                continue
            keys = os.read(stdin, 64)
            if not keys:
                machine.serial.wait_end(machine.point.limit)
                return
            for key in keys:
                key = bytes([key])
                if escaped and key in b"xX":
                    return
                if key == ESCAPE and not escaped:
                    escaped = True
                    continue
                escaped = False
                machine.serial.send(key.decode("latin-1"))
    finally:
        machine.serial.echo = None
        if saved:
            termios.tcsetattr(stdin, termios.TCSADRAIN, saved)
        print()
