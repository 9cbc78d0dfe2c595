# SPDX-License-Identifier: MIT
"""Running `dais` as people do, and its table of verbs."""

import json
import os
import subprocess

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def out(*parts):
    """A file of the build folder."""
    return os.path.join(os.environ["O"], *parts)


def dais(*arguments, program="dais", env=None):
    """(status, standard output, standard error)"""
    path = out("dom0-tools", "dais")
    if program != "dais":
        os.path.lexists(program) or os.symlink(path, program)
        path = os.path.abspath(program)
    done = subprocess.run([path, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", timeout=60,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def verbs():
    status, text, error = dais("help", "--json")
    assert status == 0, error
    return json.loads(text)
