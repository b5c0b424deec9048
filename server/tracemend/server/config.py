"""Settings of a project: the table `[tool.tracemend]` of its pyproject.toml.

Every key is one row of `KEYS`, which also makes the message for a bad value. All bad values are reported at once, and
an unknown key is an error with a suggestion, for a misspelt setting that is silently ignored costs an afternoon.
What the command line says goes before what stands here.
"""

from __future__ import annotations

import difflib
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.repair.runner.settings import NetworkMode, SandboxMode

SANDBOX_MODES = ("require", "auto", "off")
NETWORK_MODES = ("none", "loopback", "open")


@dataclass(frozen=True, slots=True)
class Config:
    """The project's settings; `None` stands for "not said"."""

    python: str | None = None
    pytest_args: tuple[str, ...] = ()
    max_time_s: float | None = None
    budget_s: float | None = None
    jobs: int | None = None
    max_patches: int | None = None
    sandbox: SandboxMode | None = None
    network: NetworkMode | None = None
    exclude: tuple[str, ...] = ()
    allow_paths: tuple[str, ...] = ()  # Absolute, once loaded.
    startup_time_s: float | None = None


class BadValue(ValueError):
    """A value is not what its key takes; the message says what it takes."""


def load_config(root: Path) -> Config:
    """Return the settings of the project at `root`, the defaults where it has none.

    Raises `EnvironmentProblem` that lists everything that is wrong with them.
    """
    path = root / "pyproject.toml"
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"{path} cannot be read: {error}.", "Correct it; pytest reads its settings there too."
        ) from error
    tools = content.get("tool", {})
    return parse_config(tools.get("tracemend", {}) if isinstance(tools, dict) else {}, path, root)


def parse_config(table: Any, path: Path, root: Path) -> Config:
    """Return the settings that `table` holds. `path` is named in messages, paths in it are relative to `root`."""
    if not isinstance(table, Mapping):
        raise EnvironmentProblem(f"{path}: tool.tracemend is not a table.", "Write it as [tool.tracemend].")
    values: dict[str, Any] = {}
    problems = []
    for key, value in table.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            problems.append(f"there is no key {key!r}{f'; did you mean {near[0]!r}?' if near else ''}")
            continue
        name, convert = KEYS[key]
        try:
            values[name] = convert(value)
        except BadValue as error:
            problems.append(f"{key} takes {error}, not {value!r}")
    if problems:
        raise EnvironmentProblem(
            f"{path}, [tool.tracemend]: {'; '.join(problems)}.", f"The keys are {', '.join(KEYS)}."
        )
    if values.get("python") and (root / values["python"]).exists():
        values["python"] = str(root / values["python"])
    allowed = tuple(_allowed_path(one, path, root) for one in values.pop("allow_paths", ()))
    return Config(**values, allow_paths=allowed)


def _allowed_path(written: str, path: Path, root: Path) -> str:
    """Return the absolute path of a directory or file outside the project, which runs may write to."""
    allowed = (root / Path(written).expanduser()).resolve()
    if not allowed.exists():
        raise EnvironmentProblem(
            f"{path}, [tool.tracemend]: allow-paths names {written!r}, which is not there.",
            "Create it first, or take it from the list.",
        )
    if allowed.is_relative_to(root) or root.is_relative_to(allowed):
        raise EnvironmentProblem(
            f"{path}, [tool.tracemend]: allow-paths names {written!r}, and the project is no place outside itself.",
            "Tests may write into the project as it is: what they write is thrown away with the view they ran in.",
        )
    return str(allowed)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadValue("a text")
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise BadValue("a positive number of seconds")
    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadValue("a whole number from 1 on")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadValue("a list of texts")
    return tuple(value)


def _arguments(value: Any) -> tuple[str, ...]:
    """Take a list, or one text that is split as a shell would, as pytest does with its own `addopts`."""
    if not isinstance(value, str):
        return _texts(value)
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise BadValue("arguments with balanced quotes") from error


def _one_of(*choices: str) -> Callable[[Any], str]:
    def convert(value: Any) -> str:
        if value not in choices:
            raise BadValue(f"one of {', '.join(choices)}")
        return str(value)

    return convert


KEYS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "python": ("python", _text),
    "pytest-args": ("pytest_args", _arguments),
    "max-time": ("max_time_s", _seconds),
    "budget": ("budget_s", _seconds),
    "jobs": ("jobs", _count),
    "max-patches": ("max_patches", _count),
    "sandbox": ("sandbox", _one_of(*SANDBOX_MODES)),
    "network": ("network", _one_of(*NETWORK_MODES)),
    "exclude": ("exclude", _texts),
    "allow-paths": ("allow_paths", _texts),
    "startup-time": ("startup_time_s", _seconds),
}
