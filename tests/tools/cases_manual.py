# SPDX-License-Identifier: MIT
"""The manual pages: without mistakes, and complete with respect to the sources."""

import os
import re
import subprocess

from program import TOP, out, verbs

PAGES = {"dais.1": out("dom0-tools", "dais.1"),
         "dais.cfg.5": os.path.join(TOP, "dom0-tools", "man", "dais.cfg.5"),
         "dais-api.7": os.path.join(TOP, "dom0-tools", "man", "dais-api.7")}


def source(*parts):
    with open(os.path.join(TOP, "dom0-tools", *parts), encoding="utf-8") as file:
        return file.read()


def words(page):
    with open(PAGES[page], encoding="utf-8") as file:
        return set(re.findall(r"[A-Za-z0-9_\-]+", file.read().replace("\\-", "-")))


def test_mandoc_has_no_complaint():
    for page in PAGES.values():
        done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", page], stdout=subprocess.PIPE,
                              encoding="utf-8")
        assert done.returncode == 0 and not done.stdout, done.stdout


def test_dais_1_has_every_verb():
    there = words("dais.1")
    for verb in verbs():
        assert verb["name"] in there, verb["name"]


def test_dais_cfg_5_has_every_setting():
    """All but those that have no effect."""
    there = words("dais.cfg.5")
    rows = re.findall(r'\{ "(\w+)", key_(\w+)', source("config", "keys.c"))
    rows += [(name, "text") for name in re.findall(r"^\tTEXT\((\w+)\)", source("config", "keys.c"),
                                                   re.M)]
    rows += re.findall(r"^\tSAY\((\w+), key_(\w+)", source("config", "keys.c"), re.M)
    settings = [name for name, kind in rows if kind not in ("hvm", "note")]
    assert len(settings) > 50, settings
    for name in settings:
        assert name in there, name
    for key in re.findall(r'^\t\{ "(\w+)", set_', source("config", "nic.c"), re.M):
        assert key in there or key in ("model", "type", "script", "backend", "gatewaydev",
                                       "netdev", "accel"), key


def test_dais_api_7_has_every_method_event_and_metric():
    there = words("dais-api.7")
    methods = re.findall(r'^\t\{ "(\w+)", ROLE_', source("supervise", "methods.c"), re.M)
    assert len(methods) > 15
    for name in methods:
        assert name in there, name
    events, metrics = set(), set()
    for name in os.listdir(os.path.join(TOP, "dom0-tools", "supervise")):
        if name.endswith(".c"):
            text = source("supervise", name)
            events |= set(re.findall(r'event_tell\(\w+, [\w>\-]+, \w+, "([\w\-]+)"', text))
    text = source("supervise", "metrics.c")
    metrics = set(re.findall(r'(?:gauge|family)\(m, "(\w+)"', text))
    metrics |= set(re.findall(r'\{ (?:"v[bi][df]", )?"(domain_\w+)"', text))
    assert len(events) > 10 and len(metrics) > 20, (events, metrics)
    for name in events | metrics:
        assert name in there, name
