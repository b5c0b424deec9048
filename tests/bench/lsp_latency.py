"""How quickly the language server answers while it repairs, and what it costs while it does nothing.

    python tests/bench/lsp_latency.py [--rounds 400] [--json FILE]

A small project gets a bug that no edit mends, so that the background search goes on for as long as it may, beside:

* hover, lens, inlay hint and code action requests, one after the other, each timed from sending to its answer;
* keys in a file of ten thousand lines, each timed from its `didChange` to the answer of a request sent right after it,
  which the server can only give once it has taken the key;
* then quiet, in a session without the large file: processor time and memory (proportional set size) of the server with
  all processes that it started.

Latencies are in milliseconds, by the wall clock of a client in another process: on a machine that has other work they
tell about that work as well, which is why the load is part of the output.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from lsp_wire import Wire, at, edit
from lsprotocol import converters
from project_fixture import make_project
from pytest_lsp import client_capabilities

LINES = 10_000
IDLE_S = 20.0
SETTLE_S = 8.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

PROJECT = """
    #- shop.py
    def price(name, prices, rebate):
        base = prices[name]
        if base > 100:
            base = base - rebate
        return base

    def total(names, prices, rebate=0):
        result = 0
        for name in names:
            result += price(name, prices, rebate)
        return result
    #- test_shop.py
    from shop import price, total
    PRICES = {"pen": 3, "ink": 5, "desk": 120}

    def test_price(): assert price("pen", PRICES, 1) == 3
    def test_rebate(): assert price("desk", PRICES, 20) == 100
    def test_total(): assert total(["pen", "ink"], PRICES) == 8

    def test_nothing_mends_this():
        assert str(total(["pen", "desk"], PRICES, 20)) == "one hundred and three " + "euros"
