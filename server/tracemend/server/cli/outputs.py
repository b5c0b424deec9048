"""Files that a command was asked to write: looked at before any time is spent, and told in words if they fail."""

from __future__ import annotations

import os
from pathlib import Path

from tracemend.repair.runner.environment import EnvironmentProblem

STDOUT = "-"


def check_writable(*targets: str | Path | None) -> None:
    """Raise `EnvironmentProblem` for a file that cannot be written; None and stdout always can."""
    for target in targets:
        if target is None or target == STDOUT:
            continue
        path = Path(target).absolute()
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise EnvironmentProblem(
                f"{target} cannot be written.",
                "Name a file in a directory that exists and is yours to write to.",
            )
