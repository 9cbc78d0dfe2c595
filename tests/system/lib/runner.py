# SPDX-License-Identifier: MIT
"""Groups of cases that share a boot; running them; one line per case.

    main = group("lifecycle", tools="xl", cpus=2)

    @main.case
    def create_and_destroy(dom0):
        dom0.run("xl create ...")

A case gets the booted Dom0 (or, in a group with boot=False, the Machine alone, running since a
moment). Cases of a group run in the order they are written, on one machine; a case that ends the
machine comes last. A case passes when it returns. `deadline` (seconds) is for the whole case.
"""

import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from dom0 import Dom0
from machine import Machine, Point
from serial import Died, Late

GROUPS = []


class Skip(Exception):
    """Raised by a case that does not apply here; its text says why."""


class Group:
    def __init__(self, name, only, boot, soak, before, point):
        self.name, self.only, self.boot, self.soak, self.before = name, only, boot, soak, before
        self.point, self.cases = point, []

    def case(self, function):
        self.cases.append(function)
        return function


def group(name, only=None, boot=True, soak=False, before=None, **point):
    """Declares a group. `only` names the one HV it makes sense for; one for `soak` runs only when it
    is asked for by name; `before` is called before each case; the rest is a Point, in which a
    function stands for what it returns for the Images.
    """
    made = Group(name, only, boot, soak, before, point)
    GROUPS.append(made)
    return made


class Report:
    """Prints results as they come, from several threads; `lock` keeps lines whole."""

    lock = threading.Lock()

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.results = {}       # by case: verdict, seconds

    def add(self, other):
        with self.lock:
            self.passed += other.passed
            self.failed += other.failed
            self.skipped += other.skipped
            self.results.update(other.results)

    def line(self, verdict, name, seconds, text=""):
        with self.lock:
            if verdict == "PASS":
                self.passed += 1
            elif verdict == "FAIL":
                self.failed += 1
            else:
                self.skipped += 1
            self.results[name] = {"verdict": verdict, "seconds": round(seconds, 1)}
            note = f"  ({text})" if text and "\n" not in text else ""
            print(f"{verdict} {seconds:7.1f} s  {name}{note}")
            if "\n" in text:
                print("    " + text.rstrip().replace("\n", "\n    "))
            sys.stdout.flush()


class Stolen:
    """What the machine's own host took of each CPU, for failures that look like a stall of ours."""

    def __init__(self):
        self.before = self.read()

    @staticmethod
    def read():
        """Seconds stolen since the start of the machine, by CPU."""
        with open("/proc/stat", encoding="ascii") as file:
            rows = [line.split() for line in file if re.match(r"cpu\d", line)]
        return [int(row[8]) / os.sysconf("SC_CLK_TCK") for row in rows]

    def text(self):
        taken = [f"{now - then:.1f}" for now, then in zip(self.read(), self.before)]
        return f"the host took {' and '.join(taken)} s of its CPUs away meanwhile"


def failure_text(error, machine, stolen):
    """What went wrong, where in the case, and the last of the serial line."""
    here = [frame for frame in traceback.extract_tb(error.__traceback__)
            if os.sep + "cases" + os.sep in frame.filename]
    where = f"{os.path.basename(here[-1].filename)}:{here[-1].lineno}: " if here else ""
    kind = type(error).__name__
    text = f"{where}{kind}: {error}\n"
    if kind == "AssertionError" and here and not str(error):
        text = f"{where}false: {here[-1].line}\n"
    if machine and machine.serial:
        text += f"serial log: {machine.log}; its end:\n" + machine.serial.tail()
    return text + "\n" + stolen.text()


def scene(error, machine):
    """Has the hypervisor of a machine that died or was late, but runs, write the state of its CPUs,
    queues and event channels to the log.
    """
    if isinstance(error, (Died, Late)) and machine and machine.process.poll() is None:
        try:
            machine.serial.send("\x01\x01\x01drte\x01\x01\x01")
            machine.serial.settle(3)
        except OSError:
            pass    # it ended meanwhile


def group_folder(chosen, options):
    return os.path.join(options.images.system, "run", chosen.name)


