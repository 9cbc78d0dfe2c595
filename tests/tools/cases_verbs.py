# SPDX-License-Identifier: MIT
"""What holds for all verbs, by the table of verbs itself: every listing can be had as JSON, help
is there, and exit statuses are xl's."""

import json
import os
import pty
import re
import socket
import threading
import time

from program import dais, verbs

# Their output is raw text or has a format of its own.
NO_LISTING = {"dmesg", "logs", "metrics"}


def test_every_listing_takes_json():
    listings = [v for v in verbs() if re.match(r"list|show|watch|say what a guest", v["help"])
                and v["name"] not in NO_LISTING]
    assert len(listings) >= 15, [v["name"] for v in listings]
    assert {"list", "vcpu-list", "block-list", "network-list", "cpupool-list", "vm-list", "info",
            "uptime", "claims", "sharing", "sched-credit", "sched-credit2", "top", "events",
            "config", "why"} <= {v["name"] for v in listings}
    for verb in listings:
        assert "[--json]" in verb["usage"], f"{verb['name']}: {verb['usage']}"
        # And it is taken: what stops the verb here is that there is no dom0, or no argument.
        _, _, error = dais(verb["name"], "--json",
                           env={"DAIS_SUPERVISE_SOCKET": os.path.abspath("none")})
        assert "unknown option" not in error, error


def test_help_of_every_verb():
    table = verbs()
    assert [v["name"] for v in table] == sorted(v["name"] for v in table)
    for verb in table:
        for arguments in ("help", verb["name"]), (verb["name"], "--help"):
            if arguments[1] == "--help" and verb["name"] in (
                    "stored", "consoled", "supervise", "manual", "version", "completion"):
                continue
            status, output, error = dais(*arguments)
            assert status == 0 and not error, (arguments, status, error)
            assert verb["usage"] in output and verb["help"][1:] in output, (arguments, output)
        assert not verb["help"].endswith("."), verb
        if verb["example"]:
            assert verb["example"].startswith(f"dais {verb['name']}"), verb


def test_exit_statuses():
    for arguments, expected in {
            ("help",): 0, ("version",): 0, ("--help",): 0, ("--version",): 0,
            (): 1, ("no-such-verb",): 1, ("cpupool",): 1,
            ("list", "--nonsense"): 2, ("list", "-y"): 2, ("destroy",): 2, ("help", "nothing"): 2,
            ("shutdown",): 2, ("vcpu-pin", "a"): 2, ("create", "--defconfig"): 2,
            ("create",): 6}.items():
        status, output, error = dais(*arguments)
        assert status == expected, (arguments, status, error)
        if not arguments:
            assert output.startswith("Usage: ") and not error
        elif expected:
            assert error and not output, (arguments, output)


def test_a_beginning_is_enough_when_it_is_clear():
    assert dais("vers")[1] == dais("version")[1]
    status, _, error = dais("block")
    assert status == 1 and "more than one verb" in error, error


def test_verbs_of_xl_that_are_not_there():
    """Each says why, instead of that there is no such verb."""
    for verb in ("migrate", "migrate-receive", "remus", "pci-attach", "pci-list",
                 "usbdev-attach", "usbctrl-attach", "usb-list", "cd-insert", "cd-eject",
                 "vncviewer", "channel-list", "qemu-monitor-command", "vtpm-list", "psr-cat-show",
                 "sched-rtds", "cpupool-numa-split", "getenforce", "set-parameters", "vkb-list"):
        status, output, error = dais(verb, "x")
        assert status == 1 and not output and error.startswith(f"dais {verb}: "), error
        assert "is not a verb" not in error and error.count("\n") == 1, error


def test_called_as_xl():
    status, output, error = dais("help", program="xl")
    assert status == 0 and output.startswith("Usage: xl VERB") and not error
    status, _, error = dais("list", "--nonsense", program="xl")
    assert status == 2 and error.startswith("xl list: "), error
    # Options that xl has before its verb.
    assert dais("-v", "-f", "help", program="xl")[0] == 0


