"""What is asked of a runner: the project, the limits, the containment policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

SandboxMode = Literal["require", "auto", "off"]
NetworkMode = Literal["none", "loopback", "open"]


@dataclass(frozen=True, slots=True)
class Project:
    """A project under repair: its root, the interpreter that runs it, what of it to test."""

    root: Path  # Absolute and resolved.
    python: Path  # The project's interpreter; not resolved, a venv's symlink matters.
    selection: tuple[str, ...] = ()  # Paths or node ids relative to the root; empty means what pytest finds.
    pytest_args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one test, derived from its last green time by `client.limits_for`."""

    wall_s: float = 10.0
    cpu_s: float = 10.0


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """How to run. `force_tier` and `force_spawn` exist so that the fall-backs can be tested anywhere."""

    sandbox: SandboxMode = "auto"
    network: NetworkMode = "loopback"  # "loopback" inside an empty network namespace, else none at all.
    memory_bytes: int = 4 << 30  # RLIMIT_AS of a run.
    max_processes: int = 256
    file_bytes: int = 256 << 20  # Largest file a run may write.
    output_bytes: int = 1 << 20  # Captured output kept of a run.
    startup_s: float = 120.0  # Wall time for starting pytest and collecting.
    default_limits: Limits = Limits()  # Of a test of which no green time is known yet.
    extra_writable: tuple[str, ...] = ()  # Absolute paths outside the project that runs may write to.
    files: Mapping[str, bytes] = field(default_factory=dict)  # Seen in place of the project's own files.
    niceness: int = 0  # Added to the priority of all processes, so that people's own work goes first.
    force_tier: Literal["namespaces", "landlock", "limits"] | None = None
    force_spawn: bool = False