def run_group(chosen, names, options, report):
    """Boots a group's machine and runs those of its cases that are in `names`."""
    fields = {name: value(options.images) if callable(value) else value
              for name, value in {**chosen.point, **options.point}.items()}
    point = Point(**fields)
    folder = group_folder(chosen, options)
    cases = [case for case in chosen.cases if f"{chosen.name}.{case.__name__}" in names]
    machine, subject, broken = None, None, None
    began, stolen = time.monotonic(), Stolen()
    try:
        machine = Machine(point, options.images, folder)
        machine.__enter__()
        if options.echo:
            machine.serial.echo = sys.stdout.write
        subject = machine
        if chosen.boot:
            subject = Dom0(machine)
            subject.boot()
            report.line("PASS", f"{chosen.name}.boot", time.monotonic() - began, point.describe())
    except Exception as error:  # pylint: disable=broad-except
        broken = error
        report.line("FAIL", f"{chosen.name}.boot", time.monotonic() - began,
                    failure_text(error, machine, stolen))
        scene(error, machine)
    try:
        for case in cases:
            name = f"{chosen.name}.{case.__name__}"
            if broken:
                report.line("FAIL", name, 0, f"not run: {type(broken).__name__} before it")
                continue
            began, stolen = time.monotonic(), Stolen()
            try:
                if chosen.before:
                    chosen.before(subject)
                case(subject)
                report.line("PASS", name, time.monotonic() - began)
            except Skip as reason:
                report.line("SKIP", name, time.monotonic() - began, str(reason))
            except Exception as error:  # pylint: disable=broad-except
                report.line("FAIL", name, time.monotonic() - began, failure_text(error, machine, stolen))
                scene(error, machine)
                if isinstance(error, Died) or machine.process.poll() is not None:
                    broken = error
                elif chosen.boot:
                    broken = revive(subject)
    finally:
        if machine:
            machine.__exit__()
        for name, answer in getattr(subject, "answers", {}).items():
            report.results.setdefault(name, {})["answer"] = answer


def try_group(chosen, names, options, report):
    """Runs a group; once more when a case failed, since a busy host makes deadlines pass. Both tries
    are shown, the second one counts; what the first one left is kept in the folder GROUP.first.
    """
    result = Report()
    run_group(chosen, names, options, result)
    if result.failed and options.tries > 1:
        with Report.lock:
            print(f"AGAIN          {chosen.name}: {result.failed} failed; the second try counts",
                  flush=True)
        folder = group_folder(chosen, options)
        shutil.rmtree(folder + ".first", ignore_errors=True)
        if os.path.exists(folder):
            os.rename(folder, folder + ".first")
        result = Report()
        run_group(chosen, names, options, result)
    report.add(result)


def revive(dom0):
    """After a failed case: is the shell still there? Interrupts what runs and asks."""
    try:
        dom0.serial.send("\x03\n")
        dom0.attach(20)
        return None
    except Exception as error:  # pylint: disable=broad-except
        return error


class Options:
    """What the command line asked of all groups."""

    def __init__(self, images, point, echo, jobs, tries=1):
        self.images, self.point, self.echo, self.jobs = images, point, echo, jobs
        self.tries = tries


def keep_results(path, results):
    """Adds what was found to the file that side-by-side reads."""
    kept = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
    kept.update(results)
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1, sort_keys=True)
    os.rename(path + ".tmp", path)


def select(patterns, hv):
    """The names of cases that match any pattern (all, without patterns) and suit the HV."""
    names = []
    for chosen in GROUPS:
        # The path of an image is an image of Dais's.
        if chosen.only and chosen.only != (hv if hv in ("xen", "none") else "dais"):
            continue
        if chosen.soak and not patterns:
            continue
        for case in chosen.cases or [None]:
            name = f"{chosen.name}.{case.__name__ if case else 'boot'}"
            if not patterns or any(re.search(p, name) for p in patterns):
                names.append(name)
    return names


def run(names, options):
    """Runs the named cases; returns the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report, began = Report(), time.monotonic()
    wanted = set(names)
    groups = [g for g in GROUPS if any(n.split(".")[0] == g.name for n in names)]
    # The longest first, so that no long one is left alone at the end.
    groups.sort(key=lambda g: -g.point.get("limit", Point.FIELDS["limit"]))
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        for future in [pool.submit(try_group, g, wanted, options, report) for g in groups]:
            future.result()
    seconds = time.monotonic() - began
    hv = options.point["hv"] if options.point["hv"] in ("xen", "none") else "dais"
    keep_results(os.path.join(options.images.system, f"results-{hv}.json"), report.results)
    if report.skipped:
        print(f"{report.skipped} skipped")
    print(f"{seconds:.0f} s in all")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed or not report.passed else 0
