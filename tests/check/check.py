#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make check`: what can be said of the sources without running them.

    headers     every header compiles on its own, with gcc and with clang
    rooms       includes follow tests/check/rooms: dependencies point down and never back
    licences    each file begins by saying its licence, and its comment says what it is for
    documents   links in the documentation lead somewhere; options and debug keys are all described
    manuals     man pages please mandoc
    sizes       warnings: files that hold too much, lines too long to read (in dom0-tools that
                is a mistake)

Compiler commands come from the environment, as the Makefile has them (see check.mk). Prints one
line for each mistake, then a sum; warnings do not count.
"""

import concurrent.futures
import os
import re
import subprocess
import sys

FILE_LINES = 800
LINE_COLUMNS = 100
NARROW = ("dom0-tools/",)                           # where a longer line is a mistake
WARNINGS = int(os.environ.get("WARNINGS", 12))      # how many are shown
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
CODE = (".c", ".h", ".S")


class Tally:
    """Counts what was looked at, and says what is wrong as it is found."""

    def __init__(self):
        self.passed, self.failed, self.warned = 0, 0, 0

    def judge(self, mistakes):
        """One thing was looked at; `mistakes` is a list of lines, empty when it is right."""
        for line in mistakes:
            print(f"FAIL {line}")
        if mistakes:
            self.failed += 1
        else:
            self.passed += 1

    def warn(self, text):
        if self.warned < WARNINGS:
            print(f"warning: {text}")
        self.warned += 1


def sources(out):
    """All files of the project, relative to its top; those git ignores are left out."""
    found = subprocess.run(["git", "ls-files"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           universal_newlines=True)
    if found.returncode == 0:
        return sorted(name for name in found.stdout.split("\n") if name and os.path.exists(name))
    names = []
    for base, folders, files in os.walk("."):
        folders[:] = [f for f in folders if f != ".git" and
                      os.path.abspath(os.path.join(base, f)) != os.path.abspath(out)]
        names += [os.path.relpath(os.path.join(base, f), ".") for f in files]
    return sorted(names)


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


# ---- licences and sizes ----

def licence(name, text):
    if os.path.basename(name) == "LICENSE":
        return [] if text.startswith("MIT License") else [f"{name}: not the MIT licence"]
    if any("SPDX-License-Identifier: MIT" in line for line in text.split("\n")[:2]):
        return []
    return [f"{name}: begins without 'SPDX-License-Identifier: MIT'"]


def sizes(name, text, tally):
    lines = text.split("\n")
    if len(lines) > FILE_LINES:
        tally.warn(f"{name}: {len(lines)} lines; is it two ideas?")
    long = [n for n, line in enumerate(lines, 1) if len(line.expandtabs(8)) > LINE_COLUMNS]
    if not long or not name.endswith(CODE):
        return
    message = f"{name}:{long[0]}: {len(long)} lines of more than {LINE_COLUMNS} columns"
    if name.startswith(NARROW):
        tally.judge([message + "; `make style` helps"])
    else:
        tally.warn(message)


def manual(name):
    found = subprocess.run(["mandoc", "-Tlint", "-W", "warning", name], stdout=subprocess.PIPE,
                           universal_newlines=True)
    return [line.replace("mandoc: ", "") for line in found.stdout.splitlines()]


# ---- rooms ----

class Rooms:
    """The table of tests/check/rooms."""

    def __init__(self, name):
        self.owner, self.may, self.only, self.spare, self.mistakes = {}, {}, {}, set(), []
        text = re.sub(r"\\\n", " ", read(name))
        for line in text.split("\n"):
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "offer":
                for header in words[2:]:
                    if header in self.owner:
                        self.mistakes.append(f"{name}: {header} is offered twice")
                    self.owner[header] = words[1]
            elif words[0] == "may":
                self.may[words[1]] = set(words[2:])
            elif words[0] == "only":
                self.only[words[1]] = set(words[2:])
            elif words[0] == "spare":
                self.spare.add((words[1], words[2]))
            else:
                self.mistakes.append(f"{name}: unknown word '{words[0]}'")
        there = {f[:-2] for f in os.listdir("hypervisor/include/dais")}
        self.mistakes += [f"{name}: <dais/{h}.h> has no room" for h in sorted(there - set(self.owner))]
        self.mistakes += [f"{name}: there is no <dais/{h}.h>" for h in sorted(set(self.owner) - there)]

    def allowed(self, name, header):
        """None when the file may include <dais/header.h>, else why not."""
        folder = os.path.dirname(name)
        if name.startswith("dom0-tools/"):
            folder = "dom0-tools"
        if (name, header) in self.spare:
            return None
        room = self.owner.get(header)
        if folder == "hypervisor/include/dais":
            return self.header_allowed(name, header)
        if folder not in self.may:
            return f"folder {folder} is not in tests/check/rooms"
        if room not in self.may[folder]:
            return f"<dais/{header}.h> is {room}'s, which {folder} does not know"
        return self.restricted(name, header)

    def restricted(self, name, header):
        places = self.only.get(header)
        if places and name not in places and os.path.dirname(name) not in places:
            return f"<{header}.h> is for {', '.join(sorted(places))} only"
        return None

    def header_allowed(self, name, header):
        """A header may use what the room that offers it may include."""
        mine = self.owner.get(os.path.basename(name)[:-2])
        if mine is None:
            return None     # said once already
        folder = {"base": None, "arch": "hypervisor/core"}.get(mine, f"hypervisor/{mine}")
        rooms = self.may[folder] if folder else {"base"}
        theirs = self.owner.get(header)
        return None if theirs in rooms else f"{mine}'s header uses <dais/{header}.h>, {theirs}'s"


def quoted(name, path):
    """None when a file may include "path", else why not: files of its own room only."""
    folder = os.path.dirname(name)
    if name.startswith("dom0-tools/"):
        return None if os.path.exists(os.path.join("dom0-tools", path)) else "not in dom0-tools"
    target = os.path.normpath(os.path.join(folder, path))
    if not os.path.exists(target):
        return "no such file beside it"
    room, theirs = folder, os.path.dirname(target)
    if theirs == room or room.startswith(theirs + "/") or name == "hypervisor/main.c":
        return None
    return f"{theirs} keeps its quoted headers to itself"


def includes(name, text, rooms):
    mistakes = []
    for kind, path in INCLUDE.findall(text):
        why = None
        if path.startswith("tests/") or "/tests/" in path:
            why = "nothing but tests includes tests"
        elif name.startswith("hypercalls/include/"):
            if not path.startswith("xen/") and path not in ("stdint.h", "stddef.h", "stdbool.h"):
                why = "headers of the interface depend on nothing else"
        elif kind == '"':
            why = None if (name, path) in rooms.spare else quoted(name, path)
        elif path.startswith("dais/"):
            why = rooms.allowed(name, path[5:-2])
        elif path == "hypercall_table.h":
            why = rooms.restricted(name, "hypercall_table")
        if why:
            mistakes.append(f"{name}: includes {path}: {why}")
    return mistakes


# ---- headers ----

def header_jobs(names):
    """(compiler command, header) for each header and each compiler it must stand alone with."""
    flags = {}
    for what in ("HV", "GUEST", "HOST", "TOOLS"):
        flags[what] = os.environ[f"CHECK_{what}_FLAGS"].split()
    for name in names:
        if not name.endswith(".h") or name.startswith("hypercalls/include/"):
            continue        # those are compared and compiled by abi-test
        if name.startswith("tests/guests/"):
            which = "GUEST"
        elif name.startswith("tests/"):
            which = "HOST"
        elif name.startswith("dom0-tools/"):
            which = "TOOLS"
        else:
            which = "HV"
        language = "assembler-with-cpp" if "/notes/" in name else "c"
        for compiler in os.environ["CHECK_COMPILERS"].split():
            yield [compiler] + flags[which] + ["-E" if language != "c" else "-fsyntax-only",
                                               "-I.", "-o", "/dev/null", "-x", language, "-"], name


def header_run(job):
    command, name = job
    # The stand-ins pass on to what they stand for, and so must be found as those are.
    asked = f"<{name[11:]}>" if name.startswith("tests/fake/dais/") else f'"{name}"'
    done = subprocess.run(command, input=f"#include {asked}\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True)
    if done.returncode == 0:
        return []
    first = next((line for line in done.stdout.split("\n") if "error:" in line), done.stdout.strip())
    return [f"{name} does not stand alone ({command[0]}): {first}"]


# ---- documents ----

def links(name, text):
    mistakes = []
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        if not os.path.exists(os.path.join(os.path.dirname(name), target)):
            mistakes.append(f"{name}: links to {target}, which is not there")
    return mistakes


def described(names, pattern, document, row):
    """Every name that `pattern` finds in ring-0 code has a row in the document, and no other."""
    code = set()
    for name in names:
        if name.endswith(".c") and name.split("/")[0] in ("hypervisor", "hypercalls", "boot"):
            code.update(re.findall(pattern, read(name), re.M))
    text = set(re.findall(row, read(document), re.M))
    return ([f"{document}: does not describe {n}" for n in sorted(code - text)] +
            [f"{document}: describes {n}, which does not exist" for n in sorted(text - code)])


def main():
    names = sources(os.environ.get("O", "build"))
    tally = Tally()
    rooms = Rooms("tests/check/rooms")
    tally.judge(rooms.mistakes)
    for name in names:
        text = read(name)
        tally.judge(licence(name, text))
        sizes(name, text, tally)
        if name.endswith(CODE) and not name.startswith("tests/"):
            tally.judge(includes(name, text, rooms))
        if name.endswith(".md"):
            tally.judge(links(name, text))
        if re.search(r"/man/[^/]+\.[1-8]$", name):
            tally.judge(manual(name))
    tally.judge(described(names, r'^CMDLINE_(?:PARAM|BOOL)\(\s*"([^"]+)"',
                          "docs/command-line.md", r"^### `([a-z0-9_-]+)"))
    tally.judge(described(names, r"^DEBUG_KEY(?:_IRQ)?\('(.)'",
                          "docs/debugging.md", r"^\| `(.)` \|"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for mistakes in pool.map(header_run, header_jobs(names)):
            tally.judge(mistakes)
    more = ", not all shown (WARNINGS=1000 does)" if tally.warned > WARNINGS else ""
    print(f"check: {tally.warned} warnings{more}")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
