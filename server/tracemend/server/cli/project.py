"""From the command line's words to a project and the settings of its runner, as several commands need them.

What the command line says goes before `[tool.tracemend]`, and that before the defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tracemend.repair.runner.environment import (
    EnvironmentProblem,
    Interpreter,
    Root,
    find_interpreter,
    find_root,
)
from tracemend.repair.runner.settings import Project, RunnerSettings, SandboxMode
from tracemend.server.config import Config, load_config
from tracemend.server.consent import loosening_notice

from .errors import say


@dataclass(frozen=True, slots=True)
class Setting:
    """A project, and how it is run."""

    root: Root
    interpreter: Interpreter
    config: Config
    project: Project
    runner: RunnerSettings


def find_setting(names: Sequence[str], *, python: str | None, sandbox: SandboxMode | None) -> Setting:
    """Return the project that `names` belong to, seen from the working directory.

    Raises `EnvironmentProblem`.
    """
    root = find_root(names, cwd=Path.cwd())
    config = load_config(root.path)
    notice = loosening_notice(config, sandbox)
    if notice is not None:
        say(notice)
    interpreter = find_interpreter(root.path, config.choice(python))
    return Setting(
        root,
        interpreter,
        config,
        Project(root.path, interpreter.path, root.selection, config.pytest_args),
        runner_settings(config, sandbox),
    )


def no_tests(setting: Setting) -> EnvironmentProblem:
    """Return what to raise where pytest finds nothing to run."""
    return EnvironmentProblem(
        f"pytest finds no tests in {', '.join(setting.root.selection) or setting.root.path}.",
        "Name the tests' directory, or set testpaths in pytest's configuration.",
    )


def runner_settings(config: Config, sandbox: SandboxMode | None = None) -> RunnerSettings:
    """Return how to run: the command line's `sandbox`, else the configuration, else the default."""
    defaults = RunnerSettings()
    return RunnerSettings(
        sandbox=sandbox or config.sandbox or defaults.sandbox,
        network=config.network or defaults.network,
        startup_s=config.startup_time_s or defaults.startup_s,
        extra_writable=config.allow_paths,
    )
