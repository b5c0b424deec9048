"""What completion costs while one types in a real file, over the wire.

    python tests/bench/completion_latency.py [--rounds 200] [--file FILE]

A line is typed at the end of FILE (by default the largest module of the installed `rich`, in a folder of its own), key by
key, each followed by a request for names, as editors send them. Timed are the answers, and a request to the server itself
that is sent right behind: it tells how long the event loop was held up. Processor time for each key is that of the server
and of its completion worker together. Latencies are by the wall clock; the load of the machine is part of the output.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from lsp_latency import TICKS_PER_S, family_of, session, summary, ticks_of
from lsp_wire import Wire, edit

TYPED = "    self.render_lines(console, options)[0].text = len(segments)"
READY_TIME_S = 120.0


def main() -> None:
    """Type, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--file", type=Path, default=largest_module())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracemend-latency-", ignore_cleanup_errors=True) as directory:
        folder = Path(directory).resolve()
        root = folder / options.file.parent.name
        shutil.copytree(options.file.parent, root, ignore=shutil.ignore_patterns("__pycache__"))
        with session(folder, root, []) as client:
            found = typing(client, root / options.file.name, options.rounds)
    print(json.dumps({"file": options.file.name, "load": os.getloadavg()[0], **found}, indent=2))


def largest_module() -> Path:
    """Return the largest module of `rich`."""
    spec = importlib.util.find_spec("rich")
    assert spec is not None and spec.origin is not None, "rich is a dependency"
    return max(
        Path(spec.origin).parent.glob("*.py"), key=lambda one: one.stat().st_size * (one.name[0] != "_")
    )


def typing(client: Wire, path: Path, rounds: int) -> dict[str, Any]:
    """Type `rounds` keys, and return the figures."""
    uri, text = path.as_uri(), path.read_text("utf-8")
    head = f"{text}\n\nclass Latency(Console):\n    def measure(self, console, options, segments):\n        "
    client.open(uri, head)
    line = head.count("\n")
    wait_until_ready(client, uri, line)
    names, loop, offered = [], [], 0
    before = ticks_of_all(client)
    for number in range(rounds):
        key = TYPED[number % len(TYPED)]
        column = 8 + number % len(TYPED)
        if number and number % len(TYPED) == 0:
            client.change(uri, 2 * number + 1, edit((line, 8), (line, 8 + len(TYPED)), ""))
        started = time.perf_counter()
        client.change(uri, 2 * number + 2, edit((line, column), (line, column), key))
        asked = client.request("textDocument/completion", place(uri, line, column + 1))
        client.call("workspace/executeCommand", {"command": "tracemend.status"})
        loop.append(time.perf_counter() - started)
        offered += bool(client.answer(asked)["result"]["items"])
        names.append(time.perf_counter() - started)
    cpu_ms = 1000 * (ticks_of_all(client) - before) / TICKS_PER_S / rounds
    return {
        "names": summary(names),
        "event loop": summary(loop),
        "CPU of a key": round(cpu_ms, 1),
        "keys with names": offered,
    }


def wait_until_ready(client: Wire, uri: str, line: int) -> None:
    """Ask until the worker has come up."""
    deadline = time.monotonic() + READY_TIME_S
    while not client.call("textDocument/completion", place(uri, line, 8))["items"]:
        assert time.monotonic() < deadline, "the completion worker never answered"
        time.sleep(0.2)


def place(uri: str, line: int, character: int) -> dict[str, Any]:
    """Return the params of a request at a position."""
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def ticks_of_all(client: Wire) -> int:
    """Return the processor time of the server and of its completion worker, in ticks."""
    return sum(map(ticks_of, processes(client.process.pid)))


def processes(pid: int) -> Sequence[int]:
    """Return the server and its completion worker."""
    return [one for one in family_of(pid) if one == pid or "completion_worker" in command_of(one)]


def command_of(pid: int) -> str:
    """Return the command line of a process, "" for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


if __name__ == "__main__":
    main()
