"""What holds the tests in on this machine: a trial, made by `tracemend doctor`, and what to do if it is not enough."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .payload.advice import next_step
from .results import Containment

PROBE_S = 30.0

# Runs in the project's interpreter; the directory of the package `payload` is its first argument.
_PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from payload import containment
print(json.dumps(containment.enter(json.loads(sys.argv[2])).level))
"""


def probe(python: Path, *, force_tier: str | None = None) -> Containment:
    """Enter containment in `python`, with an empty project, and return what could be had.

    Raises OSError if the interpreter cannot be run and ValueError if it did not get as far as an answer.
    """
    with tempfile.TemporaryDirectory(prefix="tracemend-probe-") as directory:
        root, scratch = Path(directory, "project"), Path(directory, "scratch")
        root.mkdir()
        scratch.mkdir()
        policy: dict[str, Any] = {
            "root": str(root),
            "scratch": str(scratch),
            "mode": "auto",
            "network": "loopback",
            "force_tier": force_tier,
        }
        command = [str(python), "-I", "-S", "-c", _PROBE, str(Path(__file__).parent), json.dumps(policy)]
        try:
            ended = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=PROBE_S,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ValueError(f"{python} did not answer within {PROBE_S:.0f} s") from None
    try:
        return read_containment(json.loads(ended.stdout))
    except json.JSONDecodeError:
        last_line = (ended.stderr.strip().splitlines() or ["no output"])[-1]
        raise ValueError(f"{python} could not try containment: {last_line}") from None


def read_containment(level: dict[str, Any]) -> Containment:
    """Make the value of what the contained process says of itself."""
    return Containment(**{**level, "missing": tuple(level["missing"])})


def advice(containment: Containment) -> list[str]:
    """Return next steps for people, most useful first; none where containment is full."""
    if containment.level == "full":
        return []
    if sys.platform != "linux":
        return [
            "Run tracemend on Linux, or in a Linux container or virtual machine, to have tests contained."
        ]
    steps = [next_step()]
    if containment.level in ("basic", "none"):
        steps.append(
            "Until then try only fixes for code that you would run yourself: nothing protects your files."
        )
    return steps
