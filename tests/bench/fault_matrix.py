"""Runs the real `tracemend fix` against every fault of an endpoint, and asks for a message and the embedded result.

A named strategy leaves the templates a tenth of the time before models are asked, so they are interrupted on their way to
the patch: to a guard, which takes some tens of candidates, and to a pair of edits, which takes hundreds.

taskset -c 0 nice -n 19 python tests/bench/fault_matrix.py --rounds 3
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from openai_server import FAULTS, OpenAIServer, refused_url
from project_fixture import make_project

# Seconds for the failure, and the program.
PROJECTS = {
    "guard": (
        12.0,
        """
        #- words.py
        def initials(name):
            return "".join(part[0] for part in name.split(" "))

        def badge(first, last, title=""):
            name = first + " " + last
            if title:
                name = title + " " + name
            return name + " (" + initials(name) + ")"
        #- test_words.py
        from words import badge, initials

        def test_initials_of_nothing():
            assert initials("") == ""

        def test_badge():
            assert badge("Ada", "King") == "Ada King (AK)"
        """,
    ),
    "pair": (
        45.0,
        """
        #- ages.py
        def is_teen(age):
            return age > 13 and age < 19

        def is_free(age):
            return age < 6
        #- test_ages.py
        from ages import is_free, is_teen

        def test_is_teen():
            assert [is_teen(age) for age in (12, 13, 16, 19, 20)] == [False, True, True, True, False]

        def test_is_free():
            assert is_free(5) and not is_free(6)
        """,
    ),
}
RUN_S = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[], metavar="FAULT")
    parser.add_argument("--project", choices=PROJECTS, action="append")
    parser.add_argument("--strategy", default="simple")
    arguments = parser.parse_args()
    kept = told = of = 0
    for turn in range(arguments.rounds):
        for project in arguments.project or PROJECTS:
            for fault in ("none configured", "refused", *FAULTS):
                if arguments.only and fault not in arguments.only:
                    continue
                report = fixed(project, fault, arguments.strategy)
                mended = [one["patches"][0]["diff"] for one in report["failures"] if one["patches"]]
                notes = [one for one in report["notes"] if "odel was asked" in one or "An answer" in one]
                kept, told, of = kept + bool(mended), told + bool(notes), of + 1
                seconds = sum(one["seconds"] for one in report["failures"])
                tried = sum(one["candidates"] for one in report["failures"])
                print(
                    f"{turn} {project:8} {fault:20} {'patch' if mended else 'NO PATCH':9} {seconds:6.1f} s "
                    f"{tried:5} tried  {notes[0] if notes else '-'}",
                    flush=True,
                )
    print(f"{kept} of {of} with the embedded result, {told} with a message")


def fixed(project: str, fault: str, strategy: str) -> dict[str, Any]:
    """Return the JSON report of one run with that fault."""
    max_time_s, program = PROJECTS[project]
    with tempfile.TemporaryDirectory() as folder, address_of(fault) as base_url:
        make_project(Path(folder) / "project", program)
        asked = ["--base-url", base_url, "--model", "scripted", "--strategy", strategy]
        command = [str(Path(sys.executable).with_name("tracemend")), "fix", "--json", "-", "--no-memory"]
        own = {name: str(Path(folder) / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME")}
        done = subprocess.run(
            [*command, "--max-time", str(max_time_s), *(asked if base_url else ())],
            cwd=Path(folder) / "project",
            env={**os.environ, **own},
            capture_output=True,
            check=False,
            timeout=RUN_S,
        )
        if not done.stdout:
            sys.exit(done.stderr.decode())
        return dict(json.loads(done.stdout))


@contextmanager
def address_of(fault: str) -> Iterator[str]:
    """Serve the fault; yield the address, "" where no endpoint is to be configured."""
    if fault in FAULTS:
        with OpenAIServer(FAULTS[fault]) as server:
            yield server.base_url
    else:
        yield refused_url() if fault == "refused" else ""


if __name__ == "__main__":
    main()
