# SPDX-License-Identifier: MIT
"""The serial line of a machine: a growing text, a log file, and waiting for something in it.

A reader thread appends; `lock` guards `text` and `ended`. Waiting ends early when the text shows
that nothing more can come: a hypervisor panic, a dying dom0, QEMU gone.
"""

import os
import re
import threading
import time

# All deadlines are for a machine with little else to do; RIG_SLOW=3 in the environment makes them
# three times as long.
SLOW = float(os.environ.get("RIG_SLOW", "1"))

# Lines that mean the machine will not go on. A case that provokes one says so with `tolerate`.
# Guests' own last words carry "(dN)" and are not the machine's.
FATAL = [
    r"Panic on CPU \d",
    r"Dais panic on cpu \d",
    r"dais: cannot start dom0",
    r"dais: domain 0 crashed",
    r"Xen BUG at",
    r"Domain 0 crashed",
    r"Hardware Dom0 (crashed|halted)",
    r"Kernel panic - not syncing",
    r"\bOops: \S",
    r"BUG: (unable to handle|kernel NULL|soft lockup)",
    r"Unable to handle kernel",
]

# Hypervisor messages may fall into the middle of dom0's lines; they end at their newline.
HYPERVISOR_LINE = re.compile(r"\((?:XEN|DAIS|dais)\) [^\n]*\n")


class Died(Exception):
    """The machine panicked or QEMU ended while something was awaited."""


class Late(Exception):
    """The deadline passed."""


class Serial:
    def __init__(self, sock, log):
        self.sock, self.log = sock, open(log, "ab")
        self.text, self.ended = "", False
        self.lock = threading.Condition()
        self.tolerated = set()
        self.scanned = 0
        self.death = None
        self.echo = None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                data = self.sock.recv(65536)
            except OSError:
                data = b""
            with self.lock:
                if not data:
                    self.ended = True
                    self.log.close()
                    self.lock.notify_all()
                    return
                self.log.write(data)
                self.log.flush()
                text = data.decode("latin-1").replace("\r", "")
                self.text += text
                self._scan()
                self.lock.notify_all()
            if self.echo:
                self.echo(text)

    def _scan(self):
        """Looks for fatal lines in what is new and complete."""
        end = self.text.rfind("\n") + 1
        for line in self.text[self.scanned:end].splitlines():
            for pattern in FATAL:
                if (self.death is None and pattern not in self.tolerated
                        and re.search(pattern, line) and not re.search(r"\(d[1-9]|domain [1-9]", line)):
                    self.death = line.strip()
        self.scanned = max(end, self.scanned)

    def tolerate(self, *patterns):
        """Fatal patterns the running case provokes on purpose; no argument: all of them."""
        self.tolerated = set(patterns or FATAL)

    def send(self, text):
        self.sock.sendall(text.encode("latin-1"))

    def mark(self):
        """The present end of the text: where a later wait() starts."""
        with self.lock:
            return len(self.text)

    def wait(self, pattern, deadline, start=0, clean=False):
        """Waits for a regular expression at or after `start`; returns the match.

        With `clean`, hypervisor messages are taken out before the search. Raises Died as soon
        as the machine is beyond hope, Late after `deadline` seconds.
        """
        end = time.monotonic() + deadline * SLOW
        with self.lock:
            while True:
                text = self.text[start:]
                if clean:
                    text = HYPERVISOR_LINE.sub("", text)
                match = re.search(pattern, text)
                if match:
                    return match
                if self.death:
                    # Let the rest of the report reach the log: it comes in pieces.
                    self.lock.wait_for(lambda: self.ended, 3)
                    raise Died(self.death)
                if self.ended:
                    raise Died("QEMU ended")
                left = end - time.monotonic()
                if left <= 0:
                    raise Late(f"no '{pattern}' within {deadline * SLOW:g} s")
                self.lock.wait(left)

    def settle(self, deadline):
        """Lets what is on its way reach the log; ends early with the line."""
        with self.lock:
            self.lock.wait_for(lambda: self.ended, deadline)

    def wait_end(self, deadline):
        """Waits until QEMU closes the line."""
        end = time.monotonic() + deadline * SLOW
        with self.lock:
            while not self.ended:
                left = end - time.monotonic()
                if left <= 0:
                    raise Late(f"QEMU still runs after {deadline * SLOW:g} s")
                self.lock.wait(left)

    def tail(self, lines=15):
        with self.lock:
            return "\n".join(self.text.splitlines()[-lines:])
