"""What running tells: outcomes, failures, spectra and the containment that held while it ran.

All values are plain and immutable. Paths are relative to the project root and posix; a file outside the project keeps
its absolute path. Times are seconds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed", "timeout", "crashed"]
Ended = Literal["finished", "stopped", "timeout", "crashed", "cancelled"]
Route = Literal["none", "swap", "reload", "fresh"]

_PASSING_DETAIL = re.compile(r"\b0x[0-9a-fA-F]+|/\S*(?:tmp|pytest)\S*")

GREEN: frozenset[str] = frozenset({"passed", "skipped", "xfailed", "xpassed"})
RED: frozenset[str] = frozenset({"failed", "error", "timeout", "crashed"})


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a traceback."""

    path: str
    line: int
    function: str
    in_project: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test is red. `frames` run from the test inwards, the raising one last; all texts are bounded."""

    phase: Literal["setup", "call", "teardown"]
    exception: str  # The type's qualified name, without "builtins.".
    message: str
    frames: tuple[Frame, ...] = ()
    text: str = ""  # pytest's long representation, where detail was asked for.


@dataclass(frozen=True, slots=True)
class TestResult:
    """The verdict on one test."""

    __test__ = False  # Keeps pytest from collecting this class.

    test: str  # pytest's node id.
    outcome: Outcome
    seconds: float = 0.0
    cpu_s: float = 0.0
    failure: Failure | None = None

    @property
    def green(self) -> bool:
        """True unless the test failed, errored, timed out or took its process down."""
        return self.outcome in GREEN

    @property
    def behaviour(self) -> str:
        """A hash equal for results that failed (or passed) in the same way at the same place.

        Addresses and temporary paths, which differ from run to run, do not count, nor where in its loop a test was
        that did not end.
        """
        if self.failure is None or self.outcome == "timeout":
            return self.outcome
        place = [f"{one.path}:{one.function}" for one in self.failure.frames[-1:]]
        message = _PASSING_DETAIL.sub("*", self.failure.message)
        key = "\0".join([self.outcome, self.failure.exception, message, *place])
        return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class RunResult:
    """The verdicts of one run, in the order in which the tests ran."""

    tests: Mapping[str, TestResult]
    ended: Ended
    route: Route = "none"
    seconds: float = 0.0
    cpu_s: float = 0.0
    problem: str = ""  # Why the run ended otherwise than "finished" or "stopped", for people.

    @property
    def green(self) -> bool:
        """True when the run finished and every test in it is green."""
        return self.ended == "finished" and all(one.green for one in self.tests.values())


@dataclass(frozen=True, slots=True)
class CollectedTest:
    """A test that pytest found; `line` is 1-based."""

    test: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class CollectionError:
    """A file that pytest could not collect."""

    path: str
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Containment:
    """What holds the run in. `level` sums up the rest; `missing` are sentences for people."""

    level: Literal["full", "strong", "basic", "none"]
    filesystem: Literal["overlay", "copy", "open"] = "open"
    network: Literal["none", "loopback", "open"] = "open"
    processes: Literal["namespace", "subreaper", "group"] = "group"
    signals: bool = False  # True when signals to processes outside are impossible.
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """What is known once the runner is warm."""

    tests: tuple[CollectedTest, ...]
    errors: tuple[CollectionError, ...]
    containment: Containment
    python: str  # "3.12.1".
    pytest: str  # "9.2.0".
    rootdir: str
    seconds: float = 0.0
    notes: tuple[str, ...] = ()  # What the user may want to know (plug-ins kept out, ...).
    executed: frozenset[tuple[str, int]] = frozenset()  # (path, first line) of functions that ran meanwhile.


@dataclass(frozen=True, slots=True)
class Spectra:
    """Which lines each test executed: {test: {path: lines}}; lines are empty where only functions were asked for.

    `functions` maps each test to the (path, first line) of every function it entered. Module-level lines that ran at
    import are not part of it, nor what happens in the other processes that the tests in `processes` started.
    """

    result: RunResult
    lines: Mapping[str, Mapping[str, frozenset[int]]] = field(default_factory=dict)
    functions: Mapping[str, frozenset[tuple[str, int]]] = field(default_factory=dict)
    processes: frozenset[str] = frozenset()
