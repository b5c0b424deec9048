"""What is known of a project's tests at one moment: plain, immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from tracemend.repair.runner.results import CollectedTest, CollectionError, Containment, TestResult

Phase = Literal["starting", "idle", "running", "paused", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class LiveResult:
    """The last verdict on one test."""

    result: TestResult
    fresh: bool  # True while nothing that the test executed has changed since.
    run: int = 0  # The number of the run it comes from; 0 where an earlier session ran it.
    flaky: str = ""  # How its verdicts differed on equal code, a sentence; empty where they did not.
    ignored: bool = False  # The user asked to ignore it as flaky.

    @property
    def failing(self) -> bool:
        """True where the test is known to be red now and nobody asked to ignore it."""
        return self.fresh and not self.result.green and not self.ignored


@dataclass(frozen=True, slots=True)
class LiveState:
    """All that is known, at one moment."""

    phase: Phase = "starting"
    message: str = ""  # Why the phase is "failed" or "stopped", or what is being waited for.
    results: Mapping[str, LiveResult] = field(default_factory=lambda: MappingProxyType({}))  # By node id.
    tests: tuple[CollectedTest, ...] = ()  # As last collected; empty until then.
    errors: tuple[CollectionError, ...] = ()  # Files that cannot be collected now.
    running: frozenset[str] = frozenset()  # Tests of the run in progress that have no verdict yet.
    run: int = 0  # The number of the latest run.
    containment: Containment | None = None
    python: str = ""  # "3.12.1".

    @property
    def failing(self) -> tuple[LiveResult, ...]:
        """The tests known to be red now, in no particular order."""
        return tuple(one for one in self.results.values() if one.failing)
