# SPDX-License-Identifier: MIT
"""QEMU's control protocol: one command at a time, one JSON answer; events are skipped."""

import json


class Qmp:
    def __init__(self, sock):
        self.sock, self.file = sock, sock.makefile("rw", encoding="utf-8")
        self.ready = False

    def call(self, command, **arguments):
        """Runs a command; returns its result. Raises RuntimeError with QEMU's own words."""
        if not self.ready:
            self.ready = True
            self.file.readline()
            self.call("qmp_capabilities")
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise RuntimeError("QEMU ended")
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])

    def monitor(self, line):
        """A line of the human monitor, for what has no command of its own (info mem ...)."""
        return self.call("human-monitor-command", **{"command-line": line})