def supervisor(path, answers):
    """A pretended supervisor for one connection."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)

    def serve():
        connection, _ = server.accept()
        with connection, connection.makefile("rw", encoding="utf-8") as stream:
            request = json.loads(stream.readline())
            for answer in answers(request):
                stream.write(json.dumps({"id": request["id"], **answer}) + "\n")
                stream.flush()
        server.close()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def ask(answers, *arguments):
    path = os.path.abspath("socket")
    thread = supervisor(path, answers)
    result = dais(*arguments, env={"DAIS_SUPERVISE_SOCKET": path})
    thread.join(20)
    os.unlink(path)
    return result


def test_answers_of_the_supervisor():
    reasons = {"reasons": ["It is paused.", "Its disk is \"gone\"."]}
    status, output, error = ask(lambda r: [{"result": reasons}], "why", "web")
    assert (status, output, error) == (0, "It is paused.\nIts disk is \"gone\".\n", "")
    status, output, error = ask(lambda r: [{"result": reasons}], "why", "--json", "web")
    assert json.loads(output) == reasons
    status, output, error = ask(
        lambda r: [{"error": {"errno": 2, "message": "there is no web; look"}}], "start", "web")
    assert (status, output, error) == (1, "", "dais start: there is no web; look\n")
    event = {"number": 1, "time": 0, "event": "started", "name": "web", "text": "as domain 3"}
    status, output, error = ask(lambda r: [{"result": [event]}], "events", "--json")
    assert [json.loads(line) for line in output.splitlines()] == [event]
    # It dies in the middle, or speaks nonsense.
    status, output, error = ask(lambda r: [], "start", "web")
    assert status == 1 and "the supervisor ended" in error and error.count("\n") == 1, error


def terminal_text(answers, *arguments):
    """What a terminal shows of a verb's standard error, and its status."""
    path = os.path.abspath("socket")
    thread = supervisor(path, answers)
    master, slave = pty.openpty()
    pid = os.fork()
    if not pid:
        os.dup2(slave, 2)
        os.environ["DAIS_SUPERVISE_SOCKET"] = path
        program = os.path.join(os.environ["O"], "dom0-tools", "dais")
        os.execv(program, ["dais", *arguments])
    os.close(slave)
    _, status = os.waitpid(pid, 0)
    os.set_blocking(master, False)
    text = ""
    try:
        while True:
            text += os.read(master, 4096).decode()
    except OSError:         # nothing more is there
        pass
    os.close(master)
    thread.join(20)
    os.unlink(path)
    return status, text


def test_progress_on_what_takes_long():
    """On a terminal, after a second, on one line that goes away again."""
    def slow(request):
        yield {"progress": "kernel"}
        yield {"progress": "build"}
        time.sleep(1.5)
        yield {"progress": "devices"}
        yield {"result": {"domid": 3}}

    def silent(request):
        time.sleep(1.5)
        yield {"result": {}}

    status, text = terminal_text(slow, "start", "web")
    assert status == 0 and "dais: build ..." in text, (status, text)
    assert "kernel" not in text and text.endswith("\r\033[K"), text
    status, text = terminal_text(silent, "undefine", "web")
    assert (status, text) == (0, "dais: undefine ...\033[K\r\033[K"), text
    assert terminal_text(lambda request: [{"result": {}}], "undefine", "web") == (0, "")


def test_settings_on_the_command_line():
    """NAME=VALUE without quotes, as a shell leaves it, means the same to every verb that takes it."""
    with open("web.cfg", "w", encoding="utf-8") as file:
        file.write("name = 'web'\nkernel = '/k'\n")
    settings = ["extra=console=hvc0 quiet", "memory=80", "name='other'"]
    seen = []

    def answers(request):
        seen.append(request["params"]["overrides"])
        return [{"result": {}}]

    for verb in ["create", "web.cfg"], ["define", "web.cfg"], ["config-update", "web"]:
        status, _, error = ask(answers, *verb, *settings)
        assert status == 0, (verb, error)
    assert seen == ["extra=\"console=hvc0 quiet\"\nmemory=\"80\"\nname='other'\n"] * 3, seen
