# SPDX-License-Identifier: MIT
"""Completion in bash: verbs, options, names of domains and pools, files."""

import os
import subprocess

from program import out, verbs

FAKE = """#!/bin/sh
case $1 in
list) printf 'Name ID Mem VCPUs State Time(s)\\nDomain-0 0 1 1 r 0\\nweb 1 1 1 r 0\\nwiki 2 1 1 r 0\\n' ;;
cpupool-list) printf 'Name CPUs\\nPool-0 2\\nfast 1\\n' ;;
esac
"""


def complete(*words):
    """What Tab offers for the last of the words."""
    if not os.path.exists("dais"):
        with open("dais", "w", encoding="utf-8") as file:
            file.write(FAKE)
        os.chmod("dais", 0o755)
    script = (f". {out('dom0-tools', 'completion', 'dais')}\n"
              f"COMP_WORDS=(\"$@\") COMP_CWORD={len(words)}\n"
              "_dais ./dais \"${COMP_WORDS[$COMP_CWORD]}\"\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
    done = subprocess.run(["bash", "-c", script, "bash", "./dais", *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", timeout=20)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [word for word in done.stdout.split("\n") if word]


def test_verbs():
    assert complete("") == [v["name"] for v in verbs()]
    assert complete("block-") == ["block-attach", "block-detach", "block-list"]
    assert complete("zzz") == []
    assert complete("help", "vcpu") == ["vcpu-list", "vcpu-pin", "vcpu-set"]


def test_options():
    for verb in verbs():
        offered = complete(verb["name"], "-")
        named = {word.strip("[]|.,") for word in verb["usage"].replace("[", " ").split()
                 if word.startswith("-")}
        assert named <= set(offered), (verb["name"], named, offered)
        assert len(set(offered)) == len(offered), (verb["name"], offered)
    assert complete("list", "--j") == ["--json"]
    assert complete("create", "--uns") == ["--unsupervised"]


def test_names():
    assert complete("destroy", "w") == ["web", "wiki"]
    assert complete("destroy", "web", "wi") == ["wiki"]
    assert complete("vcpu-pin", "D") == ["Domain-0"]
    assert complete("cpupool-cpu-add", "") == ["Pool-0", "fast"]


def test_files():
    for name in "guest.cfg", "guest.img":
        with open(name, "w", encoding="utf-8"):
            pass
    assert sorted(complete("create", "gu")) == ["guest.cfg", "guest.img"]
    # What is no domain is perhaps a file.
    assert complete("block-attach", "web", "guest.i") == ["guest.img"]