"""


def main() -> None:
    """Run all parts and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=400, help="requests of each kind, and keys")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracemend-bench-") as folder:
        figures = measure(Path(folder), arguments.rounds)
    figures["load"] = os.getloadavg()[0]
    for name, value in figures.items():
        print(f"{name:<28} {value if not isinstance(value, dict) else _row(value)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    """Return the figures of two sessions."""
    project = make_project(folder / "project", PROJECT)
    big = project.root / "big.py"
    uris = [(project.root / name).as_uri() for name in ("shop.py", "test_shop.py", "big.py")]
    figures: dict[str, Any] = {}
    with session(folder, project.root, uris[:2]) as client:
        client.heard("tracemend/status", lambda status: status["folders"][0]["searching"])
        figures |= interactive(client, uris, rounds)
        client.open(uris[2], big_text())
        time.sleep(SETTLE_S)  # Its first fingerprints are those of a file that was opened, not of a key.
        figures["keystroke, 10,000 lines"] = keystrokes(client, uris[2], rounds)
        figures["still searching"] = "yes" if is_searching(client) else "no"
    assert not big.exists(), "the large file is in the editor alone"
    with session(folder, project.root, uris[:2]) as client:
        client.heard("tracemend/status", lambda status: status["folders"][0]["searching"])
        while is_searching(client):
            time.sleep(1.0)
        time.sleep(SETTLE_S)
        figures |= idle(client)
    return figures


@contextmanager
def session(folder: Path, root: Path, uris: list[str]) -> Iterator[Wire]:
    """Start a server as VS Code does, and open files."""
    capabilities = converters.get_converter().unstructure(client_capabilities("visual-studio-code"))
    with Wire.start(env={"XDG_CACHE_HOME": str(folder / "cache")}) as client:
        client.initialize(root, capabilities=capabilities)
        for uri in uris:
            client.open(uri, (root / uri.rpartition("/")[2]).read_text())
        yield client


def is_searching(client: Wire) -> bool:
    """Say whether the background search is at work."""
    status = client.call("workspace/executeCommand", {"command": "tracemend.status"})
    return bool(status["folders"][0]["searching"])


def interactive(client: Wire, uris: list[str], rounds: int) -> dict[str, Any]:
    """Time the requests that an editor sends as one looks around."""
    shop, test, _ = uris
    everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": 60, "character": 0}}
    here = {"start": {"line": 8, "character": 4}, "end": {"line": 8, "character": 4}}
    document = {"textDocument": {"uri": test}}
    requests: dict[str, Callable[[], Any]] = {
        "hover": lambda: client.call("textDocument/hover", at(shop, 9, 10)),
        "code lens": lambda: client.call("textDocument/codeLens", document),
        "inlay hint": lambda: client.call(
            "textDocument/inlayHint", {"textDocument": {"uri": shop}, "range": everywhere}
        ),
        "code action": lambda: client.call(
            "textDocument/codeAction", {**document, "range": here, "context": {"diagnostics": []}}
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in requests}
    empty = set(requests)
    for _ in range(rounds):
        for name, send in requests.items():
            started = time.perf_counter()
            if send():
                empty.discard(name)
            times[name].append(time.perf_counter() - started)
        time.sleep(0.005)
    assert not empty, f"These were asked for nothing: {empty}"
    return {name: summary(found) for name, found in times.items()}


def keystrokes(client: Wire, uri: str, rounds: int) -> dict[str, float]:
    """Type into the middle of a large file, and time each key by the request behind it.

    "CPU" is the server's processor time for one key and that request, which other work on the machine does not lengthen.
    """
    times = []
    ticks = ticks_of(client.process.pid)
    for number in range(rounds):
        line, column = LINES // 2, number % 40
        started = time.perf_counter()
        client.change(uri, number + 2, edit((line, column), (line, column), "x" if number % 2 else "y"))
        client.call("workspace/executeCommand", {"command": "tracemend.status"})
        times.append(time.perf_counter() - started)
        time.sleep(0.01)
    spent = ticks_of(client.process.pid) - ticks
    return {**summary(times), "CPU": round(1000 * spent / TICKS_PER_S / rounds, 2)}


def idle(client: Wire) -> dict[str, Any]:
    """Return what the server and everything that it started cost while nobody does anything."""
    before = {pid: ticks_of(pid) for pid in family_of(client.process.pid)}
    time.sleep(IDLE_S)
    after = {pid: ticks_of(pid) for pid in family_of(client.process.pid)}
    spent = {name_of(pid): 0.0 for pid in after}
    for pid, ticks in after.items():
        spent[name_of(pid)] += 100 * (ticks - before.get(pid, 0)) / TICKS_PER_S / IDLE_S
    memory = {name_of(pid): 0.0 for pid in after}
    for pid in after:
        memory[name_of(pid)] += memory_mb(pid)
    return {
        "idle CPU %": {name: round(share, 2) for name, share in sorted(spent.items())},
        "memory MB, all processes": round(sum(memory.values()), 1),
        "memory MB by process": {name: round(size, 1) for name, size in sorted(memory.items())},
    }


def big_text() -> str:
    """Return a module of ten thousand lines of ordinary code."""
    functions = (
        f"def function_{n}(x):\n    y = x + {n}\n    # Add it up.\n    return y\n\n"
        for n in range(LINES // 5)
    )
    return "".join(functions)


def summary(seconds: Iterable[float]) -> dict[str, float]:
    """Return percentiles in milliseconds."""
    times = sorted(1000 * one for one in seconds)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 2),
        "p95": round(cuts[94], 2),
        "p99": round(cuts[98], 2),
        "max": round(times[-1], 2),
    }


def family_of(pid: int) -> list[int]:
    """Return a process with all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat_of(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    family, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        family.append(one)
        waiting += children.get(one, [])
    return family


def stat_of(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name, empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def ticks_of(pid: int) -> int:
    """Return the processor time that a process has used, in clock ticks."""
    fields = stat_of(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def memory_mb(pid: int) -> float:
    """Return the proportional set size of a process, its own where the kernel does not tell that."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def name_of(pid: int) -> str:
    """Return what a process is for, by its command line."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return "gone"
    text = " ".join(words)
    known = {
        "static_worker": "static worker",
        "search_worker": "search",
        "payload": "runner",
        " lsp": "server",
    }
    return next((name for mark, name in known.items() if mark in text), " ".join(words[:3])[-40:] or "?")


def _row(value: dict[str, Any]) -> str:
    return "  ".join(f"{name} {number:>8}" for name, number in value.items())


if __name__ == "__main__":
    main()
