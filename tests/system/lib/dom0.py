# SPDX-License-Identifier: MIT
"""Running commands in dom0's console shell, reliably, over a serial line that may lose input.

The dom0 end is /etc/rig-agent; it describes the protocol.
"""

import base64
import re

from serial import Late, SLOW

PIECE = 80          # well under the 128 bytes a hypervisor's serial ring holds
BLOCK = 4096        # as in /etc/rig-agent
BOOT_DEADLINE = 240


class Failed(Exception):
    """A command in dom0 returned a status other than zero."""


class Guests(dict):
    """Guests by name, which cases leave for later cases of their group."""

    def __missing__(self, name):
        raise AssertionError(f"guest '{name}' was not created by an earlier case")


class Dom0:
    """A machine whose dom0 has reached its shell. Attributes of the machine are at hand too."""

    def __init__(self, machine):
        self.machine, self.serial, self.count = machine, machine.serial, 0
        self.attached, self.guests = False, Guests()
        self.answers = {}       # what cases saw, by name: for side-by-side

    def __getattr__(self, name):
        return getattr(self.machine, name)

    @property
    def on_dais(self):
        """Not on the oracle."""
        return self.machine.point.hv != "xen"

    def boot(self, deadline=BOOT_DEADLINE):
        """Waits for the ready line and takes the shell over."""
        self.serial.wait(r"rig: \[\S+\] dom0 ready", deadline)
        self.attach()

    def power_cut(self):
        """The machine loses its power, and boots again."""
        self.machine.power_cut()
        self.serial, self.count, self.attached = self.machine.serial, 0, False
        self.boot()

    def attach(self, deadline=30):
        start = self.serial.mark()
        self.serial.send("\n. /etc/rig-agent\n")
        self.serial.wait(r"<<agent>>", deadline, start)
        self.attached = True

    def _send(self, line, answer, deadline=10, tries=3):
        """Sends one line; sends it again while the answer stays out."""
        start = self.serial.mark()
        for attempt in range(tries):
            self.serial.send(line + "\n")
            try:
                self.serial.wait(answer, deadline, start, clean=True)
                return
            except Late:
                if attempt == tries - 1:
                    raise

    def status(self, command, deadline=60):
        """Runs a shell command; returns (status, output)."""
        self.count += 1
        text = base64.b64encode(command.encode()).decode()
        for number, at in enumerate(range(0, len(text), PIECE), 1):
            self._send(f"_a {number} {text[at:at + PIECE]}", f"<<ack {number}>>\n")
        output, (status, size) = self._block(f"_r {self.count}", r"(\d+) (\d+)", deadline)
        for block in range(1, -(-int(size) // BLOCK)):
            output += self._block(f"_g {self.count} {block}", str(block), 30)[0]
        return int(status), output

    def _block(self, line, closing, deadline):
        """Asks for one block of output; returns it and the groups of its end marker."""
        start = self.serial.mark()
        self.serial.send(line + "\n")
        pattern = rf"(?s)<<begin {self.count}>>\n(.*?)<<end {self.count} {closing}>>\n"
        match = self.serial.wait(pattern, deadline, start, clean=True)
        return match.group(1), match.groups()[1:]

    def run(self, command, deadline=60):
        """Runs a shell command that must succeed; returns its output."""
        status, output = self.status(command, deadline)
        if status:
            raise Failed(f"status {status} from: {command}\n{output}")
        return output

    def start(self, command):
        """Types a command without waiting for it: for poweroff and reboot."""
        self.serial.send(command + "\n")

    def wait_for(self, command, deadline=60):
        """Polls (in dom0) until a command succeeds; returns its output."""
        loop = (f"rig_end=$(($(date +%s) + {int(deadline * SLOW)})); until rig_out=$({command}); do "
                f"if [ $(date +%s) -gt $rig_end ]; then echo \"$rig_out\"; exit 1; fi; "
                f"usleep 200000; done; echo \"$rig_out\"")
        status, output = self.status(loop, deadline + 30)
        if status:
            raise Late(f"not within {deadline:g} s: {command}\n{output}")
        return output

    def number(self, command, deadline=60):
        """The first integer in a command's output."""
        output = self.run(command, deadline)
        match = re.search(r"-?\d+", output)
        if not match:
            raise Failed(f"no number from: {command}\n{output}")
        return int(match.group())
