"""Whether the code of a workspace may run, and telling the user once what will.

Running a project's tests runs its code, and its settings choose interpreter and arguments. Where the client or the user
says that a workspace is not trusted, nothing of it is executed, not even its interpreter. Where nobody says anything it
is trusted, for whoever starts this server on a folder asks it to run tests; but the first time a message tells what
will run, and what holds it in.
"""

from __future__ import annotations

import hashlib
import logging
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from tracemend.repair.runner.sandbox import probe
from tracemend.repair.runner.settings import Project, RunnerSettings

logger = logging.getLogger(__name__)


def said_in_options(initialization_options: Any) -> bool | None:
    """Return what `initializationOptions.trusted` says, None if it says nothing."""
    said = initialization_options.get("trusted") if isinstance(initialization_options, Mapping) else None
    return said if isinstance(said, bool) else None


def is_trusted(by_client: bool | None, by_setting: bool | None) -> bool:
    """Return whether code may run: not if anyone says no."""
    return by_client is not False and by_setting is not False


def first_run_notice(project: Project, settings: RunnerSettings) -> str | None:
    """Return what to tell before code of this project runs for the first time here; None from the second time on."""
    mark = _mark_of(project.root)
    if mark.exists():
        return None
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(f"{project.root}\n", "utf-8", "surrogateescape")
    except OSError as error:
        logger.info("The user will be told again what runs: %s", error.strerror)
    return what_runs(project, settings)


def what_runs(project: Project, settings: RunnerSettings) -> str:
    """Say which command runs in which project, and what holds it in. Starts the project's interpreter once."""
    command = shlex.join([str(project.python), "-m", "pytest", *project.pytest_args, *project.selection])
    return f"saving a file of {project.root} runs its tests with {command}; {_held_in_by(project, settings)}."


def _held_in_by(project: Project, settings: RunnerSettings) -> str:
    if settings.sandbox == "off":
        return "no sandbox holds them in, because the settings switch it off"
    try:
        level = probe(project.python).level
    except (OSError, ValueError):
        return "what holds them in could not be found out"
    return f"the level of their sandbox is {level!r} (see `tracemend doctor`)"


def _mark_of(root: Path) -> Path:
    digest = hashlib.blake2b(str(root).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    return user_state_path("tracemend") / "workspaces" / digest
